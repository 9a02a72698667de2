import Clusters
import Planning
import PromQL
import Testing
import TimeSeries

/// Scalars that are asked first, and what is planned with their values.
@Suite struct QuestionTests {
    private static let clusters = ["a", "b"].map { name in
        ClusterScope(
            id: ClusterID(name), externalLabels: ["cluster": name],
            capabilities: Capabilities(version: [3, 14, 0]))
    }

    private static let instant = TimeGrid(instant: 1_700_000_000_000)
    private static let range = TimeGrid(
        start: 1_700_000_000_000, end: 1_700_000_120_000, step: 60_000)

    /// What a cluster is asked once everything that is asked first has the values given.
    private func asked(
        _ query: String, on grid: TimeGrid = instant, knowing values: [Double]...
    ) throws -> [String] {
        let times = QueryTimes(
            start: grid.start, end: grid.end, step: grid.step, defaultSubqueryStep: 60_000)
        let expression = try parse(query, options: ParseOptions(experimentalFunctions: true))
            .resolved(in: times)
        var known: [ScalarQuestion: [Double]] = [:]
        for value in values {
            let plan = try plan(expression, grid, known)
            let question = try #require(plan.questions.first)
            #expect(question.grid.count == value.count)
            known[question] = value
        }
        let plan = try plan(expression, grid, known)
        #expect(plan.questions.isEmpty)
        return plan.fragments.map { $0.requests[0].query }
    }

    private func plan(
        _ expression: Expression, _ grid: TimeGrid, _ known: [ScalarQuestion: [Double]]
    ) throws -> Plan {
        var planner = Planner(fleet: FleetScope(Self.clusters), known: known)
        return try planner.plan(expression, grid: grid)
    }

    @Test(arguments: [
        (17.0, "x > 17"), (-0.1, "x > (-0.1)"), (.nan, "x > (NaN)"), (.infinity, "x > (+Inf)"),
        (-.infinity, "x > (-Inf)"), (0.1 + 0.2, "x > 0.30000000000000004"), (-0.0, "x > (-0)"),
    ])
    func aValueStandsWhereItsScalarStood(_ value: Double, _ text: String) throws {
        #expect(try asked("x > scalar(y)", knowing: [value]).last == text)
        // What is sent is read as the same value.
        guard case .binary(let operation) = try parse(text) else { return }
        var right = operation.right
        while case .parenthesized(let group) = right { right = group.expression }
        if case .number(let literal) = right {
            #expect(literal.value.bitPattern == value.bitPattern || value.isNaN)
        }
    }

    @Test func aScalarWithinAScalarIsAskedBeforeIt() throws {
        #expect(
            try asked("x > scalar(y > scalar(z))", knowing: [3], [5])
                == ["topk(2, z)", "topk(2, y > 3)", "x > 5"])
    }

    @Test func nothingIsAskedFirstWhereNoLessWouldBeAnswered() throws {
        #expect(try asked("x * scalar(y)") == ["topk(2, y)", "x"])
        #expect(try asked("x > bool scalar(y)") == ["topk(2, y)", "x"])
        // Over a range the scalar is another at each time.
        #expect(try asked("x > scalar(y)", on: Self.range) == ["topk(2, y)", "x"])
    }

    @Test func anAggregationAboveLetsClustersAddUp() throws {
        #expect(try asked("sum(x * scalar(y))", knowing: [3]).last == "sum(x * 3)")
        #expect(
            try asked("sum(x * scalar(y @ 5))", on: Self.range, knowing: [3]).last
                == "sum(x * 3)")
    }

    @Test func theGreatestOfManyRanksIsSent() throws {
        #expect(
            try asked("topk(scalar(y), x)", on: Self.range, knowing: [1, 3, 2]).last
                == "topk(3, x)")
        #expect(
            try asked("bottomk by (cluster) (scalar(y), x)", on: Self.range, knowing: [2, 2, 2])
                .last == "bottomk(2, x)")
    }

    @Test func aRankThatIsNoneIsLeftToFailHere() throws {
        #expect(
            try asked("topk(scalar(y), x)", on: Self.range, knowing: [1, .nan, 2]).last == "x")
        #expect(try asked("limitk(scalar(y), x)", knowing: [1e300]).last == "x")
    }

    @Test func windowsAreComputedWhereTheirParameterIsKnown() throws {
        #expect(
            try asked("quantile_over_time(scalar(q), x[5m])", knowing: [0.9]).last
                == "quantile_over_time(0.9, x[5m])")
        // Where it changes, the samples come here, of all windows in one.
        #expect(
            try asked("quantile_over_time(scalar(q), x[5m])", on: Self.range).last == "x[7m]")
    }
}
