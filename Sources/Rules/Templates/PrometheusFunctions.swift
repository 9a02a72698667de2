import Clusters
import TimeSeries

/// The functions that Prometheus adds to Go's templates.
extension TemplateFunction {
    static let ofPrometheus: [TemplateFunction] = ofQueries + ofTexts + ofNumbers + ofTimes

    private static let ofQueries: [TemplateFunction] = [
        TemplateFunction("query", [.string]) { arguments, surroundings throws(TemplateRefusal) in
            let query = arguments[0].text
            switch surroundings.answer(query) {
            case .samples(let samples): return .samples(samples)
            case .failure(let reason): throw .failed(reason)
            case nil: throw .needs(query: query)
            }
        },
        TemplateFunction("first", [.samples]) { arguments, _ throws(TemplateRefusal) in
            guard case .samples(let samples) = arguments[0], let first = samples.first else {
                throw .failed("first() called on vector with no elements")
            }
            return .sample(first)
        },
        TemplateFunction("label", [.string, .sample]) { arguments, _ throws(TemplateRefusal) in
            .string(try arguments[1].asSample().labels[arguments[0].text] ?? "")
        },
        TemplateFunction("value", [.sample]) { arguments, _ throws(TemplateRefusal) in
            TemplateValue(try arguments[0].asSample().value)
        },
        TemplateFunction("strvalue", [.sample]) { arguments, _ throws(TemplateRefusal) in
            .string(try arguments[0].asSample().labels["__value__"] ?? "")
        },
        TemplateFunction("sortByLabel", [.string, .samples]) { arguments, _ in
            guard case .samples(let samples) = arguments[1] else { return .samples([]) }
            let name = arguments[0].text
            let keys = samples.map { Array(($0.labels[name] ?? "").utf8) }
            let order = samples.indices.sorted { left, right in
                if keys[left] == keys[right] { return left < right }
                return keys[left].lexicographicallyPrecedes(keys[right])
            }
            return .samples(order.map { samples[$0] })
        },
        TemplateFunction("args", [], rest: .any) { arguments, _ in
            var result: [String: TemplateValue] = [:]
            for (place, argument) in arguments.enumerated() { result["arg\(place)"] = argument }
            return .mapping(result)
        },
    ]

    private static let ofTexts: [TemplateFunction] = [
        TemplateFunction("reReplaceAll", [.string, .string, .string]) {
            arguments, _ throws(TemplateRefusal) in
            let pattern = arguments[0].text
            do throws(TextPattern.Mistake) {
                return .string(
                    try TextPattern(pattern).replacing(arguments[2].text, by: arguments[1].text))
            } catch {
                let quoted = pattern.contains("`") ? GoText.quoted(pattern) : "`\(pattern)`"
                throw .failed("regexp: Compile(\(quoted)): \(error.words)")
            }
        },
        TemplateFunction("match", [.string, .string]) { arguments, _ throws(TemplateRefusal) in
            do throws(TextPattern.Mistake) {
                return .bool(try TextPattern(arguments[0].text).isFound(in: arguments[1].text))
            } catch {
                throw .failed(error.words)
            }
        },
        TemplateFunction("safeHtml", [.string]) { arguments, _ in .html(arguments[0].text) },
        text("title") { TextCases.title($0) },
        text("toUpper") { TextCases.upper($0) },
        text("toLower") { TextCases.lower($0) },
        text("graphLink") { ExpressionLink.graph($0) },
        text("tableLink") { ExpressionLink.table($0) },
        text("stripPort") { HostText.withoutPort($0) },
        text("stripDomain") { HostText.withoutDomain($0) },
        text("urlQueryEscape") { TextEscapes.query($0) },
        TemplateFunction("externalURL", []) { _, surroundings in
            .string(surroundings.externalURL)
        },
        TemplateFunction("pathPrefix", []) { _, surroundings in
            .string(ExpressionLink.path(of: surroundings.externalURL))
        },
    ]

    private static func text(
        _ name: String, _ change: @escaping @Sendable (String) -> String
    ) -> TemplateFunction {
        TemplateFunction(name, [.string]) { arguments, _ in .string(change(arguments[0].text)) }
    }

    private static let ofNumbers: [TemplateFunction] = [
        number("humanize") { number throws(TemplateRefusal) in .string(Humanized.plain(number)) },
        number("humanize1024") { number throws(TemplateRefusal) in
            .string(Humanized.binary(number))
        },
        number("humanizeDuration") { number throws(TemplateRefusal) in
            .string(Humanized.duration(number))
        },
        number("humanizePercentage") { number throws(TemplateRefusal) in
            .string(GoNumber.general(number * 100, digits: 4) + "%")
        },
        number("humanizeTimestamp") { number throws(TemplateRefusal) in
            if !number.isFinite { return .string(GoNumber.general(number, digits: 4)) }
            return .string(GoTime(nanoseconds: try nanoseconds(number)).description)
        },
    ]

    private static let ofTimes: [TemplateFunction] = [
        number("toTime") { number throws(TemplateRefusal) in
            if !number.isFinite { throw .failed("value is NaN or Inf") }
            return .time(try nanoseconds(number))
        },
        number("toDuration") { number throws(TemplateRefusal) in
            if !number.isFinite { throw .failed("value is NaN or Inf") }
            let nanoseconds = number * 1e9
            guard nanoseconds.magnitude < 0x1p63 else {
                throw .failed(
                    "\(NumberText.general(number)) cannot be represented as a nanoseconds "
                        + "duration since it overflows int64")
            }
            return .duration(Int64(nanoseconds))
        },
        TemplateFunction("now", []) { _, surroundings in
            .float(Double(surroundings.time) / 1000)
        },
        TemplateFunction("parseDuration", [.string]) { arguments, _ throws(TemplateRefusal) in
            let text = arguments[0].text
            guard let milliseconds = DurationText.milliseconds(text) else {
                throw .failed(RuleDuration.refusal(of: text))
            }
            return .float(Double(milliseconds) / 1000)
        },
    ]

    private static func number(
        _ name: String,
        _ compute: @escaping @Sendable (Double) throws(TemplateRefusal) -> TemplateValue
    ) -> TemplateFunction {
        TemplateFunction(name, [.any]) { arguments, _ throws(TemplateRefusal) in
            try compute(try arguments[0].asNumber())
        }
    }

    /// A time in seconds as nanoseconds, whole milliseconds of them.
    private static func nanoseconds(_ seconds: Double) throws(TemplateRefusal) -> Int64 {
        let nanoseconds = seconds * 1e9
        guard nanoseconds.magnitude < 0x1p63 else {
            throw .failed(
                "\(NumberText.general(seconds)) cannot be represented as a nanoseconds "
                    + "timestamp since it overflows int64")
        }
        return Int64(nanoseconds) / 1_000_000 * 1_000_000
    }
}

extension TemplateValue {
    /// The text of an argument that was checked to be one.
    fileprivate var text: String { if case .string(let text) = self { text } else { "" } }

    fileprivate func asSample() throws(TemplateRefusal) -> TemplateSample {
        guard case .sample(let sample) = self else {
            throw .failed("runtime error: invalid memory address or nil pointer dereference")
        }
        return sample
    }

    /// A number, or a text that is one.
    fileprivate func asNumber() throws(TemplateRefusal) -> Double {
        switch self {
        case .float(let number): return number
        case .int(let number): return Double(number)
        case .duration(let nanoseconds): return Double(nanoseconds) / 1e9
        case .string(let text):
            guard let number = NumberText.read(text) else {
                throw .failed(
                    "strconv.ParseFloat: parsing \(GoText.quoted(text)): invalid syntax")
            }
            return number
        case .nothing, .null: throw .failed("can't convert <nil> to float")
        default: throw .failed("can't convert \(typeName) to float")
        }
    }
}
