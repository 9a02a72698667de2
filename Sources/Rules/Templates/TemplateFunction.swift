/// What a function of a template takes.
enum TemplateParameter: Hashable, Sendable {
    case any
    case string
    case int
    case sample
    case samples

    /// Go's name of the type.
    var typeName: String {
        switch self {
        case .any: "interface {}"
        case .string: "string"
        case .int: "int"
        case .sample: "*template.sample"
        case .samples: "template.queryResult"
        }
    }
}

/// A row of the table of functions.
struct TemplateFunction: Sendable {
    typealias Computation =
        @Sendable ([TemplateValue], TemplateSurroundings) throws(TemplateRefusal) -> TemplateValue

    var name: String
    var parameters: [TemplateParameter]
    /// The type of all further arguments where there may be more.
    var rest: TemplateParameter?
    /// For `and` (false) and `or` (true): the truth at which no further argument is looked at.
    var stopsAt: Bool?
    var result: Computation

    init(
        _ name: String, _ parameters: [TemplateParameter], rest: TemplateParameter? = nil,
        stopsAt: Bool? = nil, _ result: @escaping Computation
    ) {
        self.name = name
        self.parameters = parameters
        self.rest = rest
        self.stopsAt = stopsAt
        self.result = result
    }

    func type(of place: Int) -> TemplateParameter {
        place < parameters.count ? parameters[place] : rest ?? .any
    }

    static func named(_ name: String) -> TemplateFunction? { byName[name] }

    private static let byName: [String: TemplateFunction] = {
        var result: [String: TemplateFunction] = [:]
        for function in builtIn + ofPrometheus { result[function.name] = function }
        return result
    }()
}
