import Clusters
import Rules
import TimeSeries

/// Reads files of unit tests, and finds all that is wrong with them.
public struct RuleTestReader {
    private var document: DocumentReader

    private init(file: String) { document = DocumentReader(file: file) }

    public static func read(
        _ root: ConfigurationNode, file: String
    ) -> (file: RuleTestFile, mistakes: [RuleMistake]) {
        var reader = RuleTestReader(file: file)
        let result = reader.file(root)
        return (result, reader.document.mistakes)
    }

    private mutating func file(_ root: ConfigurationNode) -> RuleTestFile {
        let fields = document.fields(
            of: root, type: "main.unitTestFile",
            known: [
                "rule_files", "evaluation_interval", "group_eval_order", "tests", "fuzzy_compare",
            ])
        let evaluationInterval = document.duration(of: fields["evaluation_interval"]) ?? 0
        var result = RuleTestFile(
            file: document.file, ruleFiles: texts(fields["rule_files"]),
            evaluationInterval: evaluationInterval == 0 ? 60_000 : evaluationInterval,
            groupOrder: texts(fields["group_eval_order"]),
            isFuzzy: document.flag(of: fields["fuzzy_compare"]), tests: [])
        for (place, name) in result.groupOrder.enumerated()
        where result.groupOrder[..<place].contains(name) {
            document.refuse(
                "group name repeated in evaluation order: \(name)",
                at: fields["group_eval_order"]?.place)
        }
        for node in document.elements(of: fields["tests"], type: "main.testGroup") {
            result.tests.append(test(node, result.evaluationInterval))
        }
        return result
    }

    private mutating func texts(_ node: ConfigurationNode?) -> [String] {
        var result: [String] = []
        for element in document.elements(of: node, type: "string") {
            result.append(document.text(of: element))
        }
        return result
    }

    private mutating func test(
        _ node: ConfigurationNode, _ evaluationInterval: Int64
    ) -> RuleTest {
        let fields = document.fields(
            of: node, type: "main.testGroup",
            known: [
                "interval", "input_series", "alert_rule_test", "promql_expr_test",
                "external_labels", "external_url", "name", "start_timestamp",
                "unreachable_clusters", "policies",
            ])
        let interval = document.duration(of: fields["interval"]) ?? 0
        var test = RuleTest(
            name: document.text(of: fields["name"]),
            interval: interval == 0 ? evaluationInterval : interval, series: [], alertTests: [],
            queryTests: [],
            externalLabels: Labels(
                document.texts(of: fields["external_labels"]).map { ($0.text.name, $0.text.text) }),
            externalURL: document.text(of: fields["external_url"]),
            start: start(fields["start_timestamp"]), outages: [], policies: RulePolicies())
        for node in document.elements(of: fields["input_series"], type: "main.series") {
            if let series = series(node) { test.series.append(series) }
        }
        for node in document.elements(of: fields["alert_rule_test"], type: "main.alertTestCase") {
            test.alertTests.append(alertTest(node, test.name))
        }
        for node in document.elements(of: fields["promql_expr_test"], type: "main.promqlTestCase") {
            test.queryTests.append(queryTest(node))
        }
        for node in document.elements(of: fields["unreachable_clusters"], type: "outage") {
            test.outages.append(outage(node))
        }
        test.policies = RulePolicyReader.read(fields["policies"], &document)
        return test
    }

    private mutating func series(_ node: ConfigurationNode) -> SeriesDescription? {
        let fields = document.fields(
            of: node, type: "main.series", known: ["series", "values"])
        let line =
            document.text(of: fields["series"]) + " " + document.text(of: fields["values"])
        do throws(ScriptMistake) {
            return try SeriesReader.series(line[...])
        } catch {
            document.refuse(error.message, at: node.place)
            return nil
        }
    }

    private mutating func alertTest(_ node: ConfigurationNode, _ test: String) -> AlertTest {
        let fields = document.fields(
            of: node, type: "main.alertTestCase", known: ["eval_time", "alertname", "exp_alerts"])
        var result = AlertTest(
            time: document.duration(of: fields["eval_time"]) ?? 0,
            alertName: document.text(of: fields["alertname"]), expected: [])
        if result.alertName.isEmpty {
            let time = DurationText.text(milliseconds: result.time)
            document.refuse(
                "an item under alert_rule_test misses required attribute alertname at eval_time "
                    + time + (test.isEmpty ? "" : " (in TestGroup \(test))"), at: node.place)
        }
        for node in document.elements(of: fields["exp_alerts"], type: "main.alert") {
            let fields = document.fields(
                of: node, type: "main.alert", known: ["exp_labels", "exp_annotations"])
            var labels = document.texts(of: fields["exp_labels"]).map(\.text)
            labels.removeAll { $0.name == "alertname" }
            labels.append(RuleText(name: "alertname", text: result.alertName))
            labels.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            result.expected.append(
                ToldAlert(
                    labels: labels,
                    annotations: document.texts(of: fields["exp_annotations"]).map(\.text)))
        }
        return result
    }

    private mutating func queryTest(_ node: ConfigurationNode) -> QueryTest {
        let fields = document.fields(
            of: node, type: "main.promqlTestCase", known: ["expr", "eval_time", "exp_samples"])
        var result = QueryTest(
            time: document.duration(of: fields["eval_time"]) ?? 0,
            query: document.text(of: fields["expr"]), expected: [])
        for node in document.elements(of: fields["exp_samples"], type: "main.sample") {
            let fields = document.fields(
                of: node, type: "main.sample", known: ["labels", "value", "histogram"])
            result.expected.append(
                ExpectedSample(
                    labels: document.text(of: fields["labels"]),
                    value: document.float(of: fields["value"]),
                    histogram: document.text(of: fields["histogram"])))
        }
        return result
    }

    private mutating func outage(_ node: ConfigurationNode) -> ClusterOutage {
        let fields = document.fields(
            of: node, type: "outage", known: ["cluster", "from", "to"])
        let result = ClusterOutage(
            cluster: document.text(of: fields["cluster"]),
            from: document.duration(of: fields["from"]) ?? 0,
            to: document.duration(of: fields["to"]))
        if result.cluster.isEmpty {
            document.refuse("field 'cluster' must be set in outage", at: node.place)
        }
        return result
    }

    // MARK: Times

    /// Seconds since the Unix epoch, or a time as RFC 3339 has it; milliseconds.
    private mutating func start(_ node: ConfigurationNode?) -> Int64 {
        let text = document.text(of: node)
        if text.isEmpty { return 0 }
        if let seconds = NumberText.read(text), seconds.magnitude < 1e12 {
            return Int64((seconds * 1000).rounded())
        }
        if let time = CalendarText.milliseconds(text) { return time }
        document.refuse(
            "cannot parse \(GoText.quoted(text)) to a valid timestamp", at: node?.place)
        return 0
    }
}

/// Times as RFC 3339 has them.
enum CalendarText {
    /// Milliseconds since the Unix epoch; nil where the text is no time.
    static func milliseconds(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int64? {
            guard range.upperBound <= bytes.count,
                bytes[range].allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
            else { return nil }
            return Int64(String(decoding: bytes[range], as: UTF8.self))
        }
        guard bytes.count >= 20, let year = number(0..<4), let month = number(5..<7),
            let day = number(8..<10), let hour = number(11..<13), let minute = number(14..<16),
            let second = number(17..<19), (1...12).contains(month), (1...31).contains(day),
            hour < 24, minute < 60, second < 60, bytes[4] == UInt8(ascii: "-"),
            bytes[7] == UInt8(ascii: "-"), bytes[10] | 0x20 == UInt8(ascii: "t"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":")
        else { return nil }
        var place = 19
        var fraction: Int64 = 0
        if bytes[place] == UInt8(ascii: ".") {
            let digits = bytes[(place + 1)...].prefix { $0 >= 0x30 && $0 <= 0x39 }
            let padded = String(decoding: digits.prefix(3), as: UTF8.self)
                .padded(to: 3)
            fraction = Int64(padded) ?? 0
            place += 1 + digits.count
        }
        guard place < bytes.count, let offset = zone(bytes[place...], number) else { return nil }
        // Years that begin in March have their leap day at the end.
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
        return seconds * 1000 + fraction
    }

    /// Seconds east of Greenwich.
    private static func zone(
        _ bytes: ArraySlice<UInt8>, _ number: (Range<Int>) -> Int64?
    ) -> Int64? {
        let start = bytes.startIndex
        if bytes.count == 1 { return bytes[start] | 0x20 == UInt8(ascii: "z") ? 0 : nil }
        guard bytes.count == 6, bytes[start + 3] == UInt8(ascii: ":"),
            let hours = number(start + 1..<start + 3), let minutes = number(start + 4..<start + 6)
        else { return nil }
        switch bytes[start] {
        case UInt8(ascii: "+"): return hours * 3600 + minutes * 60
        case UInt8(ascii: "-"): return -(hours * 3600 + minutes * 60)
        default: return nil
        }
    }
}

extension String {
    /// With zeros behind.
    fileprivate func padded(to count: Int) -> String {
        self + String(repeating: "0", count: Swift.max(0, count - self.count))
    }
}
