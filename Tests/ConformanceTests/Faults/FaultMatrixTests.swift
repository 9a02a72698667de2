import Foundation
import TestSupport
import Testing

extension Conformance {
    /// Each fault, of one cluster of four, of three, and of all; asked each kind of question, of which
    /// something is remembered or nothing. The answer comes in time, is exact for the clusters that
    /// are there and names the others; nothing of the fault is kept, and its end is noticed.
    @Suite("Faults of clusters")
    struct FaultMatrixTests {
        private struct Case: Sendable {
            var question: FaultQuestion
            /// 0 is what was asked while all was well.
            var turn: Int
            var isWarm: Bool
        }

        private struct Reply: Sendable {
            var what: Case
            var answer: HTTPAnswer?
            var time: Duration
        }

        private static let all = [1, 2, 3, 4]

        @Test(arguments: ClusterFault.allCases)
        func costsItsClustersShare(_ fault: ClusterFault) async throws {
            let clusters = try Self.all.map { try CannedCluster($0) }
            defer { for cluster in clusters { cluster.end() } }
            let gateway = try await gateway(clusters, fault)
            try await expectWhole(gateway, turns: [0])
            var turns = [0]
            for (place, count) in [1, 3, 4].enumerated() {
                let faulty = clusters.prefix(count)
                for cluster in faulty { try cluster.fail(fault) }
                let turn = place + 1
                turns.append(turn)
                let cases = FaultQuestion.allCases.flatMap { question in
                    [
                        Case(question: question, turn: turn, isWarm: false),
                        Case(question: question, turn: 0, isWarm: question.isRemembered),
                    ]
                }
                for reply in await replies(gateway, to: cases, timeout: Self.timeout(fault)) {
                    check(reply, fault, Array(faulty), count)
                }
            }
            for cluster in clusters { try cluster.heal() }
            // Nothing is remembered of labels.
            try await awaitProcess(gateway.process, "all clusters") {
                let answer = try? await gateway.ask("labels", [])
                return answer?.status == 200 && answer?.missingClusters.isEmpty == true
            }
            // Nothing of what was answered meanwhile is kept.
            try await expectWhole(gateway, turns: turns)
            await gateway.end()
        }

        // MARK: The gateway

        /// Faults that show at once are given so much time that nobody can mistake waiting for
        /// answering. Of the others a busy machine's clusters that are well are none.
        private static func timeout(_ fault: ClusterFault) -> Int { fault.isSlow ? 15 : 80 }

        private func gateway(
            _ clusters: [CannedCluster], _ fault: ClusterFault
        ) async throws -> IsthmusServer {
            let members = clusters.map { cluster in
                var member = IsthmusServer.Member(
                    cluster.name, urls: [cluster.url],
                    serviceLines: ["timeout: \(fault.isSlow ? "5s" : "40s")"])
                member.lines = ["freshness: 1m"]
                return member
            }
            // Breakers have tests of their own: here each question meets the fault itself.
            let gateway = try await IsthmusServer(
                members,
                configuration: """
                    query: {limits: {max_response_bytes: 1MB}}
                    upstream: {breaker: {failures: 100000}}
                    control_plane: {watch: false}
                    """)
            try await gateway.awaitWhole(query: "up", at: "1690000000")
            return gateway
        }

        private func expectWhole(
            _ gateway: IsthmusServer, turns: [Int],
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            for question in FaultQuestion.allCases {
                for turn in turns {
                    let answer = try await gateway.ask(
                        question.endpoint, question.parameters(turn: turn))
                    #expect(answer.status == 200, sourceLocation: sourceLocation)
                    #expect(
                        answer.missingClusters.isEmpty, "\(question) \(answer.text)",
                        sourceLocation: sourceLocation)
                    #expect(
                        question.shown(answer)
                            == question.expectation(of: Self.all, turn: turn),
                        "\(question) \(turn)", sourceLocation: sourceLocation)
                }
            }
        }

        private func replies(
            _ gateway: IsthmusServer, to cases: [Case], timeout: Int
        ) async -> [Reply] {
            await withTaskGroup(of: Reply.self) { group in
                for what in cases {
                    group.addTask { await reply(gateway, to: what, timeout: timeout) }
                }
                var replies: [Reply] = []
                for await reply in group { replies.append(reply) }
                return replies
            }
        }

        private func reply(
            _ gateway: IsthmusServer, to what: Case, timeout: Int
        ) async -> Reply {
            let begin = ContinuousClock.now
            let answer = try? await gateway.ask(
                what.question.endpoint,
                what.question.parameters(turn: what.turn) + [.init("timeout", "\(timeout)s")])
            return Reply(what: what, answer: answer, time: begin.duration(to: .now))
        }

        // MARK: What is expected

        private func check(
            _ reply: Reply, _ fault: ClusterFault, _ faulty: [CannedCluster], _ count: Int
        ) {
            let what = "\(fault.rawValue), \(count) of 4, \(reply.what)"
            // No later than the deadline and a tenth; where the fault shows at once, long before.
            let limit =
                fault.isSlow ? Double(Self.timeout(fault)) * 1.1 : Double(Self.timeout(fault)) / 4
            #expect(reply.time < .seconds(limit), "\(what)")
            guard let answer = reply.answer else {
                Issue.record("\(what): no answer")
                return
            }
            let question = reply.what.question
            let numbers = faulty.map(\.number)
            let present = Self.all.filter { !numbers.contains($0) }
            if reply.what.isWarm {
                #expect(answer.status == 200, "\(what): \(answer.text)")
                #expect(answer.missingClusters.isEmpty, "\(what)")
                #expect(
                    question.shown(answer) == question.expectation(of: Self.all, turn: 0),
                    "\(what)")
                return
            }
            if fault == .refusal {
                // The question is at fault, whoever says so.
                #expect(answer.status == 422, "\(what): \(answer.text)")
                #expect(answer.text.contains("cluster c"), "\(what): \(answer.text)")
                #expect(answer.text.contains(fault.cause), "\(what): \(answer.text)")
                return
            }
            #expect(answer.missingClusters == faulty.map(\.name), "\(what): \(answer.text)")
            #expect(answer.status == (present.isEmpty ? 503 : 200), "\(what): \(answer.text)")
            if !present.isEmpty {
                #expect(
                    question.shown(answer)
                        == question.expectation(of: present, turn: reply.what.turn), "\(what)")
            }
            for cluster in faulty {
                let told = Self.messages(answer).contains { message in
                    message.contains("cluster \(cluster.name) is missing")
                        && message.contains(cluster.url)
                        && message.range(of: fault.cause, options: .regularExpression) != nil
                }
                #expect(told, "\(what), \(cluster.name): \(Self.messages(answer))")
            }
            #expect(!answer.text.contains("secret"), "\(what)")
        }

        /// The warnings, and the error.
        private static func messages(_ answer: HTTPAnswer) -> [String] {
            let object = try? JSONSerialization.jsonObject(with: answer.body) as? [String: Any]
            return (object?["warnings"] as? [String] ?? [])
                + ((object?["error"] as? String).map { [$0] } ?? [])
        }
    }
}
