/// A text with actions in double braces, as labels and annotations of alert rules have it: the
/// language of Go's `text/template` with Prometheus's functions.
///
/// What it does not know, and says so: complex numbers, and methods of types that no value here
/// has.
public struct Template: Sendable {
    /// What Prometheus puts before every template, so that people need not write the dots. It
    /// counts in the columns of messages.
    private static let definitions =
        "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}"
        + "{{$externalURL := .ExternalURL}}{{$value := .Value}}"

    private let parsed: ParsedTemplate?
    /// The text itself where it has no action.
    private let plain: String

    /// Reads the text; `alert` names the template in messages.
    public init(_ text: String, alert: String) throws(TemplateError) {
        plain = text
        guard text.contains("{{") else {
            parsed = nil
            return
        }
        parsed = try TemplateParser.parse(Self.definitions + text, name: "__alert_" + alert) {
            TemplateFunction.named($0) != nil
        }
    }

    /// Whether the text is the same whatever it is about.
    public var isConstant: Bool { parsed == nil }

    /// The text with its actions executed.
    public func expanded(
        with data: TemplateData, in surroundings: TemplateSurroundings
    ) throws(TemplateError) -> String {
        guard let parsed else { return plain }
        var run = TemplateRun(parsed, surroundings: surroundings)
        return try run.execute(data)
    }
}
