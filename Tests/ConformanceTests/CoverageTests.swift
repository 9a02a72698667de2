import Foundation
import TestSupport
import Testing

extension Conformance {
    /// An answer may be less than it looks like though every cluster has given one.
    @Suite("Times for which a cluster has no data")
    struct CoverageTests {
        @Test func aQueryFromBeforeTheDataSaysSoOfEachCluster() async throws {
            let gateway = try await UnionServers.shared.gateway()
            let start = UnionData.start - 3600
            let time = QueryTime.range(
                start: "\(start)", end: "\(UnionData.start + 600)", step: "60")
            // The gateway finds out by itself how far the clusters' data reach.
            try await awaitProcess(gateway.process, "a warning about each cluster") {
                let warnings = (try? await warnings(gateway, time)) ?? []
                return UnionMember.all.allSatisfy { member in
                    warnings.contains {
                        $0.contains("cluster \(member.name) ") && $0.contains(Self.text(start))
                            && $0.contains("begins later")
                    }
                }
            }
        }

        @Test func aClusterThatHasStoppedScrapingIsNamedWithTheTime() async throws {
            // An hour ago it was well.
            let now = Int(Date().timeIntervalSince1970)
            let last = now - 3600
            let samples = stride(from: last - 1800, through: last, by: 60)
                .map { "up{job=\"a\",instance=\"b\"} 1 \($0).137\n" }.joined()
            let directory = try TemporaryDirectory("stopped")
            defer { directory.remove() }
            try await Command.mustRun(
                "promtool",
                [
                    "tsdb", "create-blocks-from", "openmetrics", "--quiet",
                    try directory.write(samples + "# EOF\n", to: "samples"),
                    directory.file("data"),
                ])
            let server = try await PrometheusServer(
                "stopped", .init(data: directory.file("data")))
            let faulty = try await FaultyCluster(urls: [server.address])
            let time = QueryTime.range(start: "\(last - 600)", end: "\(now)", step: "60")
            try await awaitProcess(faulty.gateway.process, "a warning that names the time") {
                let warnings = (try? await warnings(faulty.gateway, time)) ?? []
                return warnings.contains {
                    $0.contains("cluster us-1 ") && $0.contains(Self.text(last))
                        && $0.contains("stopped")
                }
            }
            await faulty.gateway.end()
            await server.end()
        }

        @Test func aQueryWithinTheDataHasNoWarning() async throws {
            let gateway = try await UnionServers.shared.gateway()
            for time in [QueryTime.instants[0], QueryTime.ranges[0]] {
                #expect(try await warnings(gateway, time) == [])
            }
        }

        @Test func aRetentionThatTheFileNamesCounts() async throws {
            var files = try await UnionServers.shared.running().memberFiles()
            files[2].lines = ["retention: 15d"]
            let gateway = try await IsthmusServer(files)
            let warnings = try await warnings(gateway, QueryTime.instants[0])
            #expect(warnings.count == 1)
            #expect(warnings.first?.contains("cluster us-1 ") == true, "\(warnings)")
            await gateway.end()
        }

        /// A time as warnings show it, to the second.
        private static func text(_ seconds: Int) -> String {
            let date = Date(timeIntervalSince1970: Double(seconds))
            return String(date.ISO8601Format().dropLast())
        }

        private func warnings(
            _ gateway: IsthmusServer, _ time: QueryTime
        ) async throws -> [String] {
            try await ask(port: gateway.port, "count by (cluster) (up)", time).warnings
        }
    }
}
