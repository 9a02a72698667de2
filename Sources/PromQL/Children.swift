extension Expression {
    /// The expressions that this one is made of, in the order of the text.
    public var children: [Expression] {
        switch self {
        case .number, .string, .selector, .range: []
        case .subquery(let subquery): [subquery.expression]
        case .call(let call): call.arguments
        case .aggregation(let aggregation):
            [aggregation.parameter, aggregation.expression].compactMap { $0 }
        case .binary(let operation): [operation.left, operation.right]
        case .unary(let operation): [operation.expression]
        case .parenthesized(let group): [group.expression]
        }
    }

    /// The same with every child replaced by what `change` makes of it.
    public func mapChildren<Failure>(
        _ change: (Expression) throws(Failure) -> Expression
    ) throws(Failure) -> Expression {
        switch self {
        case .number, .string, .selector, .range:
            return self
        case .subquery(var subquery):
            subquery.expression = try change(subquery.expression)
            return .subquery(subquery)
        case .call(var call):
            for index in call.arguments.indices {
                call.arguments[index] = try change(call.arguments[index])
            }
            return .call(call)
        case .aggregation(var aggregation):
            if let parameter = aggregation.parameter {
                aggregation.parameter = try change(parameter)
            }
            aggregation.expression = try change(aggregation.expression)
            return .aggregation(aggregation)
        case .binary(var operation):
            operation.left = try change(operation.left)
            operation.right = try change(operation.right)
            return .binary(operation)
        case .unary(var operation):
            operation.expression = try change(operation.expression)
            return .unary(operation)
        case .parenthesized(var group):
            group.expression = try change(group.expression)
            return .parenthesized(group)
        }
    }
}
