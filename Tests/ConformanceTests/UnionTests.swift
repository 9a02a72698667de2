import Foundation
import TestSupport
import Testing

extension Conformance {
    @Suite("Queries through the gateway and of the union")
    struct UnionTests {
        @Test func theDataAreLargeEnoughToSayAnything() async throws {
            let running = try await UnionServers.shared.running()
            #expect(running.data.seriesCounts.count >= 3)
            for (name, count) in running.data.seriesCounts {
                #expect(count >= 2000, "\(name)")
            }
        }

        /// A query that is empty everywhere shows nothing, unless it is meant to be empty.
        @Test func everyQueryOfTheListHasTheKindOfAnswerThatItIsSaidToHave() async throws {
            let union = try await UnionServers.shared.running().union
            let queries = try CorpusQuery.all()
            #expect(queries.count >= 660)
            let mistakes = await concurrently(queries) { await mistake($0, port: union.port) }
            for case let mistake? in mistakes { Issue.record("\(mistake)") }
        }

        @Test(.timeLimit(.minutes(10)))
        func everyQueryIsAnsweredAsTheUnionAnswersIt() async throws {
            let running = try await UnionServers.shared.running()
            let gateway = try await UnionServers.shared.gateway()
            let cases = try CorpusQuery.all().flatMap { query in
                query.times.map { Case(query: query, time: $0) }
            }
            let reports = await concurrently(cases) { item in
                await report(item, gateway: gateway.port, union: running.union.port)
            }.compactMap { $0 }
            let queries = Set(reports.map(\.query))
            for report in reports { Issue.record("\(report.text)") }
            #expect(
                reports.isEmpty,
                "\(reports.count) of \(cases.count) answers differ, of \(queries.count) queries")
            let problem = gateway.process.isRunning ? "" : gateway.process.logTail()
            #expect(gateway.process.isRunning, "the gateway has ended: \(problem)")
        }

        /// GET and POST are one.
        @Test func aQueryThatIsPostedIsAnsweredAsOneThatIsGot() async throws {
            let gateway = try await UnionServers.shared.gateway()
            for time in [QueryTime.instants[0], QueryTime.ranges[0]] {
                let query = "sum by (cluster) (rate(istio_requests_total{pod=~\".+\"}[5m]))"
                let got = try await ask(port: gateway.port, query, time)
                let posted = try await ask(port: gateway.port, query, time, method: "POST")
                #expect(!got.isEmpty)
                #expect(got.text == posted.text)
            }
        }

        // MARK: Pieces

        private struct Case: Sendable {
            var query: CorpusQuery
            var time: QueryTime
        }

        private struct Report: Sendable {
            var query: String
            var text: String
        }

        private func report(_ item: Case, gateway: Int, union: Int) async -> Report? {
            var lines: [String]
            do {
                let answer = try await ask(port: gateway, item.query.text, item.time)
                let expected = try await ask(port: union, item.query.text, item.time)
                lines = item.query.comparison.differences(gateway: answer, union: expected)
            } catch { lines = ["\(error)"] }
            guard !lines.isEmpty else { return nil }
            return Report(
                query: item.query.description,
                text: "\(item.query)\n  \(item.time)\n    " + lines.joined(separator: "\n    "))
        }

        private func mistake(_ query: CorpusQuery, port: Int) async -> String? {
            var isEmpty = true
            for time in query.times {
                do {
                    let answer = try await ask(port: port, query.text, time)
                    if let failure = query.failure {
                        // Some only fail where there is something to match.
                        if answer.status != 200 {
                            guard answer.errorType == failure else {
                                return "\(query): \(answer.errorType ?? "") \(time)"
                            }
                            isEmpty = false
                        }
                    } else if answer.status != 200 {
                        return "\(query): \(answer.status) \(answer.error ?? "") \(time)"
                    } else if !answer.isEmpty {
                        isEmpty = false
                    }
                } catch { return "\(query): \(error)" }
            }
            if isEmpty, !query.isEmpty { return "\(query): nothing at any time" }
            if !isEmpty, query.isEmpty { return "\(query): not empty" }
            return nil
        }
    }
}
