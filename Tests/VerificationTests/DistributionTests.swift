import Foundation
import PromQL
import TestSupport
import Testing
import TimeSeries
import Verification

extension Proofs {
    /// Every query of the planning corpus, over three clusters and over one server with everything:
    /// the answers are the same.
    @Suite struct DistributionTests {
        private static let file = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "conformance/planning/plans.txt")

        private static let start: Int64 = 1_700_000_000_000

        /// As in the corpus, but that all run a current release.
        private static let clusters: [(id: String, labels: Labels)] = [
            ("ap", ["cluster": "ap"]), ("eu", ["cluster": "eu", "region": "emea"]),
            ("us", ["cluster": "us", "region": "amer"]),
        ]

        /// Series with gaps, ends, NaN and infinities; what is where depends on the seed.
        private static func fleet(seed: UInt64, observing names: [String] = []) -> MemoryFleet {
            var random = SeededGenerator(seed: seed)
            var observed = SampleStore()
            for name in names {
                for instance in 0..<4 {
                    var own = series(name, instance, isOwn: false, &random)
                    own.labels = own.labels.setting("gateway", to: "g")
                        .setting("cluster", to: instance == 3 ? "" : clusters[instance].id)
                    observed.add(own)
                }
            }
            var fleet = MemoryFleet(
                members: clusters.map { id, labels in
                    var store = SampleStore()
                    for name in ["up", "x", "y", "a", "b", "target_info", "build_info"] {
                        for instance in 0..<(name == "y" ? (id == "eu" ? 1 : 0) : 4)
                        where instance == 0 || Bool.random(using: &random) {
                            store.add(series(name, instance, isOwn: id == "us", &random))
                        }
                    }
                    return MemoryFleet.Member(id: id, externalLabels: labels, store: store)
                })
            fleet.observed = observed
            return fleet
        }

        private static func series(
            _ name: String, _ instance: Int, isOwn: Bool, _ random: inout SeededGenerator
        ) -> SampleColumns {
            var pairs = [
                ("__name__", name), ("job", instance < 2 ? "a" : "b"), ("instance", "i\(instance)"),
            ]
            if name == "b" { pairs.append(("le", ["1", "2.5", "10", "+Inf"][instance])) }
            if name.hasSuffix("_info") { pairs.append(("version", "v\(instance)")) }
            if isOwn, Bool.random(using: &random) {
                pairs.append(("cluster", Bool.random(using: &random) ? "us" : "other"))
            }
            let special = [Double.nan, .infinity, -.infinity, -0.0, 1e300, Absent.value]
            var result = SampleColumns(labels: Labels(pairs))
            for index in 0..<40 where Int.random(in: 0..<8, using: &random) > 0 {
                var value = Double(Int.random(in: 0..<40, using: &random)) / 4
                if name == "x", Int.random(in: 0..<150, using: &random) == 0 {
                    value = special[Int.random(in: 0..<special.count, using: &random)]
                }
                if name == "y" { value = 2 + Double(instance) }
                result.set(.float(value), at: start - 1_200_000 + Int64(index) * 30_000 + 7_123)
            }
            return result
        }

        private static func queries() throws -> [String] {
            try String(contentsOf: file, encoding: .utf8)
                .split(separator: "\n").filter { $0.hasPrefix("> ") }.map {
                    String($0.dropFirst(2))
                }
        }

        /// What the gateway does not compute over several clusters, and says so.
        private static let refusals = [
            "cannot be answered over several clusters", "several series for",
        ]

        @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
        func everyQueryOfTheCorpusIsAnsweredAsByTheUnion(seed: UInt64) async throws {
            try await compare(DealtSamples(fleet: Self.fleet(seed: seed)), "seed \(seed)")
        }

        @Test(arguments: [11, 12, 13, 14] as [UInt64], [["x"], ["up", "y", "target_info"]])
        func everyQueryOfTheCorpusIsAnsweredAsByTheUnionWithTheGatewaysOwnSeries(
            seed: UInt64, names: [String]
        ) async throws {
            let fleet = Self.fleet(seed: seed, observing: names)
            try await compare(DealtSamples(fleet: fleet), "seed \(seed), \(names)")
        }

        private func compare(_ samples: DealtSamples, _ words: String) async throws {
            var compared = 0
            for query in try Self.queries() {
                await Task.yield()
                let parsed = try parse(query, options: ParseOptions(experimentalFunctions: true))
                var allTimes = [QueryTimes.instant(Self.start)]
                if parsed.type == .vector || parsed.type == .scalar {
                    allTimes.append(
                        .range(
                            start: Self.start - 500_333, end: Self.start - 100_000, step: 47_111))
                }
                for times in allTimes {
                    let difference = samples.difference(query, times)
                    if let difference, Self.refusals.contains(where: difference.contains) {
                        continue
                    }
                    compared += 1
                    #expect(difference == nil, "\(words): \(query) \(times)")
                }
            }
            #expect(compared > 200)
        }
    }
}
