import TimeSeries

extension Expression {
    /// What the expression gives.
    public var type: ValueType {
        switch self {
        case .number: .scalar
        case .string: .string
        case .selector: .vector
        case .range, .subquery: .matrix
        case .call(let call): call.function.returns
        case .aggregation: .vector
        case .binary(let operation):
            operation.left.type == .scalar && operation.right.type == .scalar ? .scalar : .vector
        case .unary(let operation): operation.expression.type
        case .parenthesized(let group): group.expression.type
        }
    }

    /// Where it stands in the query.
    public var source: SourceRange {
        switch self {
        case .number(let node): node.source
        case .string(let node): node.source
        case .selector(let node): node.source
        case .range(let node): node.source
        case .subquery(let node): node.source
        case .call(let node): node.source
        case .aggregation(let node): node.source
        case .binary(let node): node.source
        case .unary(let node): node.source
        case .parenthesized(let node): node.source
        }
    }
}

extension ValueType {
    /// What Prometheus's documentation and messages call it.
    public var words: String {
        switch self {
        case .scalar: "scalar"
        case .vector: "instant vector"
        case .matrix: "range vector"
        case .string: "string"
        }
    }
}

/// Holds a tree against the types of the language.
struct TypeChecker {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private func mistake(_ message: String, at source: SourceRange) -> Mistake {
        Mistake(message, at: source, kind: .types)
    }

    func check(_ expression: Expression) throws(Mistake) {
        switch expression {
        case .number, .string: return
        case .selector(let selector): try check(selector)
        case .range(let range): try check(range.selector)
        case .subquery(let subquery):
            try check(subquery.expression)
            let type = subquery.expression.type
            guard type == .vector else {
                throw mistake(
                    "subquery is only allowed on instant vector, got \(type.rawValue) instead",
                    at: subquery.source)
            }
        case .call(let call): try check(call)
        case .aggregation(let aggregation): try check(aggregation)
        case .binary(let operation): try check(operation)
        case .unary(let operation):
            try check(operation.expression)
            let type = operation.expression.type
            guard type == .scalar || type == .vector else {
                throw mistake(
                    "unary expression only allowed on expressions of type scalar or instant "
                        + "vector, got \"\(type.words)\"", at: operation.source)
            }
        case .parenthesized(let group): try check(group.expression)
        }
    }

    private func check(_ selector: Selector) throws(Mistake) {
        if let name = selector.name {
            // The condition that stands for the name is the last one.
            let others = selector.matchers.dropLast()
            if let other = others.first(where: { $0.name == Labels.metricNameLabel }) {
                throw mistake(
                    "metric name must not be set twice: \(GoText.quoted(name)) or "
                        + GoText.quoted(other.value), at: selector.source)
            }
        } else if selector.matchers.allSatisfy(\.matchesEmpty) {
            throw mistake(
                "vector selector must contain at least one non-empty matcher",
                at: selector.source)
        }
    }

    private func expect(
        _ type: ValueType, _ expression: Expression, in context: String
    ) throws(Mistake) {
        try check(expression)
        guard expression.type == type else {
            throw mistake(
                "expected type \(type.words) in \(context), got \(expression.type.words)",
                at: expression.source)
        }
    }

    private func check(_ aggregation: Aggregation) throws(Mistake) {
        try expect(.vector, aggregation.expression, in: "aggregation expression")
        if let parameter = aggregation.parameter, let type = aggregation.operator.parameterType {
            try expect(type, parameter, in: "aggregation parameter")
        }
    }

    private func check(_ call: Call) throws(Mistake) {
        let function = call.function
        let count = call.arguments.count
        let declared = function.arguments.count
        func wrong(_ bound: String, _ number: Int) -> Mistake {
            mistake(
                "expected \(bound)\(number) argument(s) in call to \"\(function.name)\", "
                    + "got \(count)", at: call.source)
        }
        if function.variadic == 0 {
            if count != declared { throw wrong("", declared) }
        } else {
            let least = declared - 1
            if count < least { throw wrong("at least ", least) }
            let most = least + function.variadic
            if function.variadic > 0, count > most { throw wrong("at most ", most) }
        }
        if function.kind == .info, count > 1 {
            try checkInfoSelector(call.arguments[1], of: call)
        }
        for (index, argument) in call.arguments.enumerated() {
            // The second argument of info() is no selector of its own: it may be empty.
            if function.kind == .info, index == 1 { continue }
            try expect(
                function.arguments[min(index, declared - 1)], argument,
                in: "call to function \"\(function.name)\"")
        }
    }

    private func checkInfoSelector(_ argument: Expression, of call: Call) throws(Mistake) {
        guard argument.type == .vector else {
            throw mistake(
                "expected type \(ValueType.vector.words) in call to function "
                    + "\"\(call.function.name)\", got \(argument.type.words)", at: call.source)
        }
        guard case .selector(let selector) = argument else {
            throw mistake("expected label selectors only", at: argument.source)
        }
        guard selector.name == nil else {
            throw mistake(
                "expected label selectors only, got vector selector instead", at: argument.source)
        }
    }

    // MARK: Binary operators

    private func check(_ operation: BinaryOperation) throws(Mistake) {
        try check(operation.left)
        try check(operation.right)
        let left = operation.left.type
        let right = operation.right.type
        let kind = operation.operator
        let place = operatorPlace(operation)
        if operation.returnsBool, !kind.isComparison {
            throw mistake("bool modifier can only be used on comparison operators", at: place)
        }
        if kind.isComparison, !operation.returnsBool, left == .scalar, right == .scalar {
            throw mistake("comparisons between scalars must use BOOL modifier", at: place)
        }
        if let matching = operation.matching, case .on(let labels) = matching.labels,
            let label = labels.first(where: matching.include.contains)
        {
            throw mistake(
                "label \(GoText.quoted(label)) must not occur in ON and GROUP clause at once",
                at: place)
        }
        for side in [operation.left, operation.right]
        where side.type != .scalar && side.type != .vector {
            throw mistake(
                "binary expression must contain only scalar and instant vector types",
                at: side.source)
        }
        if let matching = operation.matching { try check(matching, operation) }
        if kind.isSet, left == .scalar || right == .scalar {
            throw mistake(
                "set operator \"\(kind.rawValue)\" not allowed in binary scalar expression",
                at: operation.source)
        }
    }

    private func check(
        _ matching: VectorMatching, _ operation: BinaryOperation
    ) throws(Mistake) {
        let message: String
        if operation.left.type != .vector || operation.right.type != .vector {
            if !matching.labels.names.isEmpty {
                message = "vector matching only allowed between instant vectors"
            } else if matching.hasFill {
                message = "filling in missing series only allowed between instant vectors"
            } else {
                return
            }
        } else if operation.operator.isSet {
            if matching.isGrouped {
                message =
                    "no grouping allowed for \"\(operation.operator.rawValue)\" operation"
            } else if matching.hasFill {
                message = "filling in missing series not allowed for set operators"
            } else {
                return
            }
        } else {
            return
        }
        throw mistake(message, at: operation.source)
    }

    /// Where the operator begins: behind the left side and the white space.
    private func operatorPlace(_ operation: BinaryOperation) -> SourceRange {
        var offset = operation.left.source.upper
        while offset < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[offset]) {
            offset += 1
        }
        return SourceRange(offset, operation.right.source.lower)
    }
}

extension VectorMatching {
    var hasFill: Bool { fillLeft != nil || fillRight != nil }

    /// Whether `group_left` or `group_right` is written.
    var isGrouped: Bool { cardinality == .manyToOne || cardinality == .oneToMany }

    /// Whether `on` is written rather than `ignoring`.
    var isOn: Bool {
        if case .on = labels { true } else { false }
    }
}

extension VectorMatching.Labels {
    public var names: [String] {
        switch self {
        case .on(let names), .ignoring(let names): names
        }
    }
}
