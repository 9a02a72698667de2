import PromQL

extension MissingDataAnalysis {
    func effect(of operation: BinaryOperation) -> MissingDataEffect {
        let left = side(operation.left, of: operation)
        let right = side(operation.right, of: operation)
        if left.isNone, right.isNone { return .none }
        switch operation.operator.facts.kind {
        case .set: return set(operation, left, right)
        case .comparison: return compared(operation, left, right)
        case .arithmetic:
            var result = matched(operation, left, right)
            result.value = computed(operation, left, right)
            result.isNonNegative = isNonNegative(operation, left, right)
            return result
        case .trimming:
            var result = matched(operation, left, right)
            result.value =
                left.value == .exact && right.value == .exact ? .exact : .either
            return result
        }
    }

    /// What missing clusters mean for a side. Where partners find each other by some of their labels,
    /// an element that may vanish may have another in its place, with another value.
    private func side(
        _ expression: Expression, of operation: BinaryOperation
    ) -> MissingDataEffect {
        var result = effect(of: expression)
        if let matching = operation.matching, !matching.comparesAll, !operation.operator.isSet,
            result.presence != .certain
        {
            result.value = .either
        }
        return result
    }

    // MARK: Matching

    /// Which elements there are where both sides must have a partner: without looking at values.
    private func matched(
        _ operation: BinaryOperation, _ left: MissingDataEffect, _ right: MissingDataEffect
    ) -> MissingDataEffect {
        guard operation.left.type == .vector, operation.right.type == .vector else {
            // One side is a scalar, which no element can miss. Where it depends on data, it does on
            // that of all clusters.
            let vector = operation.left.type == .vector ? left : right
            let scalar = operation.left.type == .vector ? right : left
            var result = vector
            if scalar.value != .exact { result.carried = [] }
            return result
        }
        // Matching on all labels is not written.
        let matching = operation.matching ?? VectorMatching()
        var result = MissingDataEffect(
            carried: carried(matching, left, right),
            presence: max(left.presence, right.presence),
            canAppear: left.canAppear || right.canAppear)
        let isFilled = matching.fillLeft != nil || matching.fillRight != nil
        if isFilled, !isSeparated(result.carried) {
            // A value that was filled in may be another one in truth.
            result.presence = max(result.presence, .eitherWay)
        }
        return result
    }

    /// The external labels that both sides of a pair share.
    private func carried(
        _ matching: VectorMatching, _ left: MissingDataEffect, _ right: MissingDataEffect
    ) -> Set<String> {
        // A side that no cluster can change says nothing of clusters.
        let sides = [left, right].filter { !$0.isNone }.map(\.carried)
        var result = sides.dropFirst().reduce(sides.first ?? []) { $0.intersection($1) }
        switch matching.labels {
        case .on(let names): result.formIntersection(names)
        case .ignoring(let names): result.subtract(names)
        }
        return result.subtracting(matching.include)
    }

    // MARK: Arithmetic

    private func computed(
        _ operation: BinaryOperation, _ left: MissingDataEffect, _ right: MissingDataEffect
    ) -> MissingDataEffect.Direction {
        if left.value == .exact, right.value == .exact {
            return hasFill(operation) && !isSeparated(left.carried.intersection(right.carried))
                ? .either : .exact
        }
        if hasFill(operation) { return .either }
        switch operation.operator {
        case .add: return left.value.combined(with: right.value)
        case .subtract: return left.value.combined(with: right.value.flipped)
        case .multiply, .divide:
            let isProduct = operation.operator == .multiply
            if let factor = operation.right.constantNumber, factor != 0 {
                return factor > 0 ? left.value : left.value.flipped
            }
            if isProduct, let factor = operation.left.constantNumber, factor != 0 {
                return factor > 0 ? right.value : right.value.flipped
            }
            let isAbove = { (side: MissingDataEffect, expression: Expression) in
                side.isNonNegative || expression.constantIsNonNegative
            }
            guard isAbove(left, operation.left), isAbove(right, operation.right) else {
                return .either
            }
            return left.value.combined(with: isProduct ? right.value : right.value.flipped)
        default: return .either
        }
    }

    private func hasFill(_ operation: BinaryOperation) -> Bool {
        operation.matching?.fillLeft != nil || operation.matching?.fillRight != nil
    }

    private func isNonNegative(
        _ operation: BinaryOperation, _ left: MissingDataEffect, _ right: MissingDataEffect
    ) -> Bool {
        switch operation.operator {
        case .add, .multiply, .divide:
            (left.isNonNegative || operation.left.constantIsNonNegative)
                && (right.isNonNegative || operation.right.constantIsNonNegative)
        default: false
        }
    }

    // MARK: Comparisons

    private func compared(
        _ operation: BinaryOperation, _ left: MissingDataEffect, _ right: MissingDataEffect
    ) -> MissingDataEffect {
        var result = matched(operation, left, right)
        // Of the difference of both sides.
        let difference =
            hasFill(operation) ? .either : left.value.combined(with: right.value.flipped)
        if operation.returnsBool
            || operation.left.type == .scalar && operation.right.type == .scalar
        {
            result.value = operation.operator.truth(of: difference)
            result.isNonNegative = true
            return result
        }
        // What is kept is the side of the vector.
        let kept = operation.left.type == .vector ? left : right
        result.value = kept.value
        result.isNonNegative = kept.isNonNegative
        switch operation.operator.truth(of: difference) {
        case .exact: break
        // True stays true; what is not true may become it.
        case .more: result.canAppear = true
        // False stays false; what is true may be so for want of data.
        case .less: result.presence = max(result.presence, .deficit)
        case .either:
            result.presence = max(result.presence, .eitherWay)
            result.canAppear = true
        }
        return result
    }

    // MARK: Sets

    private func set(
        _ operation: BinaryOperation, _ left: MissingDataEffect, _ right: MissingDataEffect
    ) -> MissingDataEffect {
        let matching = operation.matching ?? VectorMatching(cardinality: .manyToMany)
        var result = left
        result.carried = right.isNone ? left.carried : carried(matching, left, right)
        switch operation.operator {
        case .and:
            result.presence = max(left.presence, right.presence)
            result.canAppear = left.canAppear || right.canAppear
        case .unless:
            result.presence = max(left.presence, right.canAppear ? .deficit : .certain)
            result.canAppear = left.canAppear || right.presence != .certain
        default:
            // Elements of either side: what holds for both holds for all.
            result.carried = alternatives(matching, left, right)
            result.presence = max(left.presence, right.presence)
            result.canAppear = left.canAppear || right.canAppear
            // One that is there on the right alone goes where the left gets its partner. With all
            // labels compared the partner takes its place.
            if left.canAppear, !matching.comparesAll, !isSeparated(result.carried) {
                result.presence = max(result.presence, .deficit)
            }
            if left.presence != .certain { result.canAppear = true }
            result.value = united(operation, left, right, isSeparated(result.carried))
            result.isNonNegative =
                left.isNonNegative
                && (right.isNonNegative || operation.right.constantIsNonNegative)
        }
        return result
    }

    /// Of `or`: an element may come from either side, with the labels of that side.
    private func alternatives(
        _ matching: VectorMatching, _ left: MissingDataEffect, _ right: MissingDataEffect
    ) -> Set<String> {
        let result = left.carried.intersection(right.carried)
        switch matching.labels {
        case .on(let names): return result.intersection(names)
        case .ignoring(let names): return result.subtracting(names)
        }
    }

    /// How values of `or` stand to the true ones.
    private func united(
        _ operation: BinaryOperation, _ left: MissingDataEffect, _ right: MissingDataEffect,
        _ isSeparated: Bool
    ) -> MissingDataEffect.Direction {
        if isSeparated { return left.value.combined(with: right.value) }
        guard left.canAppear || left.presence != .certain else {
            return left.value.combined(with: right.value)
        }
        // `x or vector(0)` can only rise where x cannot be below zero.
        let standIn = operation.right.constantNumber
        let rises =
            left.isNonNegative && left.presence == .certain && (standIn ?? 1) <= 0
            && (left.value == .exact || left.value == .more)
        return rises ? .more : .either
    }
}

extension BinaryOperator {
    /// What becomes of the truth of a comparison where the difference of its sides may move.
    fileprivate func truth(
        of difference: MissingDataEffect.Direction
    ) -> MissingDataEffect.Direction {
        if difference == .exact { return .exact }
        switch self {
        case .greater, .greaterOrEqual: return difference
        case .less, .lessOrEqual: return difference.flipped
        default: return .either
        }
    }
}

extension VectorMatching {
    /// Whether all labels count.
    fileprivate var comparesAll: Bool { labels == .ignoring([]) }
}

extension Expression {
    /// The number that `5` or `vector(5)` is.
    fileprivate var constantNumber: Double? {
        if case .call(let call) = unparenthesized, call.function.kind == .vector {
            return call.arguments[0].literalNumber
        }
        return literalNumber
    }

    fileprivate var constantIsNonNegative: Bool { (constantNumber ?? -1) >= 0 }
}
