import Foundation
import Glibc
import TestSupport
import Testing

extension Conformance {
    /// What is seen of a breaker, and of what cannot be ordered from a server in this process.
    @Suite("Clusters that are left alone")
    struct BreakerTests {
        private func gateway(
            _ members: [IsthmusServer.Member], _ lines: String
        ) async throws -> IsthmusServer {
            try await IsthmusServer(
                members,
                configuration: "cache: {enabled: false}\ncontrol_plane: {watch: false}\n" + lines)
        }

        private static let query = [
            HTTPCall.Parameter("query", "up"), .init("time", "1700000000"),
            .init("timeout", "20s"),
        ]

        @Test func itIsNamedAtOnceAndSeenAndNoticedWhenItIsWell() async throws {
            let clusters = try [1, 2].map { try CannedCluster($0) }
            defer { for cluster in clusters { cluster.end() } }
            let gateway = try await gateway(
                clusters.map {
                    IsthmusServer.Member($0.name, urls: [$0.url], serviceLines: ["timeout: 3s"])
                },
                """
                upstream:
                  breaker: {failures: 3, open_time: 1s, max_open_time: 1s}
                """)
            try await gateway.awaitWhole(query: "up", at: "1700000000")
            try clusters[0].fail(.silence)
            var answer = try await gateway.ask("query", Self.query)
            for _ in 0..<10 where !answer.text.contains("times in a row") {
                answer = try await gateway.ask("query", Self.query)
            }
            #expect(answer.missingClusters == ["c1"])
            #expect(answer.text.contains("times in a row"), "\(answer.text)")
            #expect(answer.text.contains("longer than"), "\(answer.text)")
            #expect(answer.text.contains("(since 20"), "\(answer.text)")
            let strict = try await gateway.ask(
                "query", Self.query + [.init("partial_response", "false")])
            #expect(strict.status == 503)

            let metrics = try await HTTPCall(port: gateway.port, path: "/metrics").answer().text
            #expect(
                metrics.range(
                    of: #"isthmus_upstream_breaker_state\{cluster="c1",replica="[^"]*"\} [12]"#,
                    options: .regularExpression) != nil)
            #expect(metrics.contains(#"isthmus_upstream_breaker_openings_total{cluster="c1"} "#))
            #expect(metrics.contains(#"isthmus_upstream_breaker_refusals_total{cluster="c1"} "#))
            let list = try await HTTPCall(port: gateway.port, path: "/mesh/v1/clusters").answer()
            #expect(
                list.text.range(
                    of: #""breaker":"(open|half-open)","failures":[0-9]+,"failingSince":"20"#,
                    options: .regularExpression) != nil, "\(list.text)")

            try clusters[0].heal()
            try await gateway.awaitWhole(query: "up", at: "1700000000")
            await gateway.end()
        }

        /// A process that does not run has its connections still, and takes new ones.
        @Test func aPrometheusThatIsStoppedIsMissingAndThenThereAgain() async throws {
            let data = try await UnionServers.shared.running().data
            var options = PrometheusServer.Options()
            options.copiedData = data.memberBlocks[FaultyCluster.name]
            let server = try await PrometheusServer("stopped", options)
            let faulty = try await FaultyCluster(urls: [server.address], lines: ["timeout: 5s"])
            try await faulty.expectWhole()
            server.process.signal(SIGSTOP)
            try await faulty.expectMissing("longer than .*first byte")
            server.process.signal(SIGCONT)
            try await faulty.gateway.awaitWhole(
                query: "count(up)", at: "\(UnionData.start + 1800)")
            try await faulty.expectWhole()
            await faulty.gateway.end()
            await server.end()
        }

        @Test func aNameThatNobodyKnowsIsMissing() async throws {
            // With a part that is too long: no name server has to be asked, which may take its time.
            let name = String(repeating: "x", count: 64) + ".invalid"
            let faulty = try await FaultyCluster(urls: ["http://\(name):9090"])
            try await faulty.expectMissing(#"cannot be reached \(resolving the name\)"#)
            await faulty.gateway.end()
        }

        @Test func aCertificateThatHasExpiredIsMissingAsIsOneOfAnotherAuthority() async throws {
            let certificates = try await Certificates()
            defer { certificates.remove() }
            let other = try await Certificates()
            defer { other.remove() }
            let expired = try await certificates.pair("expired", for: "IP:127.0.0.1", days: -1)
            let good = try await certificates.pair("good", for: "IP:127.0.0.1")
            for (pair, authority) in [
                (expired, certificates.authority), (good, other.authority),
            ] {
                let listener = try await TLSListener(pair)
                let faulty = try await FaultyCluster(
                    urls: [listener.url],
                    lines: ["timeout: 30s", "tls_config: {ca_file: \(authority)}"])
                try await faulty.expectMissing("the TLS connection to .* failed")
                await faulty.gateway.end()
                await listener.end()
            }
        }

        /// The deadline is the client's alone: the clusters' own are far away.
        @Test(arguments: [ClusterFault.silence, .drip, .blackHole])
        func theAnswerComesBeforeTheClientGivesUp(_ fault: ClusterFault) async throws {
            let clusters = try [1, 2].map { try CannedCluster($0) }
            defer { for cluster in clusters { cluster.end() } }
            let gateway = try await gateway(
                clusters.map {
                    IsthmusServer.Member($0.name, urls: [$0.url], serviceLines: ["timeout: 60s"])
                }, "upstream: {connect_timeout: 30s}\n")
            try await gateway.awaitWhole(query: "up", at: "1700000000")
            try clusters[0].fail(fault)
            await withTaskGroup(of: Void.self) { group in
                for question in FaultQuestion.allCases {
                    group.addTask { await expectInTime(gateway, question) }
                }
            }
            await gateway.end()
        }

        private func expectInTime(_ gateway: IsthmusServer, _ question: FaultQuestion) async {
            let begin = ContinuousClock.now
            let answer = try? await gateway.ask(
                question.endpoint, question.parameters(turn: 0) + [.init("timeout", "20s")])
            // The deadline and a tenth.
            #expect(begin.duration(to: .now) < .seconds(22), "\(question)")
            #expect(answer?.missingClusters == ["c1"], "\(question): \(answer?.text ?? "")")
            #expect(
                answer.map(question.shown) == question.expectation(of: [2], turn: 0), "\(question)")
        }
    }
}
