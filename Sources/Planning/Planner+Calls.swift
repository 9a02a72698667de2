import PromQL
import TimeSeries

extension Planner {
    /// What a function call becomes; `distribution.md` C2 and C4 by the kind in its table row.
    mutating func part(
        ofCall call: Call, grid: TimeGrid
    ) throws(PlanningFailure) -> Part {
        switch call.function.kind {
        case .overRange:
            return try part(ofRangeCall: call, grid: grid)
        case .elementwise, .buckets, .calendar:
            return try part(ofElementwise: call, grid: grid)
        case .sampleTime:
            return try part(ofSampleTime: call, grid: grid)
        case .labels:
            return try part(ofLabelCall: call, grid: grid)
        case .absent:
            return .global(try absentNode(of: call.arguments[0], grid: grid))
        case .absentOverTime:
            return .global(try absentOverTimeNode(call, grid: grid))
        case .sort, .vector:
            return .global(try callNode(call, grid: grid))
        case .scalar:
            return .global(try scalarNode(call, grid: grid))
        case .constant, .scalarArithmetic:
            return try part(ofConstantCall: call, grid: grid)
        case .query:
            throw .notDistributable(
                part: call.function.name + "()", reason: "it must be literal before planning")
        case .info:
            return .global(try infoNode(call, grid: grid))
        }
    }

    /// The call computed here, on its arguments computed here.
    private mutating func callNode(
        _ call: Call, grid: TimeGrid
    ) throws(PlanningFailure) -> PlanNode {
        var arguments: [PlanNode] = []
        for argument in call.arguments {
            arguments.append(try materialized(try part(of: argument, grid: grid), grid: grid))
        }
        return .call(CallNode(call, arguments: arguments))
    }

    private mutating func part(
        ofConstantCall call: Call, grid: TimeGrid
    ) throws(PlanningFailure) -> Part {
        var own = call
        for (index, argument) in call.arguments.enumerated() {
            guard case .constant(let constant) = try part(of: argument, grid: grid) else {
                return .global(try callNode(call, grid: grid))
            }
            own.arguments[index] = constant
        }
        // Servers before the release that brought it would not know the name, so its value is
        // computed here and never sent.
        return call.function.since == nil
            ? .constant(.call(own)) : .global(node(ofConstant: .call(own)))
    }

    /// Functions of each element or of the buckets of one group: local where their vector is and
    /// all else is constant.
    private mutating func part(
        ofElementwise call: Call, grid: TimeGrid
    ) throws(PlanningFailure) -> Part {
        var own = call
        var found: Local?
        // Of buckets one value is left, so it pays to let the clusters compute it.
        let isWorthAsking = isReduced || call.function.kind == .buckets
        for (index, argument) in call.arguments.enumerated() {
            if case .string = argument { continue }
            let before = questions.count
            let part = try part(of: argument, grid: grid)
            switch part {
            case .constant(let constant): own.arguments[index] = constant
            case .local(let local) where found == nil:
                own.arguments[index] = local.expression
                found = local
            case .local, .global:
                guard isWorthAsking,
                    let value = substitute(
                        for: argument, planned: part, before: before, grid: grid)
                else { return .global(try callNode(call, grid: grid)) }
                own.arguments[index] = value
            }
        }
        guard var local = found else { return .global(try callNode(call, grid: grid)) }
        local.expression = .call(own)
        let old = try tooOld(for: local.expression, since: call.function.since)
        guard old == nil, !writesExternalLabel(call) else {
            return .global(try callNode(call, grid: grid))
        }
        return .local(local)
    }

    /// Whether a `histogram_quantiles` writes its quantile where an external label belongs.
    private func writesExternalLabel(_ call: Call) -> Bool {
        call.function.kind == .buckets
            && call.arguments.contains {
                if case .string(let literal) = $0 {
                    externalNames.contains(literal.value)
                } else {
                    false
                }
            }
    }

    private mutating func part(
        ofSampleTime call: Call, grid: TimeGrid
    ) throws(PlanningFailure) -> Part {
        guard case .local(var local) = try partOfLooking(at: call.arguments[0], grid: grid) else {
            return .global(try callNode(call, grid: grid))
        }
        var own = call
        own.arguments[0] = local.expression
        local.expression = .call(own)
        if let old = try tooOld(for: local.expression, since: call.function.since),
            let since = call.function.since
        {
            throw .unsupported(part: call.function.name + "()", cluster: old.id, since: since)
        }
        return .local(local)
    }

    /// What an argument becomes to a function that looks at its samples: a selector is not looked at
    /// without the function, whosever series it matches.
    private mutating func partOfLooking(
        at argument: Expression, grid: TimeGrid
    ) throws(PlanningFailure) -> Part {
        guard case .selector(let selector) = argument.unparenthesized else {
            return try part(of: argument, grid: grid)
        }
        try requireSampling(selector)
        return .local(Local(expression: argument, external: externalNames))
    }

    // MARK: Windows

    private mutating func part(
        ofRangeCall call: Call, grid: TimeGrid
    ) throws(PlanningFailure) -> Part {
        var own = call
        var parameters: [PlanNode?] = []
        var window: (index: Int, expression: Expression)?
        var parametersAreConstant = true
        for (index, argument) in call.arguments.enumerated() {
            switch argument.unparenthesized {
            case .range, .subquery:
                window = (index, argument.unparenthesized)
                parameters.append(nil)
            default:
                let before = questions.count
                let part = try part(of: argument, grid: grid)
                if case .constant(let constant) = part {
                    own.arguments[index] = constant
                } else if let value = substitute(
                    for: argument, planned: part, before: before, grid: grid)
                {
                    own.arguments[index] = value
                } else {
                    parametersAreConstant = false
                }
                parameters.append(try materialized(part, grid: grid))
            }
        }
        guard let window else {
            throw .notDistributable(part: Expression.call(call).text(), reason: "no window")
        }
        if case .subquery(let subquery) = window.expression {
            return try part(
                of: own, parameters: parameters, parametersAreConstant: parametersAreConstant,
                subquery: subquery, at: window.index, grid: grid)
        }
        if case .range(let range) = window.expression {
            try requireSampling(range.selector)
            guard parametersAreConstant else {
                return .global(
                    try windowNode(call, parameters: parameters, over: range, grid: grid))
            }
        }
        let expression = Expression.call(own)
        if let old = try tooOld(for: expression, since: call.function.since),
            let since = call.function.since,
            call.function.name != "double_exponential_smoothing"
        {
            throw .unsupported(part: call.function.name + "()", cluster: old.id, since: since)
        }
        return .local(Local(expression: expression, external: externalNames))
    }

    /// A function over windows of a selector whose parameter only the gateway knows: the samples
    /// of all windows come here, as one window that holds them all.
    private mutating func windowNode(
        _ call: Call, parameters: [PlanNode?], over range: RangeSelector, grid: TimeGrid
    ) throws(PlanningFailure) -> PlanNode {
        guard range.selector.sampling == .plain else {
            throw .notDistributable(
                part: Expression.call(call).text(),
                reason: "its parameter is computed from the clusters' data, and the samples "
                    + "around its windows are not known here")
        }
        var whole = range
        if range.selector.time.at == nil {
            let span = grid.end - grid.start
            whole.range = .milliseconds(range.range.literalMilliseconds + span)
        }
        let samples = Local(expression: .range(whole), external: externalNames)
        let index = try fragment(
            of: samples, grid: TimeGrid(instant: grid.end), wantsSamples: true)
        return .window(
            WindowNode(
                call, arguments: parameters, input: .samples(fragment: index),
                window: Window(range)))
    }

    /// A function over a subquery: each cluster's own where what is inside is, else over the
    /// points that are computed here.
    private mutating func part(
        of call: Call, parameters: [PlanNode?], parametersAreConstant: Bool, subquery: Subquery,
        at index: Int, grid: TimeGrid
    ) throws(PlanningFailure) -> Part {
        let inner = subquery.points(on: grid)
        let innerPart = try part(of: subquery.expression, grid: inner)
        if parametersAreConstant, case .local(var local) = innerPart {
            var pushed = subquery
            pushed.expression = local.expression
            var own = call
            own.arguments[index] = .subquery(pushed)
            local.expression = .call(own)
            if try canPush(call, local.expression) { return .local(local) }
        }
        return .global(
            .window(
                WindowNode(
                    call, arguments: parameters,
                    input: .points(try materialized(innerPart, grid: inner), grid: inner),
                    window: Window(subquery))))
    }

    /// Whether all servers in scope know the function, and look at the union's windows.
    private mutating func canPush(_ call: Call, _ expression: Expression) throws(PlanningFailure)
        -> Bool
    {
        if try tooOld(for: expression, since: call.function.since) != nil { return false }
        // Before 3.0 a subquery's window holds its far edge too. Shortening it by a millisecond is
        // exact but for functions that look at its length.
        guard ["rate", "increase", "delta"].contains(call.function.name) else { return true }
        return try !scope(of: expression) { $0.hasClosedWindows }
    }

    // MARK: Labels

    private mutating func part(
        ofLabelCall call: Call, grid: TimeGrid
    ) throws(PlanningFailure) -> Part {
        guard case .local(var local) = try part(of: call.arguments[0], grid: grid) else {
            return .global(try callNode(call, grid: grid))
        }
        var texts: [String] = []
        for argument in call.arguments.dropFirst() {
            guard case .string(let literal) = argument.unparenthesized else {
                return .global(try callNode(call, grid: grid))
            }
            texts.append(literal.value)
        }
        // label_replace(v, destination, replacement, source, pattern);
        // label_join(v, destination, separator, sources…).
        guard let destination = texts.first, !externalNames.contains(destination) else {
            return .global(try callNode(call, grid: grid))
        }
        let sources =
            call.function.name == "label_join" ? Array(texts.dropFirst(2)) : [texts[2]]
        if sources.contains(where: externalNames.contains) { local.readsExternal = true }
        var own = call
        own.arguments[0] = local.expression
        local.expression = .call(own)
        return .local(local)
    }

    // MARK: Absence and scalars

    private mutating func absentNode(
        of argument: Expression, grid: TimeGrid
    ) throws(PlanningFailure) -> PlanNode {
        let wasReduced = isReduced
        isReduced = true
        let part = try partOfLooking(at: argument, grid: grid)
        isReduced = wasReduced
        return try absence(of: part, labels: argument.labelsOfAbsence, grid: grid)
    }

    private mutating func absentOverTimeNode(
        _ call: Call, grid: TimeGrid
    ) throws(PlanningFailure) -> PlanNode {
        guard let present = Function.named("present_over_time") else {
            preconditionFailure("present_over_time is a row of the function table")
        }
        let presentCall = Call(
            function: present, arguments: call.arguments, source: call.source)
        return try absence(
            of: try part(ofCall: presentCall, grid: grid),
            labels: call.arguments[0].labelsOfAbsence, grid: grid)
    }

    /// One series with `labels` wherever the part has nothing.
    private mutating func absence(
        of part: Part, labels: Labels, grid: TimeGrid
    ) throws(PlanningFailure) -> PlanNode {
        switch part {
        case .local(let local):
            .absent(input: try presence(of: local, grid: grid), labels: labels)
        case .constant(let constant):
            .absent(input: node(ofConstant: constant), labels: labels)
        case .global(let node):
            .absent(input: node, labels: labels)
        }
    }

    /// One sample a step wherever any cluster has anything.
    private mutating func presence(
        of local: Local, grid: TimeGrid
    ) throws(PlanningFailure) -> PlanNode {
        let group = Aggregation(operator: .group, expression: local.expression)
        let pushed = Local(
            expression: .aggregation(group), external: [], readsExternal: local.readsExternal)
        return .merged(
            fragment: try fragment(of: pushed, grid: grid, isMerged: true), .group,
            origin: pushed.expression.text())
    }

    /// `scalar(v)` needs to know only whether there is more than one element. Histograms do not
    /// count, here and there, but there a remark is made on them.
    private mutating func scalarNode(
        _ call: Call, grid: TimeGrid
    ) throws(PlanningFailure) -> PlanNode {
        let origin = Expression.call(call).text()
        guard !exactAggregations.contains(origin),
            case .local(var local) = try part(of: call.arguments[0], grid: grid)
        else { return try callNode(call, grid: grid) }
        local.expression = .aggregation(
            Aggregation(
                operator: .topk, expression: local.expression,
                parameter: .number(NumberLiteral(2))))
        let candidates = try fragment(of: local, grid: grid)
        return .call(
            CallNode(
                call, arguments: [.candidates(fragment: candidates, origin: origin)]))
    }
}
