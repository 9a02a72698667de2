import Clusters
import Evaluation
import Foundation
import MemoryServer
import Planning
import PromQL
import TestSupport
import Testing
import TimeSeries

/// Every query of the planning corpus, over three clusters and over one server with everything: the
/// answers are the same.
@Suite struct DistributionTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "conformance/planning/plans.txt")

    private static let start: Int64 = 1_700_000_000_000

    /// As in the corpus, but that `us` runs a current release.
    private static let scopes = [
        ClusterScope(
            id: ClusterID("ap"), externalLabels: ["cluster": "ap"],
            capabilities: Capabilities(version: [3, 14, 0])),
        ClusterScope(
            id: ClusterID("eu"), externalLabels: ["cluster": "eu", "region": "emea"],
            capabilities: Capabilities(version: [3, 14, 0])),
        ClusterScope(
            id: ClusterID("us"), externalLabels: ["cluster": "us", "region": "amer"],
            capabilities: Capabilities(version: [3, 14, 0], conflictingLabels: ["cluster"])),
    ]

    /// Series with gaps, ends, NaN and infinities; what is where depends on the seed.
    private static func fleet(seed: UInt64) -> MemoryFleet {
        var random = SeededGenerator(seed: seed)
        return MemoryFleet(
            members: scopes.map { scope in
                var server = MemoryServer()
                for name in ["up", "x", "y", "a", "b", "target_info", "build_info"] {
                    for instance in 0..<(name == "y" ? (scope.id.name == "eu" ? 1 : 0) : 4)
                    where instance == 0 || Bool.random(using: &random) {
                        server.series.append(
                            series(name, instance, isOwn: scope.id.name == "us", &random))
                    }
                }
                return MemoryFleet.Member(scope: scope, server: server)
            })
    }

    private static func series(
        _ name: String, _ instance: Int, isOwn: Bool, _ random: inout SeededGenerator
    ) -> MemoryServer.Series {
        var pairs = [
            ("__name__", name), ("job", instance < 2 ? "a" : "b"), ("instance", "i\(instance)"),
        ]
        if name == "b" { pairs.append(("le", ["1", "2.5", "10", "+Inf"][instance])) }
        if name.hasSuffix("_info") { pairs.append(("version", "v\(instance)")) }
        if isOwn, Bool.random(using: &random) {
            pairs.append(("cluster", Bool.random(using: &random) ? "us" : "other"))
        }
        let special = [Double.nan, .infinity, -.infinity, -0.0, 1e300, Absent.value]
        var samples: [(time: Int64, value: Double)] = []
        for index in 0..<40 where Int.random(in: 0..<8, using: &random) > 0 {
            var value = Double(Int.random(in: 0..<40, using: &random)) / 4
            if name == "x", Int.random(in: 0..<150, using: &random) == 0 {
                value = special[Int.random(in: 0..<special.count, using: &random)]
            }
            if name == "y" { value = 2 + Double(instance) }
            samples.append((start - 1_200_000 + Int64(index) * 30_000 + 7_123, value))
        }
        return MemoryServer.Series(labels: Labels(pairs), samples: samples)
    }

    private static func queries() throws -> [String] {
        try String(contentsOf: file, encoding: .utf8)
            .split(separator: "\n").filter { $0.hasPrefix("> ") }.map { String($0.dropFirst(2)) }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func everyQueryOfTheCorpusIsAnsweredAsByTheUnion(seed: UInt64) throws {
        let fleet = Self.fleet(seed: seed)
        let union = fleet.union
        let grids = [
            TimeGrid(instant: Self.start),
            TimeGrid(start: Self.start - 500_333, end: Self.start - 100_000, step: 47_111),
        ]
        var compared = 0
        for query in try Self.queries() {
            for grid in grids {
                let times = QueryTimes(
                    start: grid.start, end: grid.end, step: grid.count > 1 ? grid.step : 0,
                    defaultSubqueryStep: 60_000)
                let parsed = try parse(query, options: ParseOptions(experimentalFunctions: true))
                if grid.count > 1, parsed.type != .vector, parsed.type != .scalar { continue }
                let expression = try parsed.resolved(in: times)
                let wanted = Result { try union.answer(expression, on: grid).value }
                let got = Result { try fleet.answer(expression, on: grid).value }
                switch (wanted, got) {
                case (_, .failure(let failure)) where failure is PlanningFailure:
                    continue
                case (.failure, .failure): break
                case (.success(let one), .success(let other)):
                    let difference = difference(one, other)
                    #expect(
                        difference == nil, "seed \(seed): \(query) \(grid): \(difference ?? "")")
                default:
                    Issue.record("seed \(seed): \(query) \(grid): \(wanted) \(got)")
                }
                compared += 1
            }
        }
        #expect(compared > 200)
    }

    private func difference(_ wanted: QueryValue, _ got: QueryValue) -> String? {
        switch (wanted, got) {
        case (.vector(let wanted, _), .vector(let got, _)):
            guard wanted.map(\.labels) == got.map(\.labels) else {
                return "\(wanted.map(\.labels)) is not \(got.map(\.labels))"
            }
            for (one, other) in zip(wanted, got) {
                if let text = difference(one.values, other.values) {
                    return "\(one.labels): \(text)"
                }
            }
            return nil
        case (.scalar(let wanted, _), .scalar(let got, _)): return difference(wanted, got)
        case (.samples(let wanted), .samples(let got)):
            // Texts, so that NaN is NaN.
            return "\(wanted)" == "\(got)" ? nil : "\(wanted) is not \(got)"
        default: return wanted == got ? nil : "\(wanted) is not \(got)"
        }
    }

    private func difference(_ wanted: [Double], _ got: [Double]) -> String? {
        for (one, other) in zip(wanted, got) {
            if Absent.isAbsent(one) != Absent.isAbsent(other) { return "\(wanted) is not \(got)" }
            if one == other || (one.isNaN && other.isNaN) { continue }
            if !((one - other).magnitude <= 1e-12 * max(one.magnitude, other.magnitude)) {
                return "\(wanted) is not \(got)"
            }
        }
        return nil
    }
}
