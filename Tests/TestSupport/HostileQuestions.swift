/// Questions of somebody who wants to see clusters that are none of his business: regular expressions,
/// set operators, labels that are set, renamed and joined, absences, and metadata.
package struct HostileQuestions: Sendable {
    private var generator: SeededGenerator
    /// Names and other values of external labels that are to be got at.
    private let wanted: [String]

    package enum Question: Hashable, Sendable {
        case query(String)
        case range(String)
        case explain(String)
        case series([String])
        case labels([String])
        case values(String, [String])
        case metadata(String?)

        /// All that whoever asks knows already.
        package var text: String { "\(self)" }
    }

    package init(seed: UInt64, wanted: [String]) {
        generator = SeededGenerator(seed: seed)
        self.wanted = wanted
    }

    package mutating func next() -> Question {
        switch Int.random(in: 0..<20, using: &generator) {
        case 0..<11: .query(expression(depth: 3))
        case 11..<14: .range(expression(depth: 2))
        case 14: .explain(expression(depth: 2))
        case 15: .series(selectors(atLeast: 1))
        case 16: .labels(selectors(atLeast: 0))
        case 17, 18: .values(one(of: Self.labels), selectors(atLeast: 0))
        default: .metadata(Bool.random(using: &generator) ? one(of: Self.metrics) : nil)
        }
    }

    // MARK: Pieces

    private static let metrics = [
        "up", "secrets", "ALERTS", "ALERTS_FOR_STATE", "isthmus:total", "isthmus_cluster_up",
        "mesh_certificate_expiry_timestamp_seconds", "mesh_config_issues", "none",
    ]
    private static let labels = [
        "cluster", "exported_cluster", "exported_exported_cluster", "region", "job", "secret",
        "__name__", "instance", "alertname",
    ]
    private static let patterns = [
        ".*", ".+", "", "(?i)US-1", "eu-1|us-1", "[^e].*", "(us|ap)-[0-9]", "us.?1", "^us-1$",
        ".*-1", "(|us-1)", "e?u?s?-1", "[[:alpha:]]+-1", "(?s).*", "us-1|", ".{4}",
    ]

    private mutating func one<Element>(of list: [Element]) -> Element {
        list[Int.random(in: list.indices, using: &generator)]
    }

    private mutating func selectors(atLeast least: Int) -> [String] {
        (0..<Int.random(in: least...2, using: &generator)).map { _ in selector() }
    }

    private mutating func selector() -> String {
        let matchers = (0..<Int.random(in: 0...3, using: &generator)).map { _ in matcher() }
        let list = matchers.joined(separator: ",")
        if Int.random(in: 0..<4, using: &generator) > 0 {
            let metric = one(of: Self.metrics)
            return list.isEmpty ? metric : "\(metric){\(list)}"
        }
        return #"{__name__=~".+"\#(list.isEmpty ? "" : ",")\#(list)}"#
    }

    private mutating func matcher() -> String {
        let label = one(of: Self.labels)
        let mark = one(of: ["=", "!=", "=~", "!~"])
        let value =
            Bool.random(using: &generator) ? one(of: wanted) : one(of: Self.patterns)
        return #"\#(label)\#(mark)"\#(value)""#
    }

    private mutating func expression(depth: Int) -> String {
        if depth == 0 { return selector() }
        let (one, other) = (expression(depth: depth - 1), expression(depth: depth - 1))
        let (label, second) = (self.one(of: Self.labels), self.one(of: Self.labels))
        let value = self.one(of: wanted)
        switch Int.random(in: 0..<24, using: &generator) {
        case 0, 1: return selector()
        case 2: return "(\(one)) or (\(other))"
        case 3: return "(\(one)) unless on (\(label)) (\(other))"
        case 4: return "(\(one)) and ignoring (\(label)) (\(other))"
        case 5: return #"label_replace(\#(one), "\#(label)", "\#(value)", "\#(second)", ".*")"#
        case 6: return #"label_replace(\#(one), "\#(label)", "$1", "\#(second)", "(.*)")"#
        case 7: return #"label_join(\#(one), "\#(label)", "-", "cluster", "\#(second)")"#
        case 8: return "absent(\(selector()))"
        case 9: return "absent_over_time(\(selector())[5m])"
        case 10: return #"count_values("\#(label)", \#(one))"#
        case 11: return "sum by (\(label), \(second)) (\(one))"
        case 12: return "count without (\(label)) (\(one))"
        case 13: return "topk(3, \(one))"
        case 14: return "sum(rate(\(selector())[5m])) by (\(label))"
        case 15: return "\(selector()) offset 5m"
        case 16: return "max_over_time((\(one))[10m:1m])"
        case 17: return "(\(one)) * on (\(label)) group_left (\(second)) (\(other))"
        case 18: return "scalar(\(one)) + (\(other))"
        case 19: return "(\(one)) > bool scalar(count(\(selector())))"
        case 20: return "last_over_time(\(selector())[1h] @ 900)"
        case 21: return "group by (\(label)) (\(selector()))"
        case 22: return "quantile by (\(label)) (0.9, \(one))"
        default: return "sort_desc(\(one)) == ignoring (\(label)) group_right (\(other))"
        }
    }
}
