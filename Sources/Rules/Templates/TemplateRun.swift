import TimeSeries

/// What expanding a template may ask of its surroundings.
public struct TemplateSurroundings {
    /// The answer to a query at the time of the evaluation, or nil where it was not asked yet.
    public var answer: (String) -> TemplateAnswer?
    /// The evaluation's time, milliseconds since the Unix epoch.
    public var time: Int64
    /// The address that the functions `externalURL` and `pathPrefix` give.
    public var externalURL: String

    public init(
        time: Int64, externalURL: String, answer: @escaping (String) -> TemplateAnswer?
    ) {
        self.answer = answer
        self.time = time
        self.externalURL = externalURL
    }
}

/// What was answered to a query of a template.
public enum TemplateAnswer: Hashable, Sendable {
    case samples([TemplateSample])
    case failure(String)
}

/// Executes a template: writes its texts and what its actions give.
struct TemplateRun {
    /// Templates that call each other go no deeper; Go stops at 100,000, far beyond use.
    private static let maximumDepth = 50
    /// More than any annotation holds.
    private static let maximumOutputBytes = 1 << 20
    /// More iterations than any template needs, over all of its loops.
    private static let maximumSteps = 1_000_000

    let template: ParsedTemplate
    let surroundings: TemplateSurroundings
    private(set) var output = ""
    /// The variables that are known, the latest last.
    var variables: [(name: String, value: TemplateValue)] = []
    private var depth = 0
    private var steps = 0
    /// The name of the template that is executed, which the messages have.
    private var name: String

    private enum Flow {
        case onward
        case leave
        case next
    }

    init(_ template: ParsedTemplate, surroundings: TemplateSurroundings) {
        self.template = template
        self.surroundings = surroundings
        name = template.name
    }

    mutating func execute(_ data: TemplateData) throws(TemplateError) -> String {
        variables = [("$", .data(data))]
        _ = try walk(template.body, .data(data))
        return output
    }

    // MARK: Messages

    /// A mistake at a node: where its text begins, and the text.
    func refused(
        _ message: String, at position: Int, _ context: String
    ) -> TemplateError {
        let before = template.text.utf8.prefix(position)
        let line = 1 + before.count { $0 == 0x0a }
        let column = before.reversed().prefix { $0 != 0x0a }.count
        return TemplateError(
            kind: .executing, template: template.name,
            message: "template: \(template.name):\(line):\(column): executing "
                + "\(GoText.quoted(name)) at <\(context)>: \(message)")
    }

    func refused(_ message: String, at operand: TemplateOperand) -> TemplateError {
        // A pipeline in parentheses is shown without them.
        if case .pipeline(let pipeline) = operand.form {
            return refused(message, at: operand.position, pipeline.description)
        }
        return refused(message, at: operand.position, operand.description)
    }

    // MARK: Parts

    private mutating func walk(
        _ nodes: [TemplateNode], _ dot: TemplateValue
    ) throws(TemplateError) -> Flow {
        for node in nodes {
            let flow = try walk(node, dot)
            if flow != .onward { return flow }
        }
        return .onward
    }

    private mutating func walk(
        _ node: TemplateNode, _ dot: TemplateValue
    ) throws(TemplateError) -> Flow {
        switch node {
        case .text(let text): try write(text)
        case .action(let pipeline):
            let value = try value(of: pipeline, dot)
            if pipeline.variables.isEmpty { try write(value.printed) }
        case .branch(let branch):
            let known = variables.count
            defer { variables.removeLast(variables.count - known) }
            let value = try value(of: branch.pipeline, dot)
            if value.isTrue {
                return try walk(branch.body, branch.kind == .with ? value : dot)
            }
            return try walk(branch.otherwise, dot)
        case .range(let branch): return try loop(branch, dot)
        case .template(let name, let pipeline, let position):
            try call(name, pipeline, position, dot)
        case .leave: return .leave
        case .next: return .next
        }
        return .onward
    }

    private mutating func write(_ text: String) throws(TemplateError) {
        output += text
        guard output.utf8.count <= Self.maximumOutputBytes else {
            throw limited("the text is longer than \(Self.maximumOutputBytes) bytes")
        }
    }

    private func limited(_ message: String) -> TemplateError {
        TemplateError(
            kind: .executing, template: template.name,
            message: "template: \(template.name): \(message)")
    }

    private mutating func call(
        _ called: String, _ pipeline: TemplatePipeline?, _ position: Int, _ dot: TemplateValue
    ) throws(TemplateError) {
        let argument = pipeline.map { " \($0)" } ?? ""
        let context = "{{template \(GoText.quoted(called))\(argument)}}"
        guard let body = template.definitions[called] else {
            throw refused("template \(GoText.quoted(called)) not defined", at: position, context)
        }
        guard depth < Self.maximumDepth else {
            throw refused(
                "exceeded maximum template depth (\(Self.maximumDepth))", at: position, context)
        }
        var value = TemplateValue.nothing
        if let pipeline { value = try self.value(of: pipeline, dot) }
        let outer = (variables, name)
        variables = [("$", value)]
        name = called
        depth += 1
        _ = try walk(body, value)
        depth -= 1
        (variables, name) = outer
    }

    // MARK: Loops

    private mutating func loop(
        _ branch: TemplateBranch, _ dot: TemplateValue
    ) throws(TemplateError) -> Flow {
        let known = variables.count
        defer { variables.removeLast(variables.count - known) }
        let value = try value(of: branch.pipeline, dot)
        let elements: [(TemplateValue, TemplateValue)]
        switch value {
        case .samples(let samples):
            elements = samples.enumerated().map { (.int($0.offset), .sample($0.element)) }
        case .labels(let labels):
            elements = labels.pairs.map { (.string($0.name), .string($0.value)) }
        case .mapping(let mapping):
            elements = mapping.sorted { $0.key < $1.key }.map { (.string($0.key), $0.value) }
        case .int(let count):
            guard count <= Self.maximumSteps else {
                throw limited("more than \(Self.maximumSteps) steps")
            }
            elements = (0..<max(count, 0)).map { (.int($0), .int($0)) }
        case .nothing, .null: elements = []
        default:
            throw refused(
                "range can't iterate over \(value.formatted)", at: branch.pipeline.position,
                branch.pipeline.description)
        }
        if elements.isEmpty { return try walk(branch.otherwise, dot) }
        let inside = variables.count
        for (key, element) in elements {
            steps += 1
            guard steps <= Self.maximumSteps else {
                throw limited("more than \(Self.maximumSteps) steps")
            }
            setLoopVariables(branch.pipeline, key, element)
            let flow = try walk(branch.body, element)
            variables.removeLast(variables.count - inside)
            if flow == .leave { break }
        }
        return .onward
    }

    /// With two variables the key comes first; with one it is the element.
    private mutating func setLoopVariables(
        _ pipeline: TemplatePipeline, _ key: TemplateValue, _ element: TemplateValue
    ) {
        guard let first = pipeline.variables.first else { return }
        if pipeline.variables.count > 1 {
            set(first, to: key)
            set(pipeline.variables[1], to: element)
        } else {
            set(first, to: element)
        }
    }

    /// Gives the latest variable of this name another value.
    mutating func set(_ name: String, to value: TemplateValue) {
        guard let place = variables.lastIndex(where: { $0.name == name }) else { return }
        variables[place].value = value
    }
}
