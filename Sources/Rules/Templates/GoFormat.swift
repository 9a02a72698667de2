import TimeSeries

/// Values as Go's `fmt` package prints them.
enum GoFormat {
    /// `fmt.Sprint`: a blank between two neighbours of which none is a text.
    static func written(_ values: [TemplateValue]) -> String {
        var result = ""
        for (place, value) in values.enumerated() {
            if place > 0, !value.isText, !values[place - 1].isText { result += " " }
            result += value.formatted
        }
        return result
    }

    /// `fmt.Sprintln`.
    static func printLine(_ values: [TemplateValue]) -> String {
        values.map(\.formatted).joined(separator: " ") + "\n"
    }

    /// What `html`, `js` and `urlquery` work on: a single text as it is.
    static func joined(_ values: [TemplateValue]) -> String {
        if values.count == 1, case .string(let text) = values[0] { return text }
        return written(values)
    }

    /// `fmt.Sprintf`. Explicit indexes of arguments (`%[1]d`) are not known here.
    static func formatted(_ format: String, _ arguments: [TemplateValue]) -> String {
        var reader = FormatReader(format, arguments)
        return reader.result()
    }
}

extension TemplateValue {
    fileprivate var isText: Bool {
        switch self {
        case .string, .html: true
        default: false
        }
    }

    /// What an action of a template writes.
    var printed: String { isMissing ? "<no value>" : formatted }

    /// `%v`.
    var formatted: String {
        switch self {
        case .nothing, .null: return "<nil>"
        case .bool(let flag): return flag ? "true" : "false"
        case .int(let number): return "\(number)"
        case .float(let number): return NumberText.general(number)
        case .string(let text), .html(let text): return text
        case .labels(let labels):
            return "map[" + labels.pairs.map { "\($0.name):\($0.value)" }.joined(separator: " ")
                + "]"
        case .mapping(let mapping):
            let pairs = mapping.sorted { $0.key < $1.key }
            return "map[" + pairs.map { "\($0.key):\($0.value.formatted)" }.joined(separator: " ")
                + "]"
        case .sample(let sample): return sample.formatted
        // Go prints addresses of memory here, which mean nothing.
        case .samples(let samples):
            return "[" + samples.map(\.formatted).joined(separator: " ") + "]"
        case .data(let data):
            let url = data.externalURL
            return "{\(TemplateValue.labels(data.labels).formatted) "
                + "\(TemplateValue.labels(data.externalLabels).formatted) \(url) "
                + "\(TemplateValue(data.value).formatted)}"
        case .time(let nanoseconds): return GoTime(nanoseconds: nanoseconds).description
        case .duration(let nanoseconds): return GoDuration.text(nanoseconds: nanoseconds)
        case .histogram(let histogram): return histogram.intervalText
        }
    }
}

extension TemplateSample {
    fileprivate var formatted: String {
        "{\(TemplateValue.labels(labels).formatted) \(TemplateValue(value).formatted)}"
    }
}
