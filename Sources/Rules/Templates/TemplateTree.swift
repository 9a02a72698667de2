/// A part of a template.
indirect enum TemplateNode: Sendable {
    case text(String)
    /// `{{ pipeline }}`.
    case action(TemplatePipeline)
    /// `{{ if … }} … {{ else }} … {{ end }}`, also `with`.
    case branch(TemplateBranch)
    /// `{{ range … }} … {{ else }} … {{ end }}`.
    case range(TemplateBranch)
    /// `{{ template "name" pipeline }}`.
    case template(name: String, pipeline: TemplatePipeline?, position: Int)
    /// `{{ break }}`.
    case leave
    /// `{{ continue }}`.
    case next
}

struct TemplateBranch: Sendable {
    enum Kind: String, Sendable {
        case `if`, with, range
    }

    var kind: Kind
    var pipeline: TemplatePipeline
    var body: [TemplateNode]
    var otherwise: [TemplateNode]
}

/// Commands of which each takes the result of the one before as its last argument.
struct TemplatePipeline: Sendable {
    /// Offset in bytes.
    var position: Int
    /// `$a := …`, in a range `$i, $a := …`; with their dollar signs.
    var variables: [String] = []
    /// Whether the variables get a new value (`=`) rather than being declared.
    var assigns = false
    var commands: [TemplateCommand] = []
}

/// An operand alone, or a function with its arguments.
struct TemplateCommand: Sendable {
    var position: Int
    var operands: [TemplateOperand]
}

struct TemplateOperand: Sendable {
    var position: Int
    var form: Form

    indirect enum Form: Sendable {
        /// `.`.
        case dot
        /// `nil`.
        case null
        case bool(Bool)
        case number(TemplateNumber)
        /// The value, and the text as it was written.
        case string(String, quoted: String)
        /// `$x.Field`: the variable first.
        case variable([String])
        /// `.Field.Field`.
        case field([String])
        /// `(…).Field`.
        case chain(TemplateOperand, [String])
        /// A function's name.
        case function(String)
        /// `( pipeline )`.
        case pipeline(TemplatePipeline)
    }
}

/// A number as it was written, and what it may be.
struct TemplateNumber: Sendable {
    var text: String
    var int: Int?
    var float: Double?

    /// What it is where nothing asks for a type.
    var value: TemplateValue? {
        let isHexadecimal =
            text.hasPrefix("0x") || text.hasPrefix("0X") || text.hasPrefix("-0x")
            || text.hasPrefix("-0X") || text.hasPrefix("+0x") || text.hasPrefix("+0X")
        let looksFractional =
            !text.hasPrefix("'")
            && text.contains { $0 == "." || $0 == "p" || $0 == "P" }
            || !isHexadecimal && text.contains { $0 == "e" || $0 == "E" }
        if looksFractional, let float { return .float(float) }
        return int.map { .int($0) }
    }
}

// MARK: Printing, as Go's messages show it

extension TemplateOperand: CustomStringConvertible {
    var description: String {
        switch form {
        case .dot: "."
        case .null: "nil"
        case .bool(let flag): flag ? "true" : "false"
        case .number(let number): number.text
        case .string(_, let quoted): quoted
        case .variable(let names): names.joined(separator: ".")
        case .field(let names): names.map { "." + $0 }.joined()
        case .chain(let operand, let names):
            operand.parenthesized + names.map { "." + $0 }.joined()
        case .function(let name): name
        case .pipeline(let pipeline): "(\(pipeline))"
        }
    }

    /// An operand inside a chain; a pipeline has its own parentheses.
    private var parenthesized: String { description }
}

extension TemplateCommand: CustomStringConvertible {
    var description: String { operands.map(\.description).joined(separator: " ") }
}

extension TemplatePipeline: CustomStringConvertible {
    var description: String {
        let names = variables.joined(separator: ", ")
        let declared = variables.isEmpty ? "" : names + (assigns ? " = " : " := ")
        return declared + commands.map(\.description).joined(separator: " | ")
    }
}
