import TimeSeries

/// What a template computes with: the values that Go's templates hold in Prometheus, with their
/// types, since both the output and the mistakes speak of types.
public indirect enum TemplateValue: Sendable {
    /// No value at all: a field of nothing. Printed as `<no value>`.
    case nothing
    /// An interface that holds nothing; what a mapping gives for a missing key.
    case null
    case bool(Bool)
    case int(Int)
    case float(Double)
    case string(String)
    /// What `safeHtml` gives: a text with another type.
    case html(String)
    /// `map[string]string`.
    case labels(Labels)
    /// `map[string]interface {}`: what `args` makes.
    case mapping([String: TemplateValue])
    /// `*template.sample`.
    case sample(TemplateSample)
    /// `template.queryResult`.
    case samples([TemplateSample])
    case data(TemplateData)
    /// `*time.Time`; nanoseconds since the Unix epoch, in UTC.
    case time(Int64)
    /// `time.Duration`, nanoseconds.
    case duration(Int64)
    case histogram(NativeHistogram)
}

/// One element of what a query in a template answers.
public struct TemplateSample: Hashable, Sendable {
    /// The metric's name among them.
    public var labels: Labels
    public var value: SampledSeries.Value

    public init(labels: Labels, value: SampledSeries.Value) {
        self.labels = labels
        self.value = value
    }
}

/// What a template is about: the dot at its beginning.
public struct TemplateData: Hashable, Sendable {
    /// The labels of the series that made the alert, the metric's name among them.
    public var labels: Labels
    public var externalLabels: Labels
    public var externalURL: String
    public var value: SampledSeries.Value

    public init(
        labels: Labels, externalLabels: Labels, externalURL: String, value: SampledSeries.Value
    ) {
        self.labels = labels
        self.externalLabels = externalLabels
        self.externalURL = externalURL
        self.value = value
    }
}

extension TemplateValue {
    init(_ value: SampledSeries.Value) {
        switch value {
        case .float(let number): self = .float(number)
        case .histogram(let histogram): self = .histogram(histogram)
        }
    }

    /// Go's name of the type.
    var typeName: String {
        switch self {
        case .nothing, .null: "interface {}"
        case .bool: "bool"
        case .int: "int"
        case .float: "float64"
        case .string: "string"
        case .html: "template.HTML"
        case .labels: "map[string]string"
        case .mapping: "map[string]interface {}"
        case .sample: "*template.sample"
        case .samples: "template.queryResult"
        case .data:
            "struct { Labels map[string]string; ExternalLabels map[string]string; "
                + "ExternalURL string; Value interface {} }"
        case .time: "*time.Time"
        case .duration: "time.Duration"
        case .histogram: "*histogram.FloatHistogram"
        }
    }

    /// Whether a condition takes it for true: not zero, not empty.
    var isTrue: Bool {
        switch self {
        case .nothing, .null: false
        case .bool(let flag): flag
        case .int(let number): number != 0
        case .float(let number): number != 0
        case .string(let text), .html(let text): !text.isEmpty
        case .labels(let labels): !labels.isEmpty
        case .mapping(let mapping): !mapping.isEmpty
        case .samples(let samples): !samples.isEmpty
        case .duration(let nanoseconds): nanoseconds != 0
        case .sample, .data, .time, .histogram: true
        }
    }

    /// Whether it is an interface without content or no value.
    var isMissing: Bool {
        switch self {
        case .nothing, .null: true
        default: false
        }
    }
}
