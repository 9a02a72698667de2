import Foundation
import TestSupport
import Testing

extension Conformance {
    /// What rules record is one more part of the union at once.
    @Suite("The gateway's own series")
    struct ObservationTests {
        private static let rules = """
            groups:
              - name: own
                interval: 1s
                rules:
                  - record: gateway:number
                    expr: vector(7)
                    labels: {cluster: eu-1}
                  - alert: Always
                    expr: vector(1)

            """

        @Test func whatRulesRecordIsQueryableBesideTheClusters() async throws {
            let running = try await UnionServers.shared.running()
            let directory = try TemporaryDirectory("rules")
            defer { directory.remove() }
            let file = try directory.write(Self.rules, to: "rules.yaml")
            let gateway = try await IsthmusServer(
                running.memberFiles(), configuration: "alerting:\n  rule_files: [\(file)]\n")
            @Sendable func asked(_ query: String) async throws -> QueryAnswer {
                try await ask(
                    port: gateway.port, query, .instant("\(Date().timeIntervalSince1970)"))
            }
            func union(_ query: String, at time: Int) async throws -> Int {
                let answer = try await ask(
                    port: running.union.port, query, .instant("\(time)"))
                return try #require(answer.series.first?.points.first.flatMap { Int($0.value) })
            }
            try await awaitProcess(gateway.process, "what the rules recorded") {
                let alerts = try? await asked("ALERTS{alertname=\"Always\"}")
                let number = try? await asked("gateway:number")
                return alerts?.series.count == 1 && number?.series.count == 1
            }

            // Together with what the clusters hold.
            let time = UnionData.start + 1800
            let ups = "count by (cluster) (up @ \(time))"
            let expected = try await union("count(up{cluster=\"eu-1\"})", at: time)
            let joined = try await asked("\(ups) * on (cluster) group_left () gateway:number")
            #expect(joined.series.map(\.labels) == ["{cluster=\"eu-1\"}"])
            #expect(joined.series.first?.points.first?.value == "\(expected * 7)")
            let whole = try await asked("count(up @ \(time)) + on () sum(gateway:number)")
            let all = try await union("count(up)", at: time)
            #expect(whole.series.first?.points.first?.value == "\(all + 7)")

            // From before the process on, it says where they begin.
            let early = try await asked("count_over_time(gateway:number[1d])")
            #expect(early.warnings.contains { $0.hasPrefix("the gateway's own series begin at ") })
            let listed = try await gateway.ask(
                "label/alertname/values", [.init("match[]", "ALERTS")])
            #expect(listed.text.contains("\"Always\""))
            await gateway.end()
        }
    }
}
