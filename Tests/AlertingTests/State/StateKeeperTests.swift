import Alerting
import PromQL
import Rules
import Storage
import TestSupport
import Testing
import TimeSeries

/// State in a real Redis.
@Suite(.timeLimit(.minutes(10)))
struct StateKeeperTests {
    private static func time(_ minute: Int64) -> Int64 { RuleGroupState.start + minute * 60_000 }

    private static func with(
        _ server: RedisServer, count: Int, _ body: ([KeptGateway]) async throws -> Void
    ) async throws {
        var gateways: [KeptGateway] = []
        for _ in 0..<count { gateways.append(try KeptGateway(server.address)) }
        do {
            try await body(gateways)
        } catch {
            for gateway in gateways { await gateway.store.stop() }
            throw error
        }
        for gateway in gateways { await gateway.store.stop() }
    }

    @Test func anAlertOutlivesTheProcessAndIsToldAgainAtOnce() async throws {
        try await withRedis { server in
            try await Self.with(server, count: 2) { gateways in
                var before = try RuleGroupState.one("x > 0")
                await gateways[0].keeper.restore(&before, at: Self.time(0))
                #expect(gateways[0].restored(from: "nothing") == 1)
                before.evaluate(minute: 0, [["cluster": "eu"]])
                await gateways[0].keeper.save(&before, at: Self.time(0))
                var after = try RuleGroupState.one("x > 0")
                await gateways[1].keeper.restore(&after, at: Self.time(1))
                #expect(gateways[1].restored(from: "redis") == 1)
                #expect(after.firing.map(\.firedAt) == [Self.time(0)])
                #expect(after.evaluate(minute: 1, [["cluster": "eu"]]).count == 1)
            }
        }
    }

    @Test func whatOneSawEndTheOtherNoLongerHolds() async throws {
        try await withRedis { server in
            try await Self.with(server, count: 2) { gateways in
                var one = try RuleGroupState.one("x > 0")
                one.evaluate(minute: 0, [["cluster": "eu"]])
                var other = one
                let told = other.evaluate(minute: 2, [], without: "eu")
                #expect(told.map(\.isResolved) == [false])
                one.evaluate(minute: 2, [])
                await gateways[0].keeper.save(&one, at: Self.time(2))
                await gateways[1].keeper.save(&other, at: Self.time(2))
                // What it was about to tell is told as it is.
                #expect(other.confirmed(told, rule: 0).map(\.isResolved) == [true])
                // The first learns nothing from a guess.
                await gateways[0].keeper.adopt(&one, at: Self.time(3))
                #expect(one.firing.isEmpty)
            }
        }
    }

    private static func savedTenTimes(
        _ gateway: KeptGateway, _ number: Int
    ) async throws -> RuleGroupState {
        var state = try RuleGroupState.one("x > 0", name: "A\(number)")
        for minute in 0..<10 as Range<Int64> {
            state.evaluate(minute: minute, [["cluster": "eu"]])
            await gateway.keeper.save(&state, at: time(minute))
        }
        return state
    }

    @Test func ofGatewaysThatSaveAtOnceNoneLosesItsAlerts() async throws {
        try await withRedis { server in
            try await Self.with(server, count: 3) { gateways in
                async let first = Self.savedTenTimes(gateways[0], 0)
                async let second = Self.savedTenTimes(gateways[1], 1)
                async let third = Self.savedTenTimes(gateways[2], 2)
                // A last change each, as one may have given way three times in a row.
                for (number, var state) in try await [first, second, third].enumerated() {
                    state.evaluate(minute: 10, [["cluster": "eu"]])
                    await gateways[number].keeper.save(&state, at: Self.time(10))
                }
                for number in gateways.indices {
                    var state = try RuleGroupState.one("x > 0", name: "A\(number)")
                    await gateways[0].keeper.restore(&state, at: Self.time(11))
                    #expect(state.firing.map(\.firedAt) == [Self.time(0)])
                }
            }
        }
    }

    @Test func aRedisThatIsGoneCostsABoundedWaitAndNothingElse() async throws {
        try await withRedis { server in
            var settings = StateSettings()
            settings.patience = .milliseconds(200)
            settings.startPatience = .milliseconds(400)
            let gateway = try KeptGateway(server.address, settings: settings)
            var state = try RuleGroupState.one("x > 0")
            state.evaluate(minute: 0, [["cluster": "eu"]])
            await gateway.keeper.save(&state, at: Self.time(0))
            await server.kill()
            let clock = ContinuousClock()
            let start = clock.now
            await gateway.keeper.adopt(&state, at: Self.time(1))
            state.evaluate(minute: 1, [["cluster": "eu"]])
            await gateway.keeper.save(&state, at: Self.time(1))
            var fresh = try RuleGroupState.one("x > 0")
            await gateway.keeper.restore(&fresh, at: Self.time(1))
            // It takes no second; the rest is for a machine that does much else.
            #expect(start.duration(to: clock.now) < .seconds(30))
            #expect(fresh.rules[0].isRestored)
            #expect(state.firing.count == 1)
            // It is back, with nothing in it: the next evaluation keeps what it has.
            try await server.restart()
            var found = try RuleGroupState.one("x > 0")
            let end = clock.now + .seconds(120)
            repeat {
                await gateway.keeper.save(&state, at: Self.time(2))
                await gateway.keeper.restore(&found, at: Self.time(3))
            } while found.firing.isEmpty && clock.now < end
            #expect(found.firing.map(\.firedAt) == [Self.time(0)])
            await gateway.store.stop()
        }
    }

    @Test func aValueThatCannotBeReadIsCountedAndReplaced() async throws {
        try await withRedis { server in
            try await Self.with(server, count: 1) { gateways in
                let gateway = gateways[0]
                _ = await gateway.store.store(
                    [99], for: "rules:rules.yaml;g", replacing: .none, timeToLive: .seconds(60),
                    within: .seconds(10))
                var state = try RuleGroupState.one("x > 0")
                await gateway.keeper.restore(&state, at: Self.time(0))
                #expect(gateway.failed("decode", "malformed") == 1)
                state.evaluate(minute: 0, [["cluster": "eu"]])
                await gateway.keeper.save(&state, at: Self.time(0))
                var after = try RuleGroupState.one("x > 0")
                await gateway.keeper.restore(&after, at: Self.time(1))
                #expect(after.firing.count == 1)
            }
        }
    }
}
