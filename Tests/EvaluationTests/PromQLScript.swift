import TimeSeries

/// A script of Prometheus's own tests: samples to load and queries with what they answer. The
/// corpora's README has the format.
struct PromQLScript {
    enum Command {
        case clear
        case load([LoadedSeries])
        case eval(Eval)
    }

    struct LoadedSeries {
        var labels: Labels
        /// In time order; milliseconds.
        var samples: [(time: Int64, value: Double)] = []
        /// Whether some of its samples are native histograms, which are left out above.
        var hasHistograms = false
    }

    struct Eval {
        var line: Int
        var query: String
        var start: Int64
        var end: Int64
        /// 0 for an instant query.
        var step: Int64
        var fails = false
        var isOrdered = false
        /// The texts that must be told, without their places; nil where any will do.
        var failure: TextRule?
        var warnings: AnnotationRule?
        var infos: AnnotationRule?
        var string: String?
        var scalar: [Point]?
        var series: [(labels: Labels, points: [Point])] = []
        /// Why the case is not for a test without native histograms.
        var unusable: String?
    }

    enum TextRule {
        case exactly(String)
        case matching(String)
    }

    enum AnnotationRule {
        case none
        case any([TextRule])
    }

    enum Point {
        case none
        case stale
        case value(Double)
        case histogram
    }

    private(set) var commands: [Command] = []

    init(_ text: String) throws {
        var pending: Eval?
        var loading: (interval: Int64, series: [LoadedSeries])?
        var convertsBuckets = false
        func isIndented(_ line: Substring) -> Bool { line.first == " " || line.first == "\t" }
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            let words = line.trimmed
            if words.isEmpty || words.first == "#" { continue }
            if isIndented(line) {
                if loading != nil {
                    let one = try Self.loaded(words, every: loading?.interval ?? 0)
                    loading?.series.append(one)
                    if convertsBuckets { loading?.series += Self.converted(one) }
                } else {
                    try pending?.read(words)
                }
                continue
            }
            if let eval = pending { commands.append(.eval(eval)) }
            if let done = loading { commands.append(.load(done.series)) }
            pending = nil
            loading = nil
            if words == "clear" {
                commands.append(.clear)
            } else if words.hasPrefix("load") {
                let parts = words.split(separator: " ")
                loading = (try ScriptText.milliseconds(parts[1]), [])
                convertsBuckets = parts[0] == "load_with_nhcb"
            } else {
                pending = try Eval(words, line: number + 1)
            }
        }
        if let eval = pending { commands.append(.eval(eval)) }
        if let done = loading { commands.append(.load(done.series)) }
    }

    /// The native histogram that a bucket's series is also loaded as.
    private static func converted(_ bucket: LoadedSeries) -> [LoadedSeries] {
        let suffix = "_bucket"
        guard let name = bucket.labels.metricName, name.hasSuffix(suffix) else { return [] }
        let labels = bucket.labels.setting("le", to: "")
            .setting(Labels.metricNameLabel, to: String(name.dropLast(suffix.count)))
        return [LoadedSeries(labels: labels, hasHistograms: true)]
    }

    private static func loaded(_ line: Substring, every interval: Int64) throws -> LoadedSeries {
        let (labels, rest) = try ScriptText.series(line)
        var result = LoadedSeries(labels: labels)
        for (index, point) in try ScriptText.points(rest).enumerated() {
            let time = Int64(index) * interval
            switch point {
            case .none: break
            case .stale: result.samples.append((time, Absent.value))
            case .value(let value): result.samples.append((time, value))
            case .histogram: result.hasHistograms = true
            }
        }
        return result
    }
}

extension PromQLScript.Eval {
    /// Reads `eval instant at 5m up`, `eval range from 0 to 1h step 5m up`, and older forms.
    init(_ text: Substring, line: Int) throws {
        var words = ScriptText.Words(text)
        let command = words.next()
        let isRange = words.next() == "range"
        _ = words.next()
        let start = try ScriptText.milliseconds(words.next())
        var end = start
        var step: Int64 = 0
        if isRange {
            _ = words.next()
            end = try ScriptText.milliseconds(words.next())
            _ = words.next()
            step = try ScriptText.milliseconds(words.next())
        }
        self.init(line: line, query: String(words.rest), start: start, end: end, step: step)
        fails = command == "eval_fail"
        isOrdered = command == "eval_ordered"
        if command == "eval_warn" { warnings = .any([]) }
        if command == "eval_info" { infos = .any([]) }
    }

    /// Reads a line below the query.
    mutating func read(_ line: Substring) throws {
        var words = ScriptText.Words(line)
        switch words.next() {
        case "expect": try readExpectation(&words)
        case "expected_fail_message": failure = .exactly(String(words.rest))
        case "expected_fail_regexp": failure = .matching(String(words.rest))
        case let first:
            if line.contains("{{") { unusable = "native histograms" }
            if words.rest.isEmpty, let number = NumberText.read(String(first)) {
                scalar = [.value(number)]
                return
            }
            if NumberText.read(String(first)) != nil || first == "_" {
                scalar = try ScriptText.points(line)
                return
            }
            let (labels, rest) = try ScriptText.series(line)
            series.append((labels, try ScriptText.points(rest)))
        }
    }

    private mutating func readExpectation(_ words: inout ScriptText.Words) throws {
        switch words.next() {
        case "fail":
            fails = true
            failure = ScriptText.rule(words.rest)
        case "warn": warnings = (warnings ?? .any([])).adding(ScriptText.rule(words.rest))
        case "info": infos = (infos ?? .any([])).adding(ScriptText.rule(words.rest))
        case "no_warn": warnings = PromQLScript.AnnotationRule.none
        case "no_info": infos = PromQLScript.AnnotationRule.none
        case "ordered": isOrdered = true
        case "string": string = ScriptText.unquoted(words.rest)
        case "range": unusable = "a window as the answer"
        case let other: throw ScriptText.Malformed(text: String(other))
        }
    }
}

extension PromQLScript.AnnotationRule {
    fileprivate func adding(_ rule: PromQLScript.TextRule?) -> Self {
        guard case .any(let rules) = self, let rule else { return self }
        return .any(rules + [rule])
    }
}
