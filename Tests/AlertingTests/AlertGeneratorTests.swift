import Alerting
import Federation
import Metrics
import PromQL
import Rules
import TestSupport
import Testing
import TimeSeries

/// The conformance specification for alert generators, with a clock of its own: one server, and the
/// same samples dealt over three clusters.
@Suite struct AlertGeneratorTests {
    /// Milliseconds; what the specification has for a step.
    private static let step: Int64 = 15_000
    private static let start: Int64 = 1_700_000_010_000

    @Test(arguments: AlertGeneratorCase.all, [1, 3])
    func alertsAreSeenAndToldWhenTheyShould(_ example: AlertGeneratorCase, over count: Int)
        async throws
    {
        let fleet = SimulatedFleet(Self.dealt(example, over: count))
        let told = ToldAlerts()
        var settings = AlertingSettings()
        settings.hasBuiltInRules = false
        let service = AlertingService(
            settings, groups: [try Self.group(example)], query: fleet.query, fleet: fleet.fleet,
            observations: fleet.observations,
            outlets: AlertingOutlets(notify: { told.take($0) }),
            clock: AlertingClock(now: { Self.start }), metrics: NOOPMetricsHandler.instance)
        for step in stride(from: 0, through: example.lastStep, by: 2) {
            let time = Self.start + Int64(step) * Self.step
            told.set(time: time)
            await service.evaluateAll(at: time)
            let expected = example.alerts.filter { $0.steps.contains(step) }
            let found = service.groups.flatMap(\.state.rules).flatMap(\.activeAlerts)
            #expect(
                Set(found.map { Self.seen($0, step) })
                    == Set(expected.map { Self.seen($0, step) }), "step \(step)")
            try await expectSeries(expected, in: fleet, at: time)
        }
        #expect(service.groups.flatMap(\.state.rules).allSatisfy { $0.health == .good })
        let messages = told.messages.map(Self.message)
        #expect(messages.count == example.messages.count)
        #expect(Set(messages) == Set(example.messages.map(Self.withoutCluster)))
        for message in told.messages where !message.notification.isResolved {
            #expect(message.notification.endsAt == message.time + 240_000)
        }
    }

    /// `ALERTS` says the same.
    private func expectSeries(
        _ alerts: [AlertGeneratorCase.Alert], in fleet: SimulatedFleet, at time: Int64
    ) async throws {
        let answer = try await fleet.query(
            .init(expression: "ALERTS", times: .instant(time)))
        guard case .vector(let series, _) = answer.value else {
            Issue.record("ALERTS is no vector")
            return
        }
        let found = Set(series.map { $0.labels.removing("cluster") })
        let expected = alerts.map { alert in
            Labels(
                alert.labels.map { ($0.key, $0.value) }
                    + [("__name__", "ALERTS"), ("alertstate", alert.state)])
        }
        #expect(found == Set(expected))
    }

    // MARK: Comparing

    private struct Seen: Hashable {
        var labels: Labels
        var annotations: [String: String]
        var state: String
        var value: String
        var activeAt: Int64
    }

    private static func seen(_ alert: AlertInstance, _ step: Int) -> Seen {
        var value = ""
        if case .float(let number) = alert.value { value = NumberText.sample(number) }
        return Seen(
            labels: alert.labels.removing("cluster"), annotations: texts(alert.annotations),
            state: alert.state.rawValue, value: value, activeAt: alert.activeAt)
    }

    private static func seen(_ alert: AlertGeneratorCase.Alert, _ step: Int) -> Seen {
        Seen(
            labels: Labels(alert.labels.map { ($0.key, $0.value) }),
            annotations: alert.annotations, state: alert.state,
            value: NumberText.sample(alert.value),
            activeAt: start + Int64(alert.since) * Self.step)
    }

    private static func message(_ message: ToldAlerts.Message) -> AlertGeneratorCase.Message {
        let alert = message.notification
        func step(_ time: Int64) -> Int { Int((time - start) / Self.step) }
        return AlertGeneratorCase.Message(
            step: step(message.time),
            labels: Dictionary(
                uniqueKeysWithValues: alert.labels.removing("cluster").pairs.map {
                    ($0.name, $0.value)
                }), annotations: texts(alert.annotations), start: step(alert.startsAt),
            end: alert.isResolved ? step(alert.endsAt) : nil)
    }

    private static func withoutCluster(
        _ message: AlertGeneratorCase.Message
    ) -> AlertGeneratorCase.Message {
        var message = message
        message.labels["cluster"] = nil
        return message
    }

    private static func texts(_ texts: [RuleText]) -> [String: String] {
        Dictionary(uniqueKeysWithValues: texts.map { ($0.name, $0.text) })
    }

    // MARK: The case

    private static func dealt(
        _ example: AlertGeneratorCase, over count: Int
    ) -> [String: SampleStore] {
        var stores: [String: SampleStore] = [:]
        for number in 0..<count { stores["c\(number)"] = SampleStore() }
        for (place, series) in example.series.enumerated() {
            // The two series that meet each other keep their cluster, whose label they carry.
            let cluster = example.name == "new_alerts" ? 0 : place % count
            for (step, value) in series.values.enumerated() {
                stores["c\(cluster)"]?.set(
                    .float(value), of: Labels(series.labels.map { ($0.key, $0.value) }),
                    at: start + Int64(step) * Self.step)
            }
        }
        return stores
    }

    private static func group(_ example: AlertGeneratorCase) throws -> RuleGroup {
        RuleGroup(
            name: example.name, file: "alerts.yaml", interval: 2 * step,
            rules: try example.rules.map { rule in
                Rule(
                    kind: .alerting(
                        AlertTerms(
                            holdDuration: Int64(rule.hold) * step,
                            annotations: sorted(rule.annotations))),
                    name: rule.alert, expression: try parse(rule.expression),
                    labels: sorted(rule.labels))
            })
    }

    private static func sorted(_ texts: [String: String]) -> [RuleText] {
        texts.sorted { $0.key < $1.key }.map { RuleText(name: $0.key, text: $0.value) }
    }
}

extension Labels {
    func removing(_ name: String) -> Labels { setting(name, to: "") }
}
