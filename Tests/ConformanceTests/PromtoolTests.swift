import Foundation
import TestSupport
import Testing

extension Conformance {
    /// A client that is not ours, and knows nothing of the gateway.
    @Suite("promtool as the client")
    struct PromtoolTests {
        private static let time = "\(UnionData.start + 1807)"

        @Test(arguments: [
            "up", "count by (cluster) (up)", "max by (region) (node_load1)", "scalar(count(up))",
            "topk(3, rank_score)", "sum by (exported_cluster) (envoy_cluster_upstream_cx_active)",
            "odd_label", "nonexistent", "special_value", "node_load1[1m]",
        ])
        func instantQueriesArePrintedAlike(_ query: String) async throws {
            try await expectAlike(sorted: true) { address in
                ["query", "instant", "--time", Self.time, address, query]
            }
        }

        @Test(arguments: [
            "rank_score", "count by (cluster) (up)", "max by (region) (node_load1)", "time()",
            "histogram_quantile(0.9, sum by (le) (app_request_duration_seconds_bucket))",
            "gappy > 5", "nonexistent",
        ])
        func rangeQueriesArePrintedAlike(_ query: String) async throws {
            try await expectAlike(sorted: false) { address in
                [
                    "query", "range", "--start", Self.time, "--end",
                    "\(UnionData.start + 2407)", "--step", "60s", address, query,
                ]
            }
        }

        @Test func seriesArePrintedAlike() async throws {
            try await expectAlike(sorted: true) { address in
                [
                    "query", "series", "--match", "up{region=\"eu\"}", "--match", "only_here",
                    "--start", Self.time, "--end", "\(UnionData.start + 2407)", address,
                ]
            }
        }

        @Test(arguments: ["cluster", "region", "job", "exported_cluster", "__name__"])
        func labelValuesArePrintedAlike(_ name: String) async throws {
            try await expectAlike(sorted: true) { ["query", "labels", $0, name] }
        }

        @Test func aMistakeIsPrintedAlike() async throws {
            let gateway = try await UnionServers.shared.gateway()
            let result = try await Command.run(
                "promtool",
                ["query", "instant", "--time", Self.time, gateway.address, "sum("])
            #expect(result.status != 0)
            #expect(result.errors.contains("bad_data"), "\(result.errors)")
        }

        /// Runs it for both and compares what it prints; `sorted` where the order is nobody's.
        private func expectAlike(
            sorted: Bool, _ arguments: (String) -> [String]
        ) async throws {
            let union = try await UnionServers.shared.running().union
            let gateway = try await UnionServers.shared.gateway()
            let result = try await Command.run("promtool", arguments(gateway.address))
            let expected = try await Command.run("promtool", arguments(union.address))
            #expect(expected.status == 0, "\(expected.errors)")
            #expect(result.status == 0, "\(result.errors)")
            #expect(lines(result, sorted) == lines(expected, sorted))
        }

        private func lines(_ result: Command.Result, _ sorted: Bool) -> [Substring] {
            let lines = result.output.split(separator: "\n")
            return sorted ? lines.sorted() : lines
        }
    }
}
