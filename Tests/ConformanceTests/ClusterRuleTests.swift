import Foundation
import TestSupport
import Testing

/// The clusters' own rules and alerts through the gateway: two real servers, and one that is gone.
@Suite struct ClusterRuleTests {
    private static let rules = """
        groups:
        - name: own
          interval: 1s
          rules:
          - alert: Fires
            expr: vector(1)
            labels: {severity: page}
          - record: one
            expr: vector(1)
        """

    @Test func theClustersRulesAndAlertsAreUnited() async throws {
        var options = PrometheusServer.Options()
        options.rules = Self.rules
        let east = try await PrometheusServer("east", options)
        let west = try await PrometheusServer("west", options)
        for server in [east, west] {
            try await awaitProcess(server.process, "alert fires") {
                let answer = try? await HTTPCall(port: server.port, path: "/api/v1/alerts")
                    .answer()
                return answer?.text.contains("firing") == true
            }
        }
        let gateway = try await IsthmusServer([
            .init("east", labels: [("region", "eu")], urls: [east.address]),
            .init("west", urls: [west.address]),
            .init("gone", urls: ["http://127.0.0.1:\(try Loopback.freePort())"]),
        ])
        try await checkAlerts(gateway)
        try await checkRules(gateway)
        for (target, status) in [
            ("/api/v1/rules?clusters=all&partial_response=0", 503),
            ("/api/v1/alerts?clusters=nobody", 400), ("/api/v1/alerts?clusters=east", 200),
        ] {
            let answer = try await HTTPCall(port: gateway.port, path: target).answer()
            #expect(answer.status == status, "\(target)")
        }
        await gateway.end()
        await east.end()
        await west.end()
    }

    private func checkAlerts(_ gateway: IsthmusServer) async throws {
        let answer = try await HTTPCall(port: gateway.port, path: "/api/v1/alerts?clusters=all")
            .answer()
        let told = try #require(
            try JSONSerialization.jsonObject(with: answer.body) as? [String: Any])
        let alerts = (told["data"] as? [String: Any])?["alerts"] as? [[String: Any]]
        #expect(
            alerts?.compactMap { $0["labels"] as? [String: String] } == [
                [
                    "alertname": "Fires", "severity": "page", "cluster": "east",
                    "region": "eu",
                ],
                ["alertname": "Fires", "severity": "page", "cluster": "west"],
            ])
        #expect(alerts?.compactMap { $0["cluster"] as? String } == ["east", "west"])
        #expect(answer.header("x-isthmus-clusters-ok") == "east,west")
        #expect(answer.header("x-isthmus-clusters-missing") == "gone")
        #expect((told["warnings"] as? [String])?.count == 1)
    }

    private func checkRules(_ gateway: IsthmusServer) async throws {
        let answer = try await HTTPCall(
            port: gateway.port, path: "/api/v1/rules",
            parameters: [.init("clusters", "all"), .init("match[]", #"{cluster="west"}"#)]
        ).answer()
        let told = try #require(
            try JSONSerialization.jsonObject(with: answer.body) as? [String: Any])
        let groups = (told["data"] as? [String: Any])?["groups"] as? [[String: Any]]
        #expect(groups?.compactMap { $0["cluster"] as? String } == ["west"])
        let rules = groups?.first?["rules"] as? [[String: Any]]
        #expect(rules?.compactMap { $0["name"] as? String } == ["Fires", "one"])
    }
}
