import Foundation

/// What a page has complained of and what it has fetched.
package struct BrowserRecord: Sendable {
    /// Console errors, exceptions, violations of the content security policy and requests that
    /// failed, in their order.
    package private(set) var complaints: [String] = []
    package private(set) var requests: [String: Request] = [:]

    package struct Request: Sendable {
        package var url: String
        /// Document, Script, Stylesheet, Fetch and so on.
        package var kind = ""
        package var status = 0
        /// Bytes on the wire, headers and body as they were compressed.
        package var bytes = 0.0
        package var isDone = false
    }

    package init() {}

    /// Bytes of what was fetched of some kinds, or of all.
    package func weight(_ kinds: String...) -> Int {
        Int(
            requests.values.filter { kinds.isEmpty || kinds.contains($0.kind) }
                .reduce(0) { $0 + $1.bytes })
    }

    package mutating func note(_ event: String, _ parameters: BrowserValue) {
        switch event {
        case "Runtime.consoleAPICalled":
            guard parameters["type"] == "error" || parameters["type"] == "assert" else { return }
            let words = parameters["args"].list.map { argument in
                argument["description"].text ?? argument["value"].text
                    ?? argument["value"].written
            }
            complaints.append("console: \(words.joined(separator: " "))")
        case "Runtime.exceptionThrown":
            complaints.append(
                "exception: \(Self.sentence(of: parameters["exceptionDetails"]))")
        case "Log.entryAdded":
            // This is where a violated policy shows, and an answer that is an error.
            let entry = parameters["entry"]
            guard entry["level"] == "error" else { return }
            complaints.append(
                [entry["source"].text, entry["text"].text, entry["url"].text]
                    .compactMap { $0 }.joined(separator: ": "))
        default: noteRequest(event, parameters)
        }
    }

    private mutating func noteRequest(_ event: String, _ parameters: BrowserValue) {
        guard let id = parameters["requestId"].text else { return }
        switch event {
        case "Network.requestWillBeSent":
            let url = parameters["request"]["url"].text ?? ""
            requests[id] = Request(url: url, kind: parameters["type"].text ?? "")
        case "Network.responseReceived":
            requests[id]?.status = Int(parameters["response"]["status"].number ?? 0)
        case "Network.loadingFinished":
            requests[id]?.bytes = parameters["encodedDataLength"].number ?? 0
            requests[id]?.isDone = true
        case "Network.loadingFailed":
            requests[id]?.isDone = true
            // What the page itself no longer wants has not failed.
            guard parameters["canceled"].boolean != true else { return }
            let url = requests[id]?.url ?? id
            complaints.append("request: \(url): \(parameters["errorText"].text ?? "failed")")
        default: return
        }
    }

    static func sentence(of details: BrowserValue) -> String {
        let exception = details["exception"]
        return exception["description"].text ?? exception["value"].text
            ?? details["text"].text ?? "unknown"
    }
}
