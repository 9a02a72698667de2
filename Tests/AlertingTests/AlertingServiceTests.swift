import Alerting
import Clusters
import Federation
import Metrics
import Observations
import PromQL
import Rules
import Testing
import TimeSeries

@Suite(.timeLimit(.minutes(10)))
struct AlertingServiceTests {
    private static let start: Int64 = 1_700_000_000_000
    private static let interval: Int64 = 30_000

    private static func rule(
        _ name: String, _ query: String, holds seconds: Int64? = 0, severity: String? = nil
    ) throws -> Rule {
        Rule(
            kind: seconds.map { .alerting(AlertTerms(holdDuration: $0 * 1000)) } ?? .recording,
            name: name, expression: try parse(query),
            labels: severity.map { [RuleText(name: "severity", text: $0)] } ?? [])
    }

    private static func group(_ rules: [Rule], name: String = "g") -> RuleGroup {
        RuleGroup(name: name, file: "f.yaml", interval: interval, rules: rules)
    }

    /// A fleet of one cluster whose `load` is 9 at all times of the test.
    private static func fleet() -> SimulatedFleet {
        let fleet = SimulatedFleet(["a": SampleStore()])
        for time in stride(from: start, through: start + 3_600_000, by: 30_000) {
            fleet.set(9, of: ["__name__": "load"], in: "a", at: time)
        }
        return fleet
    }

    private static func service(
        _ groups: [RuleGroup], _ fleet: SimulatedFleet, _ clock: ManualClock
    ) -> AlertingService {
        var settings = AlertingSettings()
        settings.hasBuiltInRules = false
        return AlertingService(
            settings, groups: groups, query: fleet.query, fleet: fleet.fleet,
            observations: fleet.observations, outlets: AlertingOutlets(), clock: clock.clock,
            metrics: NOOPMetricsHandler.instance)
    }

    /// Runs the service while the body looks at it.
    private static func running(
        _ service: AlertingService, _ body: () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await service.run() }
            try await body()
            tasks.cancelAll()
        }
    }

    @Test func aGroupIsEvaluatedAtItsOwnTimes() async throws {
        let group = Self.group([try Self.rule("High", "load > 5")])
        let clock = ManualClock(Self.start)
        let service = Self.service([group], Self.fleet(), clock)
        let schedule = GroupSchedule(name: "g", file: "f.yaml", interval: Self.interval)
        let first = schedule.slot(notAfter: Self.start) + Self.interval
        try await Self.running(service) {
            #expect(await clock.sleeper(after: 0) == first)
            #expect(service.groups[0].evaluatedAt == nil)
            clock.advance(to: first + 700)
            #expect(await clock.sleeper(after: first) == first + Self.interval)
            #expect(service.groups[0].evaluatedAt == first)
            #expect(service.groups[0].state.rules[0].activeAlerts.map(\.activeAt) == [first])
        }
    }

    @Test func evaluationsThatWereMissedAreCountedAndNotMadeUpFor() async throws {
        let group = Self.group([try Self.rule("High", "load > 5")])
        let clock = ManualClock(Self.start)
        let service = Self.service([group], Self.fleet(), clock)
        try await Self.running(service) {
            let first = await clock.sleeper(after: 0)
            clock.advance(to: first + 4 * Self.interval + 1)
            let next = await clock.sleeper(after: first + 4 * Self.interval + 1)
            #expect(service.groups[0].evaluatedAt == first + 4 * Self.interval)
            #expect(service.groups[0].missedCount == 4)
            #expect(next == first + 5 * Self.interval)
        }
    }

    @Test func whatARuleRecordsIsThereForTheNextOne() async throws {
        let group = Self.group([
            try Self.rule("job:load:sum", "sum(load)", holds: nil),
            try Self.rule("Sum", "job:load:sum > 5"),
        ])
        let fleet = Self.fleet()
        let service = Self.service([group], fleet, ManualClock(Self.start))
        await service.evaluateAll(at: Self.start)
        #expect(service.groups[0].state.rules[1].activeAlerts.count == 1)
        let names = Set(fleet.observations.current.series.compactMap(\.labels.metricName))
        #expect(names == ["job:load:sum", "ALERTS", "ALERTS_FOR_STATE"])
    }

    @Test func rulesThatAreTheSameGoOnAfterAReload() async throws {
        let clock = ManualClock(Self.start)
        let fleet = Self.fleet()
        let old = Self.group([
            try Self.rule("High", "load > 5", holds: 600),
            try Self.rule("Gone", "load > 6"),
        ])
        let service = Self.service([old], fleet, clock)
        await service.evaluateAll(at: Self.start)
        // Another condition, and a rule before it: name and labels are the same.
        service.replace(with: [
            Self.group([
                try Self.rule("New", "load > 7"), try Self.rule("High", "load > 4", holds: 600),
            ])
        ])
        let next = Self.start + Self.interval
        await service.evaluateAll(at: next)
        let rules = service.groups[0].state.rules
        #expect(rules[0].activeAlerts.map(\.activeAt) == [next])
        #expect(rules[1].activeAlerts.map(\.activeAt) == [Self.start])
        let gone = try await fleet.query(
            .init(expression: "ALERTS{alertname=\"Gone\"}", times: .instant(next)))
        #expect(gone.value.isEmptyVector)
    }

    @Test func severalReloadsDuringOneEvaluationLoseNoAlert() async throws {
        let clock = ManualClock(Self.start)
        let fleet = Self.fleet()
        let high = try Self.rule("High", "load > 5", holds: 600)
        let asked = AsyncStream<Void>.makeStream()
        let answered = AsyncStream<Void>.makeStream()
        var settings = AlertingSettings()
        settings.hasBuiltInRules = false
        let service = AlertingService(
            settings, groups: [Self.group([high])],
            query: { (request) async throws(QueryFailure) in
                asked.continuation.yield()
                for await _ in answered.stream { break }
                return try await fleet.query(request)
            }, fleet: fleet.fleet, observations: fleet.observations, outlets: AlertingOutlets(),
            clock: clock.clock, metrics: NOOPMetricsHandler.instance)
        try await Self.running(service) {
            let first = await clock.sleeper(after: 0)
            clock.advance(to: first)
            for await _ in asked.stream { break }
            service.replace(with: [Self.group([high, try Self.rule("Second", "load > 6")])])
            service.replace(with: [Self.group([high, try Self.rule("Third", "load > 7")])])
            answered.continuation.finish()
            let next = await clock.sleeper(after: first)
            #expect(next == first + Self.interval)
            clock.advance(to: next)
            _ = await clock.sleeper(after: next)
            let rules = service.groups[0].state.rules
            #expect(rules.map(\.rule.name) == ["High", "Third"])
            #expect(rules[0].activeAlerts.map(\.activeAt) == [first])
            #expect(rules[1].activeAlerts.map(\.activeAt) == [next])
        }
    }

    @Test func theSeriesOfAGroupThatIsGoneEnd() async throws {
        let clock = ManualClock(Self.start)
        let fleet = Self.fleet()
        let service = Self.service(
            [
                Self.group([try Self.rule("High", "load > 5")]),
                Self.group([try Self.rule("Other", "load > 5")], name: "other"),
            ], fleet, clock)
        await service.evaluateAll(at: Self.start)
        service.replace(with: [Self.group([try Self.rule("High", "load > 5")])])
        let next = Self.start + 1000
        clock.advance(to: next)
        try await Self.running(service) {
            _ = await clock.sleeper(after: next)
            let left = try await fleet.query(.init(expression: "ALERTS", times: .instant(next)))
            guard case .vector(let series, _) = left.value else {
                Issue.record("ALERTS is no vector")
                return
            }
            #expect(series.map { $0.labels["alertname"] } == ["High"])
        }
    }

    @Test func anAlertOverWhatAnotherGroupRecordsIsHeldWithIt() async throws {
        let clock = ManualClock(Self.start)
        let fleet = SimulatedFleet(["a": SampleStore(), "b": SampleStore()])
        for cluster in ["a", "b"] {
            for minute in 0..<20 as Range<Int64> {
                fleet.set(
                    6, of: ["__name__": "load"], in: cluster, at: Self.start + minute * 60_000)
            }
        }
        let groups = [
            Self.group(
                [try Self.rule("job:load:sum", "sum(load)", holds: nil)], name: "recording"),
            Self.group([try Self.rule("Sum", "job:load:sum > 10")]),
        ]
        let service = Self.service(groups, fleet, clock)
        await service.evaluateAll(at: Self.start)
        #expect(service.groups[1].state.rules[0].state == .firing)
        fleet.away = ["b"]
        await service.evaluateAll(at: Self.start + 60_000)
        let alert = try #require(service.groups[1].state.rules[0].activeAlerts.first)
        #expect(alert.state == .firing)
        #expect(alert.hold?.clusters.map(\.id.name) == ["b"])
    }

    @Test func aClusterThatDoesNotAnswerIsAnAlertOfItsOwn() async throws {
        let clock = ManualClock(Self.start)
        let fleet = SimulatedFleet(["a": SampleStore(), "b": SampleStore()])
        let service = AlertingService(
            AlertingSettings(), groups: [Self.group([try Self.rule("High", "load > 5")])],
            query: fleet.query, fleet: fleet.fleet, observations: fleet.observations,
            outlets: AlertingOutlets(), clock: clock.clock, metrics: NOOPMetricsHandler.instance)
        fleet.away = ["b"]
        for step in 0...4 as ClosedRange<Int64> {
            await service.evaluateAll(at: Self.start + step * Self.interval)
        }
        let builtIn = try #require(service.groups.last)
        let alerts = builtIn.state.rules[0].activeAlerts
        #expect(alerts.map(\.state) == [.firing])
        #expect(alerts.map { $0.labels["cluster"] } == ["b"])
        fleet.away = []
        await service.evaluateAll(at: Self.start + 5 * Self.interval)
        #expect(service.groups.last?.state.rules[0].activeAlerts.isEmpty == true)
    }
}

extension QueryValue {
    fileprivate var isEmptyVector: Bool {
        if case .vector(let series, _) = self { series.isEmpty } else { false }
    }
}
