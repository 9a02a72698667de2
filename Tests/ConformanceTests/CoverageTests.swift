import Foundation
import TestSupport
import Testing

extension Conformance {
    /// An answer may be less than it looks like though every cluster has given one.
    @Suite("Times for which a cluster has no data")
    struct CoverageTests {
        @Test func aQueryFromBeforeTheDataSaysSoOfEachCluster() async throws {
            let gateway = try await UnionServers.shared.gateway()
            let warnings = try await warnings(
                gateway,
                .range(
                    start: "\(UnionData.start - 3600)", end: "\(UnionData.start + 600)", step: "60"))
            for member in UnionMember.all {
                let warning = warnings.first { $0.contains("cluster \(member.name) ") }
                #expect(warning?.contains("no data from \(UnionData.start - 3600)") == true, "\(warnings)")
            }
        }

        @Test func aQueryBeyondTheLastScrapeSaysSoOfEachCluster() async throws {
            let gateway = try await UnionServers.shared.gateway()
            let end = UnionData.end + 86_400
            let warnings = try await warnings(
                gateway,
                .range(start: "\(UnionData.start + 600)", end: "\(end)", step: "600"))
            for member in UnionMember.all {
                let warning = warnings.first { $0.contains("cluster \(member.name) ") }
                #expect(warning?.contains(" to \(end)") == true, "\(warnings)")
            }
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

        private func warnings(
            _ gateway: IsthmusServer, _ time: QueryTime
        ) async throws -> [String] {
            try await ask(port: gateway.port, "count by (cluster) (up)", time).warnings
        }
    }
}
