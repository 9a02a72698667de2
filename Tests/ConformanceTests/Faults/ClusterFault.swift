import Foundation
import TestSupport
import Testing

/// A way in which a whole cluster goes wrong.
enum ClusterFault: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case refused = "connection refused"
    case blackHole = "black-holed"
    case silence = "slow first byte"
    case drip = "one byte a second"
    case reset = "reset half-way"
    case closed = "closed half-way"
    case truncated = "truncated JSON"
    case otherJSON = "wrong JSON"
    case page = "a login page with 200"
    case internalError = "500"
    case unavailable = "503"
    case tooManyRequests = "429 with Retry-After"
    case refusal = "422"
    case redirect = "a redirect to another host"
    case oversized = "an answer without end"

    var testDescription: String { rawValue }

    /// What the server does instead of answering.
    func steps(instead request: FaultServer.Request) -> [FaultServer.Step]? {
        let half = #"{"status":"success","da"#
        return switch self {
        case .refused, .blackHole: nil
        case .silence: [.silence]
        case .drip: .drip(every: .seconds(1))
        case .reset: .part(of: 1000, body: [UInt8](half.utf8), then: [.reset])
        case .closed: .part(of: 1000, body: [UInt8](half.utf8), then: [.close])
        case .truncated: .answer(text: half)
        case .otherJSON: .answer(text: #"{"hello":"world"}"#)
        case .page:
            .answer(headers: ["Content-Type: text/html"], text: "<html>Please sign in</html>")
        case .internalError: .answer(status: 500, text: "the disk is on fire")
        case .unavailable: .answer(status: 503, text: "no")
        case .tooManyRequests:
            .answer(status: 429, headers: ["Retry-After: 3"], text: "slow down")
        case .refusal:
            .answer(
                status: 422,
                text: #"{"status":"error","errorType":"execution","error":"I dislike it"}"#)
        case .redirect:
            .answer(status: 302, headers: ["Location: http://elsewhere.invalid/login?token=secret"])
        case .oversized: .answer(body: [UInt8](repeating: 0x20, count: 2 << 20))
        }
    }

    /// What is said of it.
    var cause: String {
        switch self {
        case .refused: "cannot be reached"
        case .blackHole: #"longer than .*\(connecting\)"#
        case .silence: #"longer than .*\(waiting for the first byte\)"#
        case .drip: #"longer than .*\(receiving the answer\)"#
        case .reset: "broke off|cannot be reached"
        case .closed: "broke off"
        case .truncated: "ends at byte"
        case .otherJSON: "not of the API's form"
        case .page: "HTTP status 200.*login page.*credentials"
        case .internalError: "HTTP status 500"
        case .unavailable: "HTTP status 503"
        case .tooManyRequests: "HTTP status 429"
        case .refusal: "I dislike it"
        case .redirect: "HTTP status 302, a redirect to http://elsewhere.invalid/login that"
        case .oversized: "larger than"
        }
    }

    /// Whether nothing tells it but the time that passes.
    var isSlow: Bool { [.blackHole, .silence, .drip].contains(self) }
}

/// What is asked: each at a time of its own, or at one that is remembered.
enum FaultQuestion: String, CaseIterable, Sendable {
    case instant, range, labels, series

    /// Long settled, seconds since the Unix epoch.
    private static let begin = 1_700_000_000

    var endpoint: String {
        switch self {
        case .instant: "query"
        case .range: "query_range"
        case .labels, .series: rawValue
        }
    }

    /// `turn` tells questions of one kind apart.
    func parameters(turn: Int) -> [HTTPCall.Parameter] {
        // Another second is another phase of the steps, of which nothing is remembered.
        let time = Self.begin + turn
        return switch self {
        case .instant: [.init("query", "up"), .init("time", "\(time)")]
        case .range:
            [
                .init("query", "up"), .init("start", "\(time)"), .init("end", "\(time + 600)"),
                .init("step", "60"),
            ]
        case .labels: []
        case .series: [.init("match[]", "up")]
        }
    }

    var isRemembered: Bool { self == .instant || self == .range }

    /// The answer's data where these clusters are present, as text that says all of it.
    func expectation(of clusters: [Int], turn: Int) -> String {
        let time = Self.begin + turn
        switch self {
        case .instant:
            return clusters.map { "c\($0) \(time)=\($0)" }.joined(separator: "; ")
        case .range:
            return clusters.map { number in
                "c\(number) "
                    + (0...10).map { "\(time + $0 * 60)=\(number)" }.joined(separator: " ")
            }.joined(separator: "; ")
        case .labels:
            return (["__name__", "cluster", "job"] + clusters.map { "only_\($0)" })
                .joined(separator: "; ")
        case .series:
            return clusters.map { "c\($0) only_\($0)" }.joined(separator: "; ")
        }
    }

    /// The data of an answer in that form.
    func shown(_ answer: HTTPAnswer) -> String {
        let object = try? JSONSerialization.jsonObject(with: answer.body) as? [String: Any]
        switch self {
        case .instant, .range:
            let data = object?["data"] as? [String: Any]
            let series = data?["result"] as? [[String: Any]] ?? []
            return series.map { element in
                let labels = element["metric"] as? [String: String] ?? [:]
                let points = element["values"] as? [[Any]] ?? [element["value"] as? [Any] ?? []]
                return "\(labels["cluster"] ?? "?") "
                    + points.map { point in
                        "\((point.first as? Double).map { Int($0) } ?? -1)=\(point.last ?? "")"
                    }.joined(separator: " ")
            }.sorted().joined(separator: "; ")
        case .labels:
            return (object?["data"] as? [String] ?? []).joined(separator: "; ")
        case .series:
            let all = object?["data"] as? [[String: String]] ?? []
            return all.map { labels in
                let own = labels.keys.filter { $0.hasPrefix("only_") }.sorted()
                return ([labels["cluster"] ?? "?"] + own).joined(separator: " ")
            }.sorted().joined(separator: "; ")
        }
    }
}
