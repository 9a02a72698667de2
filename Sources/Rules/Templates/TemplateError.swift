/// Why a template cannot be read or expanded, in the words of Go's `text/template` and of
/// Prometheus around them.
public struct TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable {
        /// The text is no template.
        case parsing
        /// The template asks for something that it cannot have.
        case executing
        /// A query that the template needs was not asked yet: its text. Whoever expands asks it
        /// and begins again.
        case needs(query: String)
    }

    public var kind: Kind
    /// The template's name: `__alert_` and the alert's name.
    public var template: String
    /// Go's sentence: `template: __alert_A:1:121: executing …`.
    public var message: String

    /// The sentence as Prometheus shows it.
    public var description: String {
        switch kind {
        case .parsing: "error parsing template \(template): \(message)"
        case .executing: "error executing template \(template): \(message)"
        case .needs(let query): "the query was not asked yet: \(query)"
        }
    }
}

/// What a function of a template refuses; its place is not known yet.
enum TemplateRefusal: Error {
    /// Go's words behind `error calling NAME: `.
    case failed(String)
    case needs(query: String)
}
