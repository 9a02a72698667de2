import Testing
import Verification

extension Proofs {
    /// Generated queries over generated samples; the full number is a command's.
    @Suite struct PlannerTrialTests {
        private static let seed: UInt64 = 2026

        @Test(arguments: [2, 3, 5])
        func clustersAnswerGeneratedQueriesAsOneServerDoes(_ clusters: Int) async {
            var trial = PlannerTrial(
                .init(queries: 700, seed: Self.seed, clusters: clusters, shrunkFailures: 3))
            var count = 0
            var withPoints = 0
            while let one = trial.next() {
                await Task.yield()
                count += 1
                if one.outcome == .points { withPoints += 1 }
                if let failure = one.failure { Issue.record("\(failure.report)") }
            }
            #expect(count == 700)
            // Answers of nothing prove little.
            #expect(withPoints > 350, "\(withPoints) answers have points")
        }

        @Test(arguments: [1, 2, 3])
        func clustersAndTheGatewaysOwnSeriesAnswerGeneratedQueriesAsOneServerDoes(_ clusters: Int)
            async
        {
            var trial = PlannerTrial(
                .init(
                    queries: 700, seed: Self.seed + 100, clusters: clusters, observing: true,
                    shrunkFailures: 3))
            var withPoints = 0
            while let one = trial.next() {
                await Task.yield()
                if one.outcome == .points { withPoints += 1 }
                if let failure = one.failure { Issue.record("\(failure.report)") }
            }
            #expect(withPoints > 350, "\(withPoints) answers have points")
        }

        @Test func aSeedMakesTheSameQueries() {
            func queries(_ seed: UInt64) -> [String] {
                var trial = PlannerTrial(.init(queries: 150, seed: seed, shrunkFailures: 0))
                var result: [String] = []
                while let one = trial.next() { result.append(one.query) }
                return result
            }
            #expect(queries(7) == queries(7))
            #expect(queries(7) != queries(8))
        }

        @Test func theDataOfASeedCanBeHadAlone() {
            func lastQueries(_ seed: UInt64, from first: Int, to last: Int) -> [String] {
                var trial = PlannerTrial(
                    .init(queries: last, seed: seed, clusters: 2, shrunkFailures: 0))
                var result: [String] = []
                while let one = trial.next() {
                    if one.number > first { result.append(one.query) }
                }
                return result
            }
            let count = PlannerTrial.queriesOfData
            #expect(
                lastQueries(20, from: count, to: 2 * count) == lastQueries(21, from: 0, to: count))
        }
    }
}
