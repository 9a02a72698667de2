import Foundation
import TestSupport
import Testing

extension Conformance {
    @Suite("The same answer whoever answers first")
    struct DeterminismTests {
        private static let queries = [
            // Series of an older server whose own labels move: it must not lose their order.
            "topk(3, up)",
            "bottomk(5, queue_depth)",
            "sum by (exported_cluster) (rate(envoy_cluster_upstream_rq[5m]))",
            "sum(node_load1)", "sum(rate(istio_requests_total[5m]))", "sum(cancelling)",
            "avg by (mode) (rate(node_cpu_seconds_total[5m]))", "stddev(node_load1)",
            "quantile(0.7, node_temperature_celsius)", "count_values(\"level\", queue_depth)",
            "max(special_value)", "min(special_value)",
            "histogram_quantile(0.9, sum by (le) (rate(istio_request_duration_milliseconds_bucket[5m])))",
            "rank_score", "up or node_load1", "in_two or on (name) rank_score",
            "label_replace(rank_score, \"cluster\", \"all\", \"\", \"\")", "sum(",
            "node_load1 * on (job) group_left up", "max_over_time(sum(node_load1)[5m:30s])",
        ]
        private static let orders = [
            [0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0],
        ]

        @Test func answersAreByteForByteTheSameInEveryOrderOfArrival() async throws {
            let running = try await UnionServers.shared.running()
            let proxies = try running.members.map { try DelayingProxy(to: $0.port) }
            defer { for proxy in proxies { proxy.end() } }
            let gateway = try await IsthmusServer(
                running.memberFiles(ports: proxies.map(\.port)))
            try await gateway.awaitWhole(query: "count(up)", at: "\(UnionData.start + 1800)")
            var first: [String: String] = [:]
            for order in Self.orders {
                for (proxy, place) in zip(proxies, order) {
                    proxy.setDelay(.milliseconds(place * 25))
                }
                let answers = try await answers(from: gateway)
                if first.isEmpty { first = answers }
                for (question, answer) in answers.sorted(by: { $0.key < $1.key }) {
                    guard let other = first[question], answer != other else { continue }
                    let common = zip(answer.utf8, other.utf8).prefix { $0 == $1 }.count
                    let start = max(0, common - 60)
                    Issue.record(
                        """
                        \(question), order \(order), byte \(common)
                            …\(answer.utf8Piece(from: start))…
                            …\(other.utf8Piece(from: start))…
                        """)
                }
            }
            #expect(first.count == Self.queries.count * 2 + 3)
            await gateway.end()
        }

        /// The bodies of all answers, by what was asked.
        private func answers(from gateway: IsthmusServer) async throws -> [String: String] {
            var answers: [String: String] = [:]
            for time in [QueryTime.instants[0], QueryTime.ranges[0]] {
                for query in Self.queries {
                    let answer = try await ask(port: gateway.port, query, time)
                    #expect(answer.missingClusters.isEmpty)
                    answers["\(query) \(time)"] = answer.text
                }
            }
            for endpoint in ["series", "labels", "label/instance/values"] {
                answers[endpoint] = try await gateway.ask(
                    endpoint, [.init("match[]", "{__name__=~\"up|rank_score\"}")]
                ).text
            }
            return answers
        }
    }
}
