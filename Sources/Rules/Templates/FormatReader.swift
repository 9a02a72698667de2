import TimeSeries

/// Reads a format of Go's `Printf` and writes the arguments into it.
struct FormatReader {
    /// Wider than any column; a format is a user's text.
    private static let maximumWidth = 10_000

    private var rest: Substring.UnicodeScalarView
    private let arguments: [TemplateValue]
    private var index = 0
    private var output = ""

    /// The marks between the percent sign and the verb.
    private struct Directive {
        var plus = false
        var minus = false
        var sharp = false
        var space = false
        var zero = false
        var width: Int?
        var precision: Int?
    }

    init(_ format: String, _ arguments: [TemplateValue]) {
        rest = Substring(format).unicodeScalars
        self.arguments = arguments
    }

    mutating func result() -> String {
        while let scalar = rest.popFirst() {
            if scalar == "%" {
                directive()
            } else {
                output.unicodeScalars.append(scalar)
            }
        }
        if index < arguments.count {
            let extra = arguments[index...].map {
                $0.isMissing ? "<nil>" : "\($0.typeName)=\($0.formatted)"
            }
            output += "%!(EXTRA \(extra.joined(separator: ", ")))"
        }
        return output
    }

    private mutating func directive() {
        var directive = Directive()
        flags(&directive)
        width(&directive)
        if rest.first == "." {
            rest.removeFirst()
            directive.precision = 0
            if rest.first == "*" {
                rest.removeFirst()
                directive.precision = star("%!(BADPREC)")
            } else if let number = number() {
                directive.precision = number
            }
        }
        guard let verb = rest.popFirst() else {
            output += "%!(NOVERB)"
            return
        }
        if verb == "%" {
            output += "%"
            return
        }
        guard index < arguments.count else {
            output += "%!\(Character(verb))(MISSING)"
            return
        }
        let argument = arguments[index]
        index += 1
        output += text(argument, Character(verb), directive)
    }

    private mutating func flags(_ directive: inout Directive) {
        while let scalar = rest.first {
            switch scalar {
            case "+": directive.plus = true
            case "-": directive.minus = true
            case "#": directive.sharp = true
            case " ": directive.space = true
            case "0": directive.zero = true
            default: return
            }
            rest.removeFirst()
        }
    }

    private mutating func width(_ directive: inout Directive) {
        guard rest.first == "*" else {
            directive.width = number()
            return
        }
        rest.removeFirst()
        directive.width = star("%!(BADWIDTH)")
        if let width = directive.width, width < 0 {
            directive.width = -width
            directive.minus = true
        }
    }

    /// A width or precision that is an argument.
    private mutating func star(_ complaint: String) -> Int? {
        defer { index += 1 }
        guard index < arguments.count, case .int(let number) = arguments[index],
            number.magnitude <= Self.maximumWidth
        else {
            output += complaint
            return nil
        }
        return number
    }

    private mutating func number() -> Int? {
        let digits = rest.prefix { ("0"..."9").contains($0) }
        guard !digits.isEmpty else { return nil }
        rest = rest.dropFirst(digits.count)
        return min(Int(String(digits)) ?? Self.maximumWidth, Self.maximumWidth)
    }

    // MARK: Values

    private func text(
        _ value: TemplateValue, _ verb: Character, _ directive: Directive
    ) -> String {
        if verb == "T" { return padded(value.isMissing ? "<nil>" : value.typeName, directive) }
        switch value {
        case .nothing, .null:
            return verb == "v" ? padded("<nil>", directive) : "%!\(verb)(<nil>)"
        case .bool(let flag) where verb == "t" || verb == "v":
            return padded(flag ? "true" : "false", directive)
        case .int(let number):
            if let text = integer(number, verb, directive) { return text }
        case .float(let number):
            if let text = float(number, verb, directive) { return text }
        case .string(let text), .html(let text):
            if let text = string(text, verb, directive) { return text }
        case .duration(let nanoseconds):
            if verb == "v" || verb == "s" || verb == "q" {
                return string(value.formatted, verb, directive) ?? ""
            }
            if let text = integer(Int(nanoseconds), verb, directive) { return text }
        case .labels(let labels):
            let pairs = labels.pairs.map {
                self.text(.string($0.name), verb, directive) + ":"
                    + self.text(.string($0.value), verb, directive)
            }
            return "map[\(pairs.joined(separator: " "))]"
        case .mapping(let mapping):
            let pairs = mapping.sorted { $0.key < $1.key }.map {
                self.text(.string($0.key), verb, directive) + ":"
                    + self.text($0.value, verb, directive)
            }
            return "map[\(pairs.joined(separator: " "))]"
        case .bool, .sample, .samples, .data, .time, .histogram:
            if verb == "v" || verb == "s" { return padded(value.formatted, directive) }
        }
        return "%!\(verb)(\(value.typeName)=\(value.formatted))"
    }

    private func string(
        _ text: String, _ verb: Character, _ directive: Directive
    ) -> String? {
        var text = text
        if let precision = directive.precision, "vsq".contains(verb) {
            text = String(String.UnicodeScalarView(text.unicodeScalars.prefix(precision)))
        }
        switch verb {
        case "v", "s": return padded(text, directive)
        case "q":
            if directive.sharp, !text.contains("`"), !text.contains("\n") {
                return padded("`\(text)`", directive)
            }
            return padded(GoText.quoted(text), directive)
        case "x", "X":
            let digits = text.utf8.prefix(directive.precision ?? .max).map {
                GoText.hexadecimal(UInt32($0), width: 2)
            }.joined()
            return padded(verb == "X" ? digits.uppercased() : digits, directive)
        default: return nil
        }
    }

    private func integer(_ number: Int, _ verb: Character, _ directive: Directive) -> String? {
        var digits: String
        var prefix = ""
        switch verb {
        case "v", "d": digits = String(number.magnitude)
        case "b": digits = String(number.magnitude, radix: 2)
        case "o", "O":
            digits = String(number.magnitude, radix: 8)
            prefix = verb == "O" ? "0o" : directive.sharp ? "0" : ""
        case "x", "X":
            digits = String(number.magnitude, radix: 16, uppercase: verb == "X")
            prefix = directive.sharp ? "0\(verb)" : ""
        case "c", "q":
            let scalar = UInt32(exactly: number).flatMap(Unicode.Scalar.init) ?? "\u{FFFD}"
            return padded(
                verb == "c" ? String(Character(scalar)) : GoText.quoted(scalar), directive)
        case "U":
            let plain = String(number.magnitude, radix: 16, uppercase: true)
            return padded(
                "U+" + String(repeating: "0", count: max(0, 4 - plain.count)) + plain, directive)
        default: return nil
        }
        if let precision = directive.precision {
            if precision == 0, number == 0 { return padded("", directive) }
            digits = String(repeating: "0", count: max(0, precision - digits.count)) + digits
        }
        let sign = sign(isNegative: number < 0, directive) + prefix
        return aligned(sign, digits, directive, zeros: directive.precision == nil)
    }

    private func float(_ value: Double, _ verb: Character, _ directive: Directive) -> String? {
        let magnitude = value.magnitude
        let digits: String
        switch verb {
        case "v", "g", "G":
            digits =
                directive.precision.map { GoNumber.general(magnitude, digits: $0) }
                ?? NumberText.general(magnitude)
        case "e", "E": digits = NumberText.scientific(magnitude, directive.precision ?? 6)
        case "f", "F": digits = NumberText.decimals(magnitude, min(directive.precision ?? 6, 60))
        default: return nil
        }
        guard value.isFinite else {
            // A sign is written before an infinity where the format asks for one.
            let name = value.isNaN ? "NaN" : "Inf"
            let sign =
                value.isNaN
                ? (directive.plus ? "+" : directive.space ? " " : "")
                : value < 0 ? "-" : directive.space ? " " : "+"
            return padded(sign + name, directive)
        }
        let isNegative = value.sign == .minus
        return aligned(
            sign(isNegative: isNegative, directive),
            verb == "G" || verb == "E" ? digits.uppercased() : digits, directive, zeros: true)
    }

    private func sign(isNegative: Bool, _ directive: Directive) -> String {
        isNegative ? "-" : directive.plus ? "+" : directive.space ? " " : ""
    }

    private func aligned(
        _ sign: String, _ digits: String, _ directive: Directive, zeros: Bool
    ) -> String {
        guard zeros, directive.zero, !directive.minus, let width = directive.width else {
            return padded(sign + digits, directive)
        }
        return sign
            + String(repeating: "0", count: max(0, width - sign.count - digits.count)) + digits
    }

    private func padded(_ text: String, _ directive: Directive) -> String {
        guard let width = directive.width else { return text }
        let blanks = String(repeating: " ", count: max(0, width - text.unicodeScalars.count))
        return directive.minus ? text + blanks : blanks + text
    }
}
