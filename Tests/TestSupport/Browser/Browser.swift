// The first file to read of the browser: headless Chromium, driven over the DevTools protocol
// through a socket that it has as its file descriptors 3 and 4. It knows nothing of our page.

import Foundation
import Glibc

/// Debian's Chromium without a window. It reaches no host but this one.
package final class Browser: Sendable {
    package let process: ChildProcess
    let connection: BrowserConnection
    private let directory: TemporaryDirectory

    /// Tests that need it say so by `.enabled(if: Browser.isInstalled, Browser.absence)`.
    package static var isInstalled: Bool { ChildProcess.located("chromium") != nil }

    package static let absence = "chromium is not installed, so no page was looked at."

    private static let flags = [
        "--headless=new", "--remote-debugging-pipe", "--disable-gpu", "--disable-dev-shm-usage",
        "--no-first-run", "--no-default-browser-check", "--no-proxy-server", "--mute-audio",
        "--hide-scrollbars", "--force-color-profile=srgb", "--disable-extensions",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-breakpad", "--disable-crash-reporter", "--password-store=basic",
        // A page in the background is as quick as one in front.
        "--disable-background-timer-throttling", "--disable-renderer-backgrounding",
        "--disable-backgrounding-occluded-windows",
        // A page that asks for another host fails, wherever the tests run.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    ]

    package init() async throws {
        let directory = try TemporaryDirectory("browser")
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw ProcessFailure("no sockets: error \(errno)")
        }
        // Chromium's sandbox refuses to work for root, and in containers for others too. Nothing is
        // looked at but pages of this host.
        let sandbox = ["--no-sandbox"]
        // It wants to write where its user is at home, which a user of containers may not.
        let home = ProcessInfo.processInfo.environment["HOME"] ?? ""
        let isHomeless = home.isEmpty || access(home, W_OK) != 0
        let theirs = ends[1]
        defer { close(theirs) }
        do {
            process = try ChildProcess(
                "chromium", executable: "chromium",
                arguments: Self.flags + sandbox + [
                    "--user-data-dir=\(directory.file("profile"))", "about:blank",
                ],
                environment: isHomeless ? ["HOME": directory.path] : [:],
                outputPath: directory.file("chromium.log"),
                connection: (socket: theirs, numbers: [3, 4]))
        } catch {
            close(ends[0])
            throw error
        }
        connection = BrowserConnection(socket: ends[0])
        self.directory = directory
        do {
            _ = try await connection.call("Browser.getVersion", within: .seconds(180))
        } catch {
            let log = process.logTail()
            await end()
            throw ProcessFailure("\(error)\n\(log)")
        }
    }

    /// A test that fails half-way leaves nothing behind either.
    deinit {
        process.killAll()
        connection.end()
    }

    /// Kills it with all its processes, waits until it is gone, and removes its files.
    package func end() async {
        await process.end()
        connection.end()
        directory.remove()
    }

    /// A page of its own, with nothing remembered of other pages.
    package func page(_ look: BrowserLook = .desktop) async throws -> BrowserPage {
        let context = try await connection.call("Target.createBrowserContext")
        let target = try await connection.call(
            "Target.createTarget",
            ["url": "about:blank", "browserContextId": context["browserContextId"]])
        let session = try await connection.call(
            "Target.attachToTarget", ["targetId": target["targetId"], "flatten": true])
        guard let name = session["sessionId"].text else {
            throw ProcessFailure("a page without a session")
        }
        let page = BrowserPage(
            connection: connection, session: name, context: context["browserContextId"])
        try await page.begin(look)
        return page
    }
}

/// How large a page's window is, and in which colours.
package struct BrowserLook: Sendable, CustomStringConvertible {
    package var width: Int
    package var height: Int
    package var isDark = false

    package init(width: Int, height: Int, isDark: Bool = false) {
        self.width = width
        self.height = height
        self.isDark = isDark
    }

    package static let desktop = BrowserLook(width: 1280, height: 800)
    package static let phone = BrowserLook(width: 390, height: 844)

    package var dark: BrowserLook { BrowserLook(width: width, height: height, isDark: true) }

    var isPhone: Bool { width < 600 }

    package var description: String { "\(width)x\(height)-\(isDark ? "dark" : "light")" }
}
