import Alerting
import Clusters
import MetricsTestKit
import PromQL
import Rules
import Storage
import TestSupport
import TimeSeries

/// A Redis for one test, gone at its end.
func withRedis(_ body: (RedisServer) async throws -> Void) async throws {
    let server = try await RedisServer()
    do {
        try await body(server)
        await server.end()
    } catch {
        await server.end()
        throw error
    }
}

/// What a gateway keeps the state of alerts with.
struct KeptGateway: Sendable {
    let store: RedisStore
    let metrics = TestMetrics()
    let keeper: StateKeeper

    /// With so much time that a busy machine loses nothing, unless `settings` says otherwise.
    init(_ address: String, settings: StateSettings? = nil) throws {
        var redis = RedisSettings(address: try RedisAddress(address))
        redis.breaker.failures = 1_000_000
        redis.connectTimeout = .seconds(20)
        store = RedisStore(redis, metrics: metrics)
        var patient = StateSettings()
        patient.patience = .seconds(20)
        patient.startPatience = .seconds(20)
        var settings = settings ?? patient
        settings.startPause = .milliseconds(10)
        keeper = StateKeeper(redis: store, settings: settings, metrics: metrics)
    }

    /// How often a group's state came from there.
    func restored(from source: String) -> Int64 {
        (try? metrics.expectCounter(
            StateMetric.restorations.name, [("source", source)]
        ).totalValue) ?? 0
    }

    func failed(_ operation: String, _ reason: String) -> Int64 {
        (try? metrics.expectCounter(
            StateMetric.failures.name, [("operation", operation), ("reason", reason)]
        ).totalValue) ?? 0
    }
}

extension RuleGroupState {
    static let start: Int64 = 1_700_000_000_000

    /// A group of one alert rule, evaluated every minute.
    static func one(
        _ query: String, hold: Int64 = 0, keep: Int64 = 0, name: String = "A"
    ) throws -> RuleGroupState {
        RuleGroupState(
            RuleGroup(
                name: "g", file: "rules.yaml", interval: 60_000,
                rules: [
                    Rule(
                        kind: .alerting(
                            AlertTerms(holdDuration: hold * 1000, keepFiringFor: keep * 1000)),
                        name: name, expression: try parse(query))
                ]), restores: true)
    }

    /// Evaluates the rule for a minute, with what is known for certain, or without a cluster.
    @discardableResult
    mutating func evaluate(
        minute: Int64, _ labels: [Labels], without cluster: String? = nil
    ) -> [AlertNotification] {
        let time = Self.start + minute * 60_000
        let missing = cluster.map {
            [
                MissingCluster(
                    id: ClusterID($0), externalLabels: ["cluster": $0], since: time - 60_000)
            ]
        }
        let step = evaluate(
            0, at: time,
            answer: .elements(
                labels.map { RuleElement(labels: $0, value: .float(1)) },
                RuleCoverage(missing: missing ?? [])))
        guard case .done(let outcome) = step else { return [] }
        return outcome.notifications
    }

    var firing: [AlertInstance] { rules[0].activeAlerts.filter { $0.state == .firing } }
}
