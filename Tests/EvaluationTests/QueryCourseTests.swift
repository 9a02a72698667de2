import Clusters
import Evaluation
import Planning
import PromQL
import Testing
import TimeSeries

/// A query's way from plan to plan.
@Suite struct QueryCourseTests {
    private static let fleet = FleetScope(
        ["a", "b"].map { name in
            ClusterScope(
                id: ClusterID(name), externalLabels: ["cluster": name],
                capabilities: Capabilities(version: [3, 14, 0]))
        })

    private func course(_ query: String) throws -> QueryCourse {
        let times = QueryTimes(
            start: instant.start, end: instant.start, step: 0, defaultSubqueryStep: 60_000)
        return QueryCourse(
            try parse(query).resolved(in: times), on: instant, fleet: Self.fleet)
    }

    private func answer(
        _ parts: [[GridSeries]], warning: String? = nil, info: String? = nil
    ) -> FragmentAnswer {
        var remarks = Annotations()
        if let warning { remarks.warn(warning) }
        if let info { remarks.inform(info) }
        return FragmentAnswer(parts: parts, remarks: remarks)
    }

    /// The texts that are asked in the next round.
    private func asked(_ plan: Plan) -> [String] { plan.fragments.map(\.text) }

    @Test(arguments: [
        (
            "sum(x)", "sum(x)",
            "PromQL warning: encountered a mix of histograms and floats for aggregation"
        ),
        (
            "avg(x)", "sum(x), count(x)",
            "PromQL warning: encountered a mix of histograms and floats for aggregation"
        ),
        (
            "stddev(x)", "stdvar(x), avg(x), count(x)",
            "PromQL info: ignored histogram in stdvar aggregation"
        ),
        ("scalar(x)", "topk(2, x)", "PromQL info: ignored histogram in topk aggregation"),
    ])
    func whereAClusterSawAMixAllSeriesAreLookedAt(
        _ query: String, _ first: String, _ remark: String
    ) throws {
        var course = try course(query)
        let plan = try course.nextPlan()
        #expect(asked(plan) == [first])
        let isWarning = remark.hasPrefix("PromQL warning")
        let inputs = EvaluationInputs(
            fragments: [
                answer(
                    [[], []], warning: isWarning ? remark : nil, info: isWarning ? nil : remark)
            ])
        let early = try course.outcome(of: plan, inputs: inputs)
        #expect(early == nil)
        #expect(course.replanCount == 1)
        let next = try course.nextPlan()
        #expect(asked(next) == ["x"])
    }

    @Test func aScalarIsAskedAndThenTheRest() throws {
        var course = try course("x > scalar(y)")
        let first = try course.nextPlan()
        #expect(asked(first) == ["topk(2, y)"])
        let scalar = answer([[series(["cluster": "a"], 5)], []])
        let early = try course.outcome(
            of: first, inputs: EvaluationInputs(fragments: [scalar]))
        #expect(early == nil)
        let second = try course.nextPlan()
        #expect(asked(second) == ["topk(2, y)", "x > 5"])
        let found = answer([[], [series(["cluster": "b"], 7)]])
        let last = try course.outcome(
            of: second, inputs: EvaluationInputs(fragments: [scalar, found]))
        let outcome = try #require(last)
        #expect(try vector(outcome) == [series(["cluster": "b"], 7)])
    }

    @Test func aScalarIsAskedAgainWithoutAClusterThatWentMissing() throws {
        var course = try course("x > scalar(y)")
        let hadNothing = !course.forgetAnswers()
        #expect(hadNothing)
        let first = try course.nextPlan()
        let scalar = answer([[series(["cluster": "a"], 5)], []])
        _ = try course.outcome(of: first, inputs: EvaluationInputs(fragments: [scalar]))
        let second = try course.nextPlan()
        #expect(asked(second).count == 2)
        // Cluster a is missing from here on: its share in the scalar must go too.
        let hadSomething = course.forgetAnswers()
        #expect(hadSomething)
        let again = try course.nextPlan()
        #expect(asked(again) == ["topk(2, y)"])
        _ = try course.outcome(
            of: again, inputs: EvaluationInputs(fragments: [answer([[]])]))
        let last = try course.nextPlan()
        #expect(asked(last).last == "x > (NaN)")
    }

    @Test func whatFailsOnPartialAnswersIsTriedOnAllSeries() throws {
        // One cluster dropped the group for mixing floats and histograms. In the union there is
        // no left side, so the right one may have as many series as it likes.
        var course = try course("sum(x) <= on () y")
        let plan = try course.nextPlan()
        let sums = answer(
            [[series([:], 1)], []],
            warning: "PromQL warning: encountered a mix of histograms and floats for aggregation")
        let others = answer([[series(["cluster": "a"], 1)], [series(["cluster": "b"], 2)]])
        let early = try course.outcome(
            of: plan, inputs: EvaluationInputs(fragments: [sums, others]))
        #expect(early == nil)
        let next = try course.nextPlan()
        #expect(asked(next) == ["x", "y"])
    }

    @Test func theTimesOfInfoSeriesAreAskedWhereTheyMatter() throws {
        let times = QueryTimes(
            start: instant.start, end: instant.start, step: 0, defaultSubqueryStep: 60_000)
        let expression = try parse(
            #"info(x, {__name__=~".*_info"})"#, options: ParseOptions(experimentalFunctions: true))
        var course = QueryCourse(
            try expression.resolved(in: times), on: instant, fleet: Self.fleet)
        let plan = try course.nextPlan()
        #expect(asked(plan) == ["x", #"{__name__=~".*_info"}"#])
        let old: Labels = ["__name__": "t_info", "job": "j", "version": "1", "cluster": "a"]
        let new: Labels = ["__name__": "t_info", "job": "j", "version": "2", "cluster": "b"]
        let vector = answer([[series(["job": "j", "cluster": "a"], 5)], []])
        let information = answer([[series(old, 1)], [series(new, 1)]])
        let early = try course.outcome(
            of: plan, inputs: EvaluationInputs(fragments: [vector, information]))
        #expect(early == nil)
        let next = try course.nextPlan()
        #expect(next.fragments.map(\.wantsSamples) == [false, false, true])
        let samples = FragmentAnswer(
            parts: [],
            samples: [
                SampleColumns(labels: old, times: [500_000, 590_000], values: [1, 1]),
                SampleColumns(labels: new, times: [500_000, 595_000], values: [1, 1]),
            ])
        let last = try course.outcome(
            of: next, inputs: EvaluationInputs(fragments: [vector, information, samples]))
        guard case .vector(let found, _)? = last?.value else {
            Issue.record("no vector")
            return
        }
        #expect(found == [series(["job": "j", "cluster": "a", "version": "2"], 5)])
    }

    @Test(
        arguments: [(nil, ["v": "1"]), (90_000, ["v": "1", "w": "2"]), (30_000, [:])]
            as [(Int64?, Labels)])
    func eachClustersInfoSeriesAreSeenAsFarBackAsItsServerLooks(
        _ told: Int64?, _ wanted: Labels
    ) throws {
        let fleet = FleetScope(
            [("a", nil), ("b", 50_000)].map { name, lookback in
                ClusterScope(
                    id: ClusterID(name), externalLabels: ["cluster": name],
                    capabilities: Capabilities(lookback: lookback))
            })
        let times = QueryTimes(
            start: instant.start, end: instant.start, step: 0, defaultSubqueryStep: 60_000)
        let expression = try parse(
            #"info(x offset 1m, {__name__=~".*_info"})"#,
            options: ParseOptions(experimentalFunctions: true))
        var course = QueryCourse(
            try expression.resolved(in: times), on: instant, fleet: fleet, toldLookback: told)
        let plan = try course.nextPlan()
        #expect(plan.fragments.map(\.wantsSamples) == [false, false, true])
        #expect(plan.fragments.map(\.grid.start) == [600_000, 540_000, 540_000])
        let first: Labels = ["__name__": "v_info", "job": "j", "v": "1", "cluster": "a"]
        let second: Labels = ["__name__": "w_info", "job": "j", "w": "2", "cluster": "b"]
        let last = try course.outcome(
            of: plan,
            inputs: EvaluationInputs(fragments: [
                answer([[series(["job": "j", "cluster": "a"], 5)], []]),
                answer([[series(first, 1)], [series(second, 1)]]),
                FragmentAnswer(
                    parts: [],
                    samples: [first, second].map {
                        SampleColumns(labels: $0, times: [530_000], values: [1])
                    }),
            ]))
        guard case .vector(let found, _)? = last?.value else {
            Issue.record("no vector")
            return
        }
        let own: Labels = ["job": "j", "cluster": "a"]
        #expect(found == [series(own.setting(wanted), 5)])
    }
}
