import TimeSeries

/// The values of pipelines, commands and operands.
extension TemplateRun {
    mutating func value(
        of pipeline: TemplatePipeline, _ dot: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        var value: TemplateValue?
        for command in pipeline.commands {
            value = try self.value(of: command, dot, final: value)
        }
        var result = value ?? .nothing
        // An interface is looked into; one that holds nothing is no value.
        if case .null = result { result = .nothing }
        for variable in pipeline.variables {
            if pipeline.assigns {
                guard variables.contains(where: { $0.name == variable }) else {
                    // Go points at what it looked at last.
                    let last = pipeline.commands.last?.operands.last
                    throw refused(
                        "undefined variable: \(variable)", at: last?.position ?? pipeline.position,
                        last?.description ?? pipeline.description)
                }
                set(variable, to: result)
            } else {
                variables.append((variable, result))
            }
        }
        return result
    }

    private mutating func value(
        of command: TemplateCommand, _ dot: TemplateValue, final: TemplateValue?
    ) throws(TemplateError) -> TemplateValue {
        let first = command.operands[0]
        let arguments = Array(command.operands.dropFirst())
        let hasArguments = !arguments.isEmpty || final != nil
        switch first.form {
        case .field(let names):
            return try field(names, of: dot, at: first, Given(arguments, final, dot))
        case .chain(let operand, let names):
            guard case .null = operand.form else {
                let value = try value(of: operand, dot)
                return try field(names, of: value, at: first, Given(arguments, final, dot))
            }
            throw refused("indirection through explicit nil in \(first)", at: first)
        case .variable(let names):
            let value = variable(names[0])
            if names.count == 1 {
                if hasArguments { throw notAFunction(first) }
                return value
            }
            return try field(
                Array(names.dropFirst()), of: value, at: first, Given(arguments, final, dot))
        case .function(let name):
            return try call(name, first, command, Given(arguments, final, dot))
        default: break
        }
        if hasArguments { throw notAFunction(first) }
        if case .null = first.form { throw refused("nil is not a command", at: first) }
        return try value(of: first, dot)
    }

    private func notAFunction(_ operand: TemplateOperand) -> TemplateError {
        refused("can't give argument to non-function \(operand)", at: operand)
    }

    private func variable(_ name: String) -> TemplateValue {
        variables.last { $0.name == name }?.value ?? .nothing
    }

    /// An operand that nobody asks a type of.
    mutating func value(
        of operand: TemplateOperand, _ dot: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        switch operand.form {
        case .dot: return dot
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .string(let text, _): return .string(text)
        case .number(let number):
            guard let value = number.value else {
                throw refused("\(number.text) overflows int", at: operand)
            }
            return value
        case .pipeline(let pipeline): return try value(of: pipeline, dot)
        case .field, .variable, .chain, .function:
            let command = TemplateCommand(position: operand.position, operands: [operand])
            return try value(of: command, dot, final: nil)
        }
    }

    /// What stands behind a function or a field: arguments, and the result of the command before.
    struct Given {
        var operands: [TemplateOperand]
        var final: TemplateValue?
        var dot: TemplateValue

        init(_ operands: [TemplateOperand], _ final: TemplateValue?, _ dot: TemplateValue) {
            self.operands = operands
            self.final = final
            self.dot = dot
        }

        var count: Int { operands.count + (final == nil ? 0 : 1) }
        var isEmpty: Bool { count == 0 }
    }

    // MARK: Fields

    private mutating func field(
        _ names: [String], of value: TemplateValue, at operand: TemplateOperand, _ given: Given
    ) throws(TemplateError) -> TemplateValue {
        var value = value
        for (place, name) in names.enumerated() {
            let isLast = place == names.count - 1
            value = try field(
                name, of: value, at: operand, isLast ? given : Given([], nil, given.dot))
        }
        return value
    }

    private mutating func field(
        _ name: String, of value: TemplateValue, at operand: TemplateOperand, _ given: Given
    ) throws(TemplateError) -> TemplateValue {
        if let method = TemplateMethod.named(name, of: value) {
            return try call(method, of: value, at: operand, given)
        }
        let found: TemplateValue
        switch value {
        case .nothing: return .nothing
        case .null: throw refused("nil pointer evaluating interface {}.\(name)", at: operand)
        case .data(let data):
            switch name {
            case "Labels": found = .labels(data.labels)
            case "ExternalLabels": found = .labels(data.externalLabels)
            case "ExternalURL": found = .string(data.externalURL)
            case "Value": found = TemplateValue(data.value)
            default: throw noField(name, value, operand)
            }
        case .sample(let sample):
            switch name {
            case "Labels": found = .labels(sample.labels)
            case "Value": found = TemplateValue(sample.value)
            default: throw noField(name, value, operand)
            }
        case .labels(let labels):
            if !given.isEmpty { throw notAMethod(name, operand) }
            return .string(labels[name] ?? "")
        case .mapping(let mapping):
            if !given.isEmpty { throw notAMethod(name, operand) }
            return mapping[name] ?? .null
        default: throw noField(name, value, operand)
        }
        if !given.isEmpty {
            throw refused(
                "\(name) has arguments but cannot be invoked as function", at: operand)
        }
        return found
    }

    private func noField(
        _ name: String, _ value: TemplateValue, _ operand: TemplateOperand
    ) -> TemplateError {
        refused("can't evaluate field \(name) in type \(value.typeName)", at: operand)
    }

    private func notAMethod(_ name: String, _ operand: TemplateOperand) -> TemplateError {
        refused("\(name) is not a method but has arguments", at: operand)
    }

    private mutating func call(
        _ method: TemplateMethod, of value: TemplateValue, at operand: TemplateOperand,
        _ given: Given
    ) throws(TemplateError) -> TemplateValue {
        guard given.count == method.parameters.count else {
            throw refused(
                "wrong number of args for \(method.name): want \(method.parameters.count) got "
                    + "\(given.count)", at: operand)
        }
        var arguments: [TemplateValue] = []
        for (place, argument) in given.operands.enumerated() {
            arguments.append(try self.argument(argument, method.parameters[place], given.dot))
        }
        if let final = given.final, let type = method.parameters.last {
            arguments.append(try checked(final, type, at: operand))
        }
        return method.result(value, arguments)
    }

    // MARK: Calls

    private mutating func call(
        _ name: String, _ operand: TemplateOperand, _ command: TemplateCommand, _ given: Given
    ) throws(TemplateError) -> TemplateValue {
        guard let function = TemplateFunction.named(name) else {
            throw refused("\(GoText.quoted(name)) is not a defined function", at: operand)
        }
        let fixed = function.parameters.count
        if function.rest != nil {
            guard given.count >= fixed else {
                throw refused(
                    "wrong number of args for \(name): want at least \(fixed) got "
                        + "\(given.operands.count)", at: operand)
            }
        } else if given.count != fixed {
            throw refused(
                "wrong number of args for \(name): want \(fixed) got \(given.count)", at: operand)
        }
        if let stop = function.stopsAt { return try shortened(stop, given) }
        var arguments: [TemplateValue] = []
        for (place, argument) in given.operands.enumerated() {
            arguments.append(
                try self.argument(argument, function.type(of: place), given.dot))
        }
        if let final = given.final {
            arguments.append(
                try checked(
                    final, function.type(of: arguments.count), at: given.operands.last ?? operand))
        }
        do throws(TemplateRefusal) {
            return try function.result(arguments, surroundings)
        } catch {
            switch error {
            case .needs(let query):
                throw TemplateError(
                    kind: .needs(query: query), template: template.name, message: query)
            case .failed(let reason):
                throw refused(
                    "error calling \(name): \(reason)", at: command.position,
                    command.description)
            }
        }
    }

    /// `and` and `or`: the first argument that decides, else the last.
    private mutating func shortened(
        _ stop: Bool, _ given: Given
    ) throws(TemplateError) -> TemplateValue {
        var value = TemplateValue.nothing
        for operand in given.operands {
            value = try argument(operand, .any, given.dot)
            if value.isTrue == stop { return value }
        }
        return given.final ?? value
    }

    private mutating func argument(
        _ operand: TemplateOperand, _ type: TemplateParameter, _ dot: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        switch operand.form {
        case .dot, .field, .variable, .chain, .function, .pipeline:
            return try checked(try value(of: operand, dot), type, at: operand)
        case .null:
            guard type != .string, type != .int else {
                throw refused("cannot assign nil to \(type.typeName)", at: operand)
            }
            return .null
        case .bool, .number, .string: break
        }
        switch (type, operand.form) {
        case (.any, _): return try value(of: operand, dot)
        case (.string, .string(let text, _)): return .string(text)
        case (.string, _): throw refused("expected string; found \(operand)", at: operand)
        case (.int, .number(let number)):
            guard let int = number.int else {
                throw refused("expected integer; found \(operand)", at: operand)
            }
            return .int(int)
        case (.int, _): throw refused("expected integer; found \(operand)", at: operand)
        case (.sample, _), (.samples, _):
            throw refused(
                "can't handle \(operand) for arg of type \(type.typeName)", at: operand)
        }
    }

    private func checked(
        _ value: TemplateValue, _ type: TemplateParameter, at operand: TemplateOperand
    ) throws(TemplateError) -> TemplateValue {
        switch (type, value) {
        case (.any, _), (.string, .string), (.int, .int), (.sample, .sample),
            (.samples, .samples):
            return value
        case (.sample, .nothing), (.samples, .nothing), (.sample, .null), (.samples, .null):
            return .null
        case (_, .nothing), (_, .null):
            throw refused("invalid value; expected \(type.typeName)", at: operand)
        default:
            throw refused(
                "wrong type for value; expected \(type.typeName); got \(value.typeName)",
                at: operand)
        }
    }
}
