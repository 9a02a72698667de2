import Alerting
import Rules
import Storage
import TestSupport
import Testing
import TimeSeries

/// What Alertmanager knows is the same whatever becomes of processes and of Redis.
@Suite(.timeLimit(.minutes(10)))
struct RestartTests {
    private static func scenario(_ condition: OutageScenario.Condition) -> OutageScenario {
        OutageScenario(condition: condition, truth: 20..<60, outage: 40..<75, keepFiringFor: 3)
    }

    /// The alerts that fire by the minute, as they would without restarts.
    private static func expected(
        _ scenario: OutageScenario, withOutage: Bool
    ) async throws -> [Set<Labels>] {
        try await scenario.lived(withOutage: withOutage).map(\.firing)
    }

    private static func fleet() -> SimulatedFleet {
        SimulatedFleet(["a": SampleStore(), "b": SampleStore(), "c": SampleStore()])
    }

    /// Each evaluation is that of another process.
    @Test(arguments: OutageScenario.conditions, [false, true])
    func aProcessThatIsKilledAtEachPointIsNotNoticed(
        _ condition: OutageScenario.Condition, withOutage: Bool
    ) async throws {
        try await withRedis { server in
            let gateway = try KeptGateway(server.address)
            let scenario = Self.scenario(condition)
            let wanted = try await Self.expected(scenario, withOutage: withOutage)
            let (fleet, told) = (Self.fleet(), ToldAlerts())
            for minute in 0...OutageScenario.last {
                let time = OutageScenario.start + Int64(minute) * OutageScenario.minute
                scenario.setSamples(of: minute, in: fleet)
                fleet.away = withOutage && scenario.outage.contains(minute) ? ["c"] : []
                told.set(time: time)
                let service = try scenario.service(fleet, told, keeping: gateway.keeper)
                await service.evaluateAll(at: time)
                let firing = told.firing(at: time + OutageScenario.minute - 1)
                #expect(firing == wanted[minute], "minute \(minute)")
            }
            await gateway.store.stop()
        }
    }

    /// What Redis has is gone before each evaluation, while the process goes on.
    @Test(arguments: OutageScenario.conditions)
    func aRedisThatForgetsIsNotNoticedWhileTheProcessLives(
        _ condition: OutageScenario.Condition
    ) async throws {
        try await withRedis { server in
            let gateway = try KeptGateway(server.address)
            let scenario = Self.scenario(condition)
            let wanted = try await Self.expected(scenario, withOutage: true)
            let (fleet, told) = (Self.fleet(), ToldAlerts())
            let service = try scenario.service(fleet, told, keeping: gateway.keeper)
            for minute in 0...OutageScenario.last {
                let time = OutageScenario.start + Int64(minute) * OutageScenario.minute
                scenario.setSamples(of: minute, in: fleet)
                fleet.away = scenario.outage.contains(minute) ? ["c"] : []
                told.set(time: time)
                if minute % 3 == 0 { try await server.ask(["FLUSHALL"]) }
                await service.evaluateAll(at: time)
                let firing = told.firing(at: time + OutageScenario.minute - 1)
                #expect(firing == wanted[minute], "minute \(minute)")
            }
            await gateway.store.stop()
        }
    }

    /// Without Redis, each process evaluates the past first.
    @Test(arguments: OutageScenario.conditions)
    func aProcessThatEvaluatesThePastTellsWhatOneThatLivedWould(
        _ condition: OutageScenario.Condition
    ) async throws {
        let scenario = Self.scenario(condition)
        let wanted = try await Self.expected(scenario, withOutage: false)
        let (fleet, told) = (Self.fleet(), ToldAlerts())
        let keeper = StateKeeper(
            redis: nil, backFill: BackFill(query: fleet.query, fleet: fleet.fleet))
        // There was a past before the first evaluation too.
        for minute in -30..<0 { scenario.setSamples(of: minute, in: fleet) }
        for minute in 0...OutageScenario.last {
            let time = OutageScenario.start + Int64(minute) * OutageScenario.minute
            scenario.setSamples(of: minute, in: fleet)
            told.set(time: time)
            let service = try scenario.service(fleet, told, keeping: keeper)
            await service.evaluateAll(at: time)
            let firing = told.firing(at: time + OutageScenario.minute - 1)
            #expect(firing == wanted[minute], "minute \(minute)")
        }
    }

    /// One of two gateways reaches the cluster that the other does not: Alertmanager sees what it
    /// would if both did.
    @Test(arguments: OutageScenario.conditions, [false, true])
    func twoGatewaysWithDifferentViewsTellOneThing(
        _ condition: OutageScenario.Condition, isBlindFirst: Bool
    ) async throws {
        try await withRedis { server in
            let gateways = [try KeptGateway(server.address), try KeptGateway(server.address)]
            let scenario = Self.scenario(condition)
            let wanted = try await Self.expected(scenario, withOutage: false)
            let (fleets, told) = ([Self.fleet(), Self.fleet()], ToldAlerts())
            let services = try [0, 1].map {
                try scenario.service(fleets[$0], told, keeping: gateways[$0].keeper)
            }
            let blind = isBlindFirst ? 0 : 1
            for minute in 0...OutageScenario.last {
                let time = OutageScenario.start + Int64(minute) * OutageScenario.minute
                for fleet in fleets { scenario.setSamples(of: minute, in: fleet) }
                fleets[blind].away = (10..<110).contains(minute) ? ["c"] : []
                told.set(time: time)
                for service in services { await service.evaluateAll(at: time) }
                let firing = told.firing(at: time + OutageScenario.minute - 1)
                #expect(firing == wanted[minute], "minute \(minute)")
            }
            for gateway in gateways { await gateway.store.stop() }
        }
    }
}
