import Foundation
import TestSupport
import Testing

extension Conformance {
    @Suite("How a query went")
    struct ExplainTests {
        private func analysis(
            port: Int, _ query: String, _ parameters: [HTTPCall.Parameter] = []
        ) async throws -> [String: Any] {
            var call = HTTPCall(
                port: port, path: "/mesh/v1/explain",
                parameters: [
                    .init("query", query), .init("analyze", "true"), .init("format", "json"),
                    .init("time", "\(UnionData.start + 1800)"),
                ] + parameters)
            // Other tests may have asked the same.
            call.headers = [.init(name: "Cache-Control", value: "no-store")]
            let answer = try await call.answer()
            #expect(answer.status == 200)
            let object = try JSONSerialization.jsonObject(with: answer.body) as? [String: Any]
            return try #require(
                (object?["data"] as? [String: Any])?["analysis"] as? [String: Any])
        }

        private func fetches(_ analysis: [String: Any]) throws -> [[String: Any]] {
            try #require(analysis["fragments"] as? [[[String: Any]]]).flatMap { $0 }
        }

        @Test func eachClustersAnswerIsMeasured() async throws {
            let gateway = try await UnionServers.shared.gateway()
            let analysis = try await analysis(port: gateway.port, "count by (job) (up)")
            let fetches = try fetches(analysis)
            #expect(fetches.map { $0["cluster"] as? String } == UnionMember.all.map(\.name))
            for fetch in fetches {
                #expect(fetch["status"] as? String == "ok")
                let cache = try #require(fetch["cache"] as? [String: Any])
                #expect(cache["outcome"] as? String == "bypass")
                #expect(cache["requests"] as? Int == 1)
                #expect(try #require(fetch["seconds"] as? Double) > 0)
                #expect(try #require(fetch["bytes"] as? Int) > 50)
                #expect(fetch["series"] as? Int == fetch["samples"] as? Int)
            }
            let totals = try #require(analysis["totals"] as? [String: Any])
            for name in ["bytes", "series", "samples"] {
                #expect(
                    totals[name] as? Int == fetches.reduce(0) { $0 + ($1[name] as? Int ?? 0) })
            }
            let found = try await ask(
                port: gateway.port, "count by (job) (up)",
                .instant("\(UnionData.start + 1800)"))
            let answer = try #require(analysis["answer"] as? [String: Any])
            #expect(answer["series"] as? Int == found.series.count)
        }

        @Test func aClusterThatIsDownIsToldWithItsReason() async throws {
            let running = try await UnionServers.shared.running()
            var members = running.memberFiles()
            members.append(IsthmusServer.Member("gone", urls: ["http://127.0.0.1:1"]))
            // However often it was tried before, its breaker does not answer for it.
            let gateway = try await IsthmusServer(
                members, configuration: "upstream: {breaker: {failures: 1000}}\n")
            let analysis = try await analysis(port: gateway.port, "sum(up)")
            let coverage = try #require(analysis["completeness"] as? [String: Any])
            let missing = try #require(coverage["missing"] as? [[String: Any]])
            #expect(missing.map { $0["cluster"] as? String } == ["gone"])
            #expect(missing.first?["cause"] as? String == "connection")
            #expect((coverage["ok"] as? [String])?.count == UnionMember.all.count)
            await gateway.end()
        }

        @Test func aSelectorOfOneClusterAsksNoOther() async throws {
            let gateway = try await UnionServers.shared.gateway()
            let name = try #require(UnionMember.all.first?.name)
            let analysis = try await analysis(port: gateway.port, "up{cluster=\"\(name)\"}")
            #expect(try fetches(analysis).map { $0["cluster"] as? String } == [name])
        }
    }
}
