import Foundation
import Glibc
import TestSupport
import Testing

extension Dashboard {
    /// That the browser tells of a page what is so, and of a bad page what is bad.
    @Suite("The browser", .enabled(if: Browser.isInstalled, Comment(rawValue: Browser.absence)))
    struct BrowserTests {
        private static let policy =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'"

        /// A server of one page with one script.
        private static func server(_ body: String, script: String) throws -> ScriptedServer {
            try ScriptedServer { request in
                switch request.path {
                case "/":
                    .answer(
                        status: 200, type: "text/html",
                        body: """
                            <!doctype html><meta charset="utf-8">
                            <meta http-equiv="Content-Security-Policy" content="\(policy)">
                            <meta name="viewport" content="width=device-width">
                            <link rel="icon" href="data:,"><title>One</title>\(body)
                            <script src="script.js"></script>
                            """)
                case "/script.js": .answer(status: 200, type: "text/javascript", body: script)
                default: .answer(status: 404, type: "text/plain", body: "no")
                }
            }
        }

        @Test func aPageIsReadTypedIntoAndClicked() async throws {
            let browser = try await DashboardBrowser.shared.browser()
            let server = try Self.server(
                "<p>Hello</p><input><button>Say</button><output></output>",
                script: """
                    document.querySelector('button').addEventListener('click', () => {
                        setTimeout(() => document.querySelector('output').textContent =
                            document.querySelector('input').value, 30);
                    });
                    """)
            let page = try await browser.page()
            try await page.open(server.address)
            #expect(try await page.evaluate("document.title") == "One")
            #expect(
                try await page.evaluate("Promise.resolve([1, null, {a: true}])")
                    == [1, .null, ["a": true]])
            #expect(
                try await page.press(
                    .tab, until: "document.activeElement.matches('input')", atMost: 3))
            try await page.type("ÄB c")
            try await page.click("button")
            try await page.wait(until: "document.querySelector('output').textContent === 'ÄB c'")
            try await page.press(.backTab)
            #expect(try await page.evaluate("document.activeElement.localName") == "input")
            #expect(page.record.complaints == [])
            #expect(page.record.weight() > 0)
            #expect(try await page.firstPicture() > 0)
            try await page.close()
            server.end()
        }

        @Test func aPageHasTheSizeAndTheColoursThatWereAskedFor() async throws {
            let browser = try await DashboardBrowser.shared.browser()
            let server = try Self.server("<p>Hello</p>", script: "")
            let page = try await browser.page(.phone.dark)
            try await page.open(server.address)
            let look = """
                [innerWidth, innerHeight, matchMedia('(prefers-color-scheme: dark)').matches]
                """
            #expect(try await page.evaluate(look) == [390, 844, true])
            try await page.show(.desktop)
            #expect(try await page.evaluate(look) == [1280, 800, false])
            let picture = try await page.picture()
            #expect(picture.starts(with: [0x89, 0x50, 0x4e, 0x47]))
            try await page.close()
            server.end()
        }

        @Test(arguments: [
            ("console.error('alas', 1)", "console: alas 1"),
            ("nowhere.at.all", "exception: ReferenceError: nowhere is not defined"),
            ("Promise.reject(new Error('unheard'))", "exception: Error: unheard"),
            ("fetch('missing')", "404"),
            ("eval('1')", "Content Security Policy"),
            ("document.body.setAttribute('style', 'color: red')", "Content Security Policy"),
            ("fetch('http://127.0.0.1:9/').catch(() => {})", "Content Security Policy"),
        ])
        func whatIsWrongWithAPageIsNoticed(_ script: String, _ complaint: String) async throws {
            let browser = try await DashboardBrowser.shared.browser()
            let server = try Self.server(
                "<p></p>", script: "addEventListener('load', () => {\(script)});")
            let page = try await browser.page()
            try await page.open(server.address)
            let complaints = try await page.complaints(until: complaint)
            #expect(complaints.contains { $0.contains(complaint) }, "\(complaints)")
            try await page.close()
            server.end()
        }

        @Test func whatNeverComesTrueIsAFailureThatSaysWhatThePageShows() async throws {
            let browser = try await DashboardBrowser.shared.browser()
            let page = try await browser.page()
            try await page.open("data:text/html,<p>Only this.")
            await #expect {
                try await page.wait(until: "document.querySelector('b')", within: 1)
            } throws: {
                "\($0)".contains("Only this.")
            }
            await #expect(throws: ProcessFailure.self) { try await page.evaluate("throw 1") }
            try await page.close()
        }

        @Test func nothingIsLeftOfABrowserThatIsEnded() async throws {
            let browser = try await Browser()
            let page = try await browser.page()
            try await page.open("data:text/html,<p>Hello")
            let group = browser.process.identifier
            #expect(Self.members(of: group).count > 2)
            await browser.end()
            // The kernel has killed the others too; it takes a moment to bury them.
            let deadline = ContinuousClock.now + .seconds(120)
            while !Self.members(of: group).isEmpty, ContinuousClock.now < deadline {
                await Task.yield()
            }
            #expect(Self.members(of: group) == [])
            await #expect(throws: ProcessFailure.self) { try await page.evaluate("1") }
        }

        /// The processes of a group that are not dead.
        private static func members(of group: pid_t) -> [String] {
            let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            return processes.filter { name in
                guard pid_t(name) != nil,
                    let status = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8)
                else { return false }
                // After the name in parentheses: the state, the parent, the group.
                let fields = status.split(separator: ")").last?.split(separator: " ") ?? []
                return fields.count > 2 && fields[0] != "Z" && pid_t(fields[2]) == group
            }
        }
    }
}
