import TimeSeries

/// Pipelines, commands and operands.
extension TemplateParser {
    mutating func pipeline(
        _ context: String, end: TemplateToken.Kind
    ) throws(TemplateError) -> TemplatePipeline {
        try deeper { parser throws(TemplateError) in
            try parser.readPipeline(context, end: end)
        }
    }

    private mutating func readPipeline(
        _ context: String, end: TemplateToken.Kind
    ) throws(TemplateError) -> TemplatePipeline {
        var result = TemplatePipeline(position: nextNonSpace.position)
        try declarations(context, &result)
        while true {
            skipSpace()
            let token = next
            switch token.kind {
            case end:
                _ = take()
                try check(result, context)
                return result
            case .bool, .character, .dot, .field, .identifier, .number, .rawString, .string,
                .variable, .leftParenthesis:
                result.commands.append(try command())
            case .keyword where token.text == "nil":
                result.commands.append(try command())
            default:
                _ = take()
                throw unexpected(token, context)
            }
        }
    }

    private mutating func declarations(
        _ context: String, _ pipeline: inout TemplatePipeline
    ) throws(TemplateError) {
        while nextNonSpace.kind == .variable {
            let before = index
            let variable = takeNonSpace()
            switch nextNonSpace.kind {
            case .assign, .declare:
                pipeline.assigns = takeNonSpace().kind == .assign
                pipeline.variables.append(variable.text)
                variables.append(variable.text)
                return
            case .comma:
                _ = takeNonSpace()
                pipeline.variables.append(variable.text)
                variables.append(variable.text)
                guard context == "range", pipeline.variables.count < 2 else {
                    throw refused("too many declarations in \(context)")
                }
                guard nextNonSpace.kind == .variable else {
                    throw refused("range can only initialize variables")
                }
            default:
                index = before
                return
            }
        }
    }

    private func check(
        _ pipeline: TemplatePipeline, _ context: String
    ) throws(TemplateError) {
        if pipeline.commands.isEmpty { throw refused("missing value for \(context)") }
        for (place, command) in pipeline.commands.enumerated().dropFirst() {
            switch command.operands[0].form {
            case .bool, .dot, .null, .number, .string:
                throw refused("non executable command in pipeline stage \(place + 1)")
            default: break
            }
        }
    }

    private mutating func command() throws(TemplateError) -> TemplateCommand {
        var result = TemplateCommand(position: nextNonSpace.position, operands: [])
        while true {
            skipSpace()
            if let operand = try operand() { result.operands.append(operand) }
            let token = next
            if token.kind == .space {
                _ = take()
                continue
            }
            switch token.kind {
            case .rightDelimiter, .rightParenthesis: break
            case .pipe: _ = take()
            default:
                _ = take()
                throw unexpected(token, "operand")
            }
            break
        }
        if result.operands.isEmpty { throw refused("empty command") }
        return result
    }

    private mutating func operand() throws(TemplateError) -> TemplateOperand? {
        guard var term = try term() else { return nil }
        guard next.kind == .field else { return term }
        let position = next.position
        var names: [String] = []
        while next.kind == .field { names.append(String(take().text.dropFirst())) }
        switch term.form {
        case .field(let first): term.form = .field(first + names)
        case .variable(let first): term.form = .variable(first + names)
        case .bool, .string, .number, .null, .dot:
            throw refused("unexpected . after term \(GoText.quoted(term.description))")
        default: term.form = .chain(term, names)
        }
        // Go's messages point at the first field behind the operand.
        term.position = position
        return term
    }

    private mutating func term() throws(TemplateError) -> TemplateOperand? {
        let token = nextNonSpace
        let form: TemplateOperand.Form
        switch token.kind {
        case .identifier:
            guard isFunction(token.text) else {
                _ = takeNonSpace()
                throw refused("function \(GoText.quoted(token.text)) not defined")
            }
            form = .function(token.text)
        case .dot: form = .dot
        case .keyword where token.text == "nil": form = .null
        case .variable:
            guard variables.contains(token.text) else {
                _ = takeNonSpace()
                throw refused("undefined variable \(GoText.quoted(token.text))")
            }
            form = .variable([token.text])
        case .field: form = .field([String(token.text.dropFirst())])
        case .bool: form = .bool(token.text == "true")
        case .number:
            guard let number = TemplateNumberReader.number(token.text) else { return nil }
            form = .number(number)
        case .character:
            guard let number = TemplateNumberReader.character(token.text) else {
                throw refused("malformed character constant: \(token.text)", line: token.line)
            }
            form = .number(number)
        case .string, .rawString: form = .string(try unquoted(token), quoted: token.text)
        case .leftParenthesis:
            _ = takeNonSpace()
            let inner = try pipeline("parenthesized pipeline", end: .rightParenthesis)
            return TemplateOperand(position: inner.position, form: .pipeline(inner))
        default: return nil
        }
        _ = takeNonSpace()
        return TemplateOperand(position: token.position, form: form)
    }
}
