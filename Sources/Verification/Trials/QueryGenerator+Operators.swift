import PromQL
import TimeSeries

extension QueryGenerator {
    // MARK: Aggregations

    mutating func aggregation() -> Expression {
        let operation = random.pick(
            AggregationOperator.allCases + [.sum, .sum, .avg, .count, .max, .min])
        let parameter: Expression? =
            switch operation {
            case .topk, .bottomk, .limitk:
                random.chance(85) ? number(random.pick([1, 2, 3, 0, 5, 1.9, -1])) : scalar()
            case .quantile: number(random.pick([0.5, 0.9, 0, 1, 0.25, -1, 2, .nan]))
            case .limitRatio: number(random.pick([0.5, -0.5, 0.1, 1, 0, -1, 2]))
            case .countValues:
                .string(
                    StringLiteral(random.pick(["v", "v", "v"] + vocabulary.labelNames)))
            case .sum, .avg, .count, .min, .max, .group, .stddev, .stdvar: nil
            }
        return .aggregation(
            Aggregation(
                operator: operation, expression: vector(), parameter: parameter,
                grouping: grouping()))
    }

    /// `by` or `without`, with and without the external labels.
    private mutating func grouping() -> Grouping {
        switch Int.random(in: 0..<10, using: &random) {
        case 0...2: return .by([])
        case 3...7: return .by(someNames(atMost: 3))
        default: return .without(someNames(atMost: 3))
        }
    }

    private mutating func someNames(atMost count: Int) -> [String] {
        var names = random.some(of: vocabulary.ownNames, atMost: count - 1)
        if random.chance(45) { names += random.some(of: vocabulary.externalNames, atMost: 2) }
        if random.chance(4) { names.append(Labels.metricNameLabel) }
        return names
    }

    // MARK: Two vectors

    /// An operation of two vectors, made so that most find partners.
    mutating func join() -> Expression {
        switch Int.random(in: 0..<10, using: &random) {
        case 0...2: return setOperation()
        case 3...5: return joinOfGroups()
        case 6, 7: return joinOfKin()
        default: return anyJoin()
        }
    }

    private static let arithmetic = BinaryOperator.allCases.filter(\.isArithmetic)
    private static let comparisons = BinaryOperator.allCases.filter(\.isComparison)

    /// What computes or compares; the trimming of histograms comes up now and then.
    private mutating func operation() -> BinaryOperator {
        if random.chance(3) { return random.pick([.trimUpper, .trimLower]) }
        return random.chance(60)
            ? random.pick(Self.arithmetic) : random.pick(Self.comparisons)
    }

    private mutating func binary(
        _ operation: BinaryOperator, _ left: Expression, _ right: Expression,
        _ matching: VectorMatching? = VectorMatching()
    ) -> Expression {
        var matching = matching
        if operation.isSet { matching?.cardinality = .manyToMany }
        return .binary(
            BinaryOperation(
                operator: operation, left: Self.operand(left), right: Self.operand(right),
                returnsBool: operation.isComparison && random.chance(40), matching: matching))
    }

    private mutating func setOperation() -> Expression {
        let labels: VectorMatching.Labels =
            random.chance(40)
            ? .ignoring([])
            : random.chance(60) ? .on(someNames(atMost: 3)) : .ignoring(someNames(atMost: 2))
        return binary(
            random.pick([.and, .or, .or, .unless]), vector(), vector(),
            VectorMatching(cardinality: .manyToMany, labels: labels))
    }

    /// Two groupings that have the labels in common on which they are matched.
    private mutating func joinOfGroups() -> Expression {
        var shared = random.some(of: vocabulary.labelNames, atMost: 2)
        if shared.isEmpty, random.chance(70) { shared = [random.pick(vocabulary.labelNames)] }
        let further = vocabulary.labelNames.filter { !shared.contains($0) }
        let isGrouped = random.chance(40) && !further.isEmpty
        let added = isGrouped ? [random.pick(further)] : []
        func group(_ generator: inout QueryGenerator, _ labels: [String]) -> Expression {
            .aggregation(
                Aggregation(
                    operator: generator.random.pick([.sum, .sum, .max, .count, .avg, .group]),
                    expression: generator.vector(), grouping: .by(labels)))
        }
        let many = group(&self, shared + added)
        let one = group(&self, shared)
        guard isGrouped else {
            let labels: VectorMatching.Labels =
                random.chance(50) ? .on(shared) : .ignoring([])
            return binary(operation(), many, one, VectorMatching(labels: labels).filled(by: &self))
        }
        let labels: VectorMatching.Labels = random.chance(60) ? .on(shared) : .ignoring(added)
        if random.chance(60) {
            let matching = VectorMatching(cardinality: .manyToOne, labels: labels)
            return binary(operation(), many, one, matching.filled(by: &self))
        }
        let matching = VectorMatching(cardinality: .oneToMany, labels: labels)
        return binary(operation(), one, many, matching.filled(by: &self))
    }

    /// Two expressions over the same metric.
    private mutating func joinOfKin() -> Expression {
        let metric = random.pick(vocabulary.metrics)
        let left = Expression.selector(selector(of: metric))
        let right = Expression.selector(selector(of: metric))
        let labels: VectorMatching.Labels =
            random.chance(70)
            ? .ignoring([])
            : .on(metric.labels + random.some(of: vocabulary.externalNames, atMost: 2))
        return binary(
            operation(), left, right, VectorMatching(labels: labels).filled(by: &self))
    }

    /// Anything beside anything: mostly nothing, or a mistake that must be found.
    private mutating func anyJoin() -> Expression {
        let names = someNames(atMost: 3)
        let labels: VectorMatching.Labels = random.chance(60) ? .on(names) : .ignoring(names)
        var matching = VectorMatching(labels: labels)
        matching.cardinality = random.pick([.oneToOne, .manyToOne, .oneToMany])
        if matching.cardinality != .oneToOne, random.chance(50) {
            let free = vocabulary.labelNames.filter { !names.contains($0) }
            matching.include = random.some(of: free, atMost: 2)
        }
        return binary(operation(), vector(), vector(), matching.filled(by: &self))
    }

    // MARK: Vectors and scalars

    mutating func operationWithScalar() -> Expression {
        let vector = vector()
        let scalar = random.chance(75) ? number() : scalar()
        let operation = operation()
        return random.chance(70)
            ? binary(operation, vector, scalar, nil) : binary(operation, scalar, vector, nil)
    }

    mutating func scalar() -> Expression {
        guard depth > 0 else { return number() }
        return deeper { generator in
            switch Int.random(in: 0..<10, using: &generator.random) {
            case 0...2: generator.number()
            case 3, 4: generator.call("scalar", [generator.vector()])
            case 5:
                generator.call(generator.random.pick(["time", "pi"]), [])
            case 6:
                generator.call(generator.random.pick(["start", "end", "step", "range"]), [])
            case 7:
                generator.call(
                    generator.random.pick(["min_of", "max_of"]),
                    [generator.scalar(), generator.scalar()])
            default: generator.scalarOperation()
            }
        }
    }

    private mutating func scalarOperation() -> Expression {
        let operation = operation()
        let left = scalar()
        let right = scalar()
        return .binary(
            BinaryOperation(
                operator: operation, left: Self.operand(left), right: Self.operand(right),
                returnsBool: operation.isComparison))
    }

    private func call(_ name: String, _ arguments: [Expression]) -> Expression {
        guard let function = Function.named(name) else {
            preconditionFailure("\(name) is in the table")
        }
        return .call(Call(function: function, arguments: arguments))
    }

    func number(_ value: Double) -> Expression { .number(NumberLiteral(value)) }

    /// A number, sometimes one of the data.
    mutating func number() -> Expression {
        if !vocabulary.numbers.isEmpty, random.chance(40) {
            return number(random.pick(vocabulary.numbers))
        }
        return number(
            random.pick([0, 1, 2, -1, 0.5, 3, 10, 100, -2.5, 1e3, 1e-3, .infinity, .nan, -0.0]))
    }
}

extension VectorMatching {
    /// Now and then with values for partners that are missing.
    fileprivate func filled(by generator: inout QueryGenerator) -> VectorMatching {
        guard generator.random.chance(8) else { return self }
        var result = self
        if generator.random.chance(70) { result.fillLeft = generator.random.pick([0, 1, -3]) }
        if generator.random.chance(70) { result.fillRight = generator.random.pick([0, 1, -3]) }
        return result
    }
}
