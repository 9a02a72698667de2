import Foundation
import TestSupport
import Testing
import Verification

extension Proofs {
    /// Scripts of promqltest, whole and dealt among clusters.
    @Suite struct ScriptTests {
        private static let counts = [2, 3, 5]

        @Test func ourOwnScriptsAreThere() { #expect(Corpora.ownScripts.count >= 8) }

        @Test(arguments: Corpora.ownScripts)
        func ourScriptsAreAnsweredAsTheySay(_ script: URL) async throws {
            try await run(script, .whole)
        }

        @Test(arguments: Corpora.ownScripts, counts)
        func ourScriptsAreAnsweredTheSameByClusters(_ script: URL, _ count: Int) async throws {
            try await run(script, .dealt(over: count))
        }

        @Test(arguments: Corpora.ownScripts, [1, 3])
        func ourScriptsAreAnsweredTheSameWithSeriesOfTheGateway(_ script: URL, _ count: Int)
            async throws
        {
            try await run(script, .dealt(over: count, observing: true))
        }

        @Test(
            .enabled(if: Corpora.folder("promqltest") != nil, "the shared corpora are not here"),
            arguments: Corpora.prometheusScripts, [1, 3])
        func prometheussScriptsAreAnsweredTheSameWithSeriesOfTheGateway(
            _ script: URL, _ count: Int
        ) async throws {
            try await run(
                script, .dealt(over: count, observing: true), allowing: Self.dependsOnEmptyBuckets)
        }

        /// Where the gateway has series of a metric, the clusters' are computed with here, and an
        /// answer does not show the custom bounds of buckets that hold nothing.
        private static let dependsOnEmptyBuckets: Set<String> = [
            "metric1 == metric2", "metric1 != metric2", "cbh_one_bucket </ +Inf",
            "cbh_one_bucket >/ -Inf",
        ]

        @Test(
            .enabled(if: Corpora.folder("promqltest") != nil, "the shared corpora are not here"),
            arguments: Corpora.prometheusScripts)
        func prometheussScriptsAreAnsweredAsTheySay(_ script: URL) async throws {
            try await run(script, .whole)
        }

        @Test(
            .enabled(if: Corpora.folder("promqltest") != nil, "the shared corpora are not here"),
            arguments: Corpora.prometheusScripts, counts)
        func prometheussScriptsAreAnsweredTheSameByClusters(_ script: URL, _ count: Int)
            async throws
        {
            try await run(script, .dealt(over: count))
        }

        // MARK: Pieces

        private func run(
            _ file: URL, _ proof: ScriptRun.Proof, allowing explained: Set<String> = []
        ) async throws {
            let text = try String(contentsOf: file, encoding: .utf8)
            var run = ScriptRun(try PromQLScript(text), proving: proof)
            var cases = 0
            while let one = run.next() {
                await Task.yield()
                cases += 1
                if let difference = one.difference, !explained.contains(one.query) {
                    Issue.record(
                        "\(file.lastPathComponent):\(one.line): \(one.query): \(difference)")
                }
            }
            #expect(cases > 0)
        }
    }
}
