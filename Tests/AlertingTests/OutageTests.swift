import Alerting
import Clusters
import Rules
import Testing
import TimeSeries

/// What Alertmanager knows while a cluster is away, held against what it would know were it not.
@Suite struct OutageTests {
    /// Where in an alert's life the cluster goes: the condition is true from minute 20 until 60, and
    /// fires from 25.
    enum Death: Int, CaseIterable, Sendable {
        case beforePending = 10
        case whilePending = 22
        case whileFiring = 40
        case whenDueToResolve = 59
        case afterwards = 70
    }

    /// How long it is away: it comes back with the alert standing, or gone.
    static let durations = [4, 30]

    @Test(arguments: OutageScenario.conditions, Death.allCases)
    func nothingFiresOrResolvesForTheMissingCluster(
        _ condition: OutageScenario.Condition, _ death: Death
    ) async throws {
        for duration in Self.durations {
            for policy in [RulePolicy.OnPartial.hold, .abort] {
                let scenario = OutageScenario(
                    condition: condition, truth: 20..<60,
                    outage: death.rawValue..<death.rawValue + duration,
                    policy: RulePolicy(onPartial: policy))
                try await expectNothingFalse(scenario)
            }
        }
    }

    /// The condition is never true, but it would be without the cluster's data.
    @Test(arguments: OutageScenario.conditions)
    func aConditionThatIsNeverTrueNeverFires(_ condition: OutageScenario.Condition) async throws {
        let scenario = OutageScenario(
            condition: condition, truth: 1000..<1001, outage: 20..<50)
        try await expectNothingFalse(scenario)
    }

    /// The condition is true all the time.
    @Test(arguments: OutageScenario.conditions)
    func aConditionThatStaysTrueNeverResolves(_ condition: OutageScenario.Condition) async throws {
        let scenario = OutageScenario(
            condition: condition, truth: 0..<1000, outage: 30..<115)
        let minutes = try await scenario.lived(withOutage: true)
        #expect(minutes[6...].allSatisfy { $0.firing.count == 1 })
    }

    @Test(arguments: OutageScenario.conditions)
    func bestEffortSaysThatItIsPartial(_ condition: OutageScenario.Condition) async throws {
        let scenario = OutageScenario(
            condition: condition, truth: 20..<60, outage: 10..<50,
            policy: RulePolicy(onPartial: .bestEffort))
        let minutes = try await scenario.lived(withOutage: true)
        for (minute, state) in minutes.enumerated() where scenario.outage.contains(minute) {
            for alert in state.alerts where alert.state == .firing {
                #expect(
                    alert.toldAnnotations.contains { $0.name == "federation_partial" }
                        || condition.name == "one cluster's own", "minute \(minute)")
            }
        }
    }

    /// A held alert goes on being told with an end that moves, and says why it is held.
    @Test func aHeldAlertSaysWhy() async throws {
        let condition = try #require(OutageScenario.conditions.first { $0.name == "sum above" })
        let scenario = OutageScenario(condition: condition, truth: 20..<200, outage: 40..<100)
        let minutes = try await scenario.lived(withOutage: true)
        let alert = try #require(minutes[90].alerts.first)
        #expect(alert.state == .firing)
        let held = alert.toldAnnotations.first { $0.name == "federation_held" }
        #expect(held?.text == "cluster c unreachable since 2023-11-14T22:54:00Z")
    }

    private func expectNothingFalse(
        _ scenario: OutageScenario, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let whole = try await scenario.lived(withOutage: false)
        let partial = try await scenario.lived(withOutage: true)
        let place = "\(scenario.condition), away \(scenario.outage), \(scenario.policy.onPartial)"
        for minute in 1..<whole.count {
            for labels in partial[minute].firing.subtracting(partial[minute - 1].firing)
            where !whole[minute].firing.contains(labels) {
                let alert = partial[minute].alerts.first { $0.labels == labels }
                let isSaid =
                    alert?.toldAnnotations.contains { $0.name == "federation_partial" } == true
                #expect(
                    scenario.condition.mayBePartial && isSaid
                        && scenario.policy.onPartial == .hold,
                    "\(place): \(labels) fires in minute \(minute)",
                    sourceLocation: sourceLocation)
            }
            for labels in partial[minute - 1].firing.subtracting(partial[minute].firing) {
                #expect(
                    !whole[minute].firing.contains(labels),
                    "\(place): \(labels) resolves in minute \(minute)",
                    sourceLocation: sourceLocation)
            }
        }
        // And in the end all is as if nothing had been.
        #expect(partial.last?.firing == whole.last?.firing, "\(place)")
    }

    // MARK: One of twenty

    /// A day after a cluster went, the others' errors still make an alert, and a new outage delays
    /// it by no more than the grace.
    @Test(arguments: [(missingFor: Int64(86_400), delay: Int64(5)), (60, 10)])
    func oneDeadClusterDoesNotSilenceTheOthers(missingFor: Int64, delay: Int64) async throws {
        let names = (0..<20).map { "c\($0 < 10 ? "0" : "")\($0)" }
        let fleet = SimulatedFleet(
            Dictionary(uniqueKeysWithValues: names.map { ($0, SampleStore()) }))
        let told = ToldAlerts()
        let service = try Self.ratioService(fleet, told)
        fleet.away = ["c07"]
        let begin = OutageScenario.start
        let errors = begin + missingFor * 1000
        // Evaluated when the outage begins, and again when the errors do.
        var firedAt: Int64?
        var time = begin
        while time <= errors + 30 * OutageScenario.minute {
            for name in names {
                let isHigh = time >= errors && name < "c05"
                fleet.set(100, of: ["__name__": "requests"], in: name, at: time)
                fleet.set(
                    isHigh ? 60 : 0, of: ["__name__": "errors"], in: name, at: time)
            }
            told.set(time: time)
            await service.evaluateAll(at: time)
            if firedAt == nil, !told.firing(at: time).isEmpty { firedAt = time }
            // The day between holds nothing of interest.
            let isQuiet = time + 10 * OutageScenario.minute < errors
            time += (isQuiet ? 10 : 1) * OutageScenario.minute
        }
        let fired = try #require(firedAt)
        #expect(fired - errors == delay * OutageScenario.minute)
    }

    private static func ratioService(
        _ fleet: SimulatedFleet, _ told: ToldAlerts
    ) throws -> AlertingService {
        let condition = try #require(
            OutageScenario.conditions.first { $0.name.hasPrefix("ratio") })
        return try OutageScenario(condition: condition, truth: 0..<1, outage: 0..<1)
            .service(fleet, told)
    }
}
