import Foundation
import Synchronization

/// One page of a browser.
package final class BrowserPage: Sendable {
    private let connection: BrowserConnection
    private let session: String
    private let context: BrowserValue
    private let noted = Mutex(BrowserRecord())

    init(connection: BrowserConnection, session: String, context: BrowserValue) {
        self.connection = connection
        self.session = session
        self.context = context
    }

    func begin(_ look: BrowserLook) async throws {
        connection.listen(to: session) { [weak self] event, parameters in
            self?.noted.withLock { $0.note(event, parameters) }
        }
        for domain in ["Page", "Runtime", "Log", "Network"] {
            try await call("\(domain).enable")
        }
        // As if it were the window in front, so that its cursor and its timers are alive.
        try await call("Emulation.setFocusEmulationEnabled", ["enabled": true])
        try await show(look)
    }

    @discardableResult
    func call(
        _ method: String, _ parameters: BrowserValue = [:], within seconds: Int = 120
    ) async throws -> BrowserValue {
        try await connection.call(
            method, parameters, session: session, within: .seconds(seconds))
    }

    /// What it has complained of and fetched since `forget`.
    package var record: BrowserRecord { noted.withLock { $0 } }

    /// Forgets what it has complained of and fetched.
    package func forget() { noted.withLock { $0 = BrowserRecord() } }

    /// What it has complained of once some of it says `text`; what it has until then where that does
    /// not come: what the network tells comes when it comes.
    package func complaints(until text: String) async throws -> [String] {
        let deadline = ContinuousClock.now + .seconds(60)
        while !record.complaints.contains(where: { $0.contains(text) }),
            ContinuousClock.now < deadline
        {
            try await Task.sleep(for: .milliseconds(20))
        }
        return record.complaints
    }

    /// Closes it, and forgets what it had stored.
    package func close() async throws {
        _ = try await connection.call(
            "Target.disposeBrowserContext", ["browserContextId": context])
    }

    // MARK: Looking

    /// Sets the window's size and the colours that its user prefers. Nothing moves needlessly.
    package func show(_ look: BrowserLook) async throws {
        try await call(
            "Emulation.setDeviceMetricsOverride",
            [
                "width": .number(Double(look.width)), "height": .number(Double(look.height)),
                "deviceScaleFactor": 1, "mobile": .boolean(look.isPhone),
            ])
        try await call("Emulation.setTouchEmulationEnabled", ["enabled": .boolean(look.isPhone)])
        try await call(
            "Emulation.setEmulatedMedia",
            [
                "features": [
                    ["name": "prefers-color-scheme", "value": look.isDark ? "dark" : "light"],
                    ["name": "prefers-reduced-motion", "value": "reduce"],
                ]
            ])
    }

    /// Goes to an address, and waits until the document and its scripts are loaded.
    package func open(_ address: String) async throws {
        let answer = try await call("Page.navigate", ["url": .text(address)])
        if let problem = answer["errorText"].text {
            throw ProcessFailure("\(address): \(problem)")
        }
        try await wait(until: "document.readyState === 'complete'")
    }

    /// The value of an expression, a promise's included; throws what it throws.
    @discardableResult
    package func evaluate(
        _ expression: String, within seconds: Int = 120
    ) async throws -> BrowserValue {
        let answer = try await call(
            "Runtime.evaluate",
            [
                "expression": .text(expression), "awaitPromise": true, "returnByValue": true,
                "userGesture": true,
            ], within: seconds)
        if case .object = answer["exceptionDetails"] {
            throw ProcessFailure(BrowserRecord.sentence(of: answer["exceptionDetails"]))
        }
        return answer["result"]["value"]
    }

    /// Waits in the page until an expression is true: it is looked at whenever the document
    /// changes, and every now and then for what is no part of it. Gives its value.
    @discardableResult
    package func wait(
        until expression: String, within seconds: Int = 120
    ) async throws -> BrowserValue {
        let waiting = """
            new Promise((resolve, reject) => {
                let last = 'it is false';
                const look = () => {
                    let value;
                    try { value = (\(expression)); } catch (error) { last = String(error); }
                    if (value) end(() => resolve(value));
                };
                const end = (finish) => {
                    observer.disconnect(); clearInterval(timer); clearTimeout(limit); finish();
                };
                const observer = new MutationObserver(look);
                const timer = setInterval(look, 50);
                const limit = setTimeout(() => end(() => reject(new Error(last))),
                    \(seconds * 1000));
                observer.observe(document, {
                    subtree: true, childList: true, attributes: true, characterData: true});
                look();
            })
            """
        var attempts = 0
        while true {
            do {
                return try await evaluate(waiting, within: seconds + 60)
            } catch {
                // Another document has come in between; it is the one that was meant.
                attempts += 1
                if attempts < 5, "\(error)".contains("context was destroyed") { continue }
                let text =
                    (try? await evaluate("document.body.innerText.slice(0, 1500)").text) ?? ""
                throw ProcessFailure(
                    "not so after \(seconds) s: \(expression): \(error)\n"
                        + record.complaints.joined(separator: "\n") + "\nThe page says: \(text)")
            }
        }
    }

    /// Milliseconds from going to the page until something of it was drawn.
    package func firstPicture() async throws -> Double {
        let time = try await evaluate(
            """
            new Promise((resolve, reject) => {
                const take = (entries) => {
                    const entry = entries.find((one) => one.name === 'first-contentful-paint');
                    if (entry) resolve(entry.startTime);
                };
                new PerformanceObserver((list) => take(list.getEntries()))
                    .observe({type: 'paint', buffered: true});
                setTimeout(() => reject(new Error('nothing was drawn')), 60000);
            })
            """)
        guard let milliseconds = time.number else { throw ProcessFailure("no time of a picture") }
        return milliseconds
    }

    /// Draws the page into a PNG file in the folder that `ISTHMUS_SCREENSHOTS` names, if it does.
    package func screenshot(_ name: String) async throws {
        guard let folder = ProcessInfo.processInfo.environment["ISTHMUS_SCREENSHOTS"] else {
            return
        }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        try await picture().write(to: URL(fileURLWithPath: "\(folder)/\(name).png"))
    }

    /// The page as a PNG file's bytes.
    package func picture() async throws -> Data {
        let answer = try await call("Page.captureScreenshot", ["format": "png"])
        guard let text = answer["data"].text, let picture = Data(base64Encoded: text) else {
            throw ProcessFailure("no picture of the page")
        }
        return picture
    }
}
