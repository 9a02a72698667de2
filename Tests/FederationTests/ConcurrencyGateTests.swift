import Federation
import Testing

@Suite("A gate for the questions to a cluster")
struct ConcurrencyGateTests {
    private static var later: ContinuousClock.Instant { .now + .seconds(60) }

    @Test func itLetsNoMoreThroughThanItsLimit() async throws {
        let gate = ConcurrencyGate(limit: 3)
        let inside = Tally()
        let most = Most()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    try await gate.withPlace(
                        by: Self.later,
                        {
                            inside.add()
                            most.note(inside.value)
                            for _ in 0..<5 { await Task.yield() }
                            inside.subtract()
                        })
                }
            }
            try await group.waitForAll()
        }
        #expect(most.value <= 3)
        #expect(most.value > 1)
        #expect(inside.value == 0)
    }

    @Test func whoIsNotLetThroughInTimeIsTold() async throws {
        let gate = ConcurrencyGate(limit: 1)
        let leave = Gate()
        try await withThrowingTaskGroup(of: Void.self) { group in
            let entered = Gate()
            group.addTask {
                try await gate.withPlace(
                    by: Self.later,
                    {
                        entered.open()
                        await leave.passed()
                    })
            }
            await entered.passed()
            await #expect(throws: NoPlace(limit: 1)) {
                try await gate.withPlace(by: .now + .milliseconds(20)) {}
            }
            leave.open()
            try await group.waitForAll()
        }
        // Nobody's place was lost.
        try await gate.withPlace(by: Self.later) {}
    }

    @Test func whoGivesUpLeavesTheTurnToOthers() async throws {
        let gate = ConcurrencyGate(limit: 1)
        let leave = Gate()
        let entered = Gate()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await gate.withPlace(
                    by: Self.later,
                    {
                        entered.open()
                        await leave.passed()
                    })
            }
            await entered.passed()
            await withTaskGroup(of: Bool.self) { impatient in
                impatient.addTask { await Self.isRefused(gate) }
                while gate.waitingCount < 1 { await Task.yield() }
                impatient.cancelAll()
                #expect(await impatient.next() == true)
            }
            leave.open()
            try await gate.withPlace(by: Self.later) {}
            try await group.waitForAll()
        }
    }

    private static func isRefused(_ gate: ConcurrencyGate) async -> Bool {
        do {
            try await gate.withPlace(by: later) {}
            return false
        } catch {
            return error is CancellationError
        }
    }

    @Test func aHigherLimitLetsTheWaitingThrough() async throws {
        let gate = ConcurrencyGate(limit: 1)
        let both = Gate(opensAt: 2)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    try await gate.withPlace(by: Self.later, { await both.arrived() })
                }
            }
            while gate.waitingCount < 1 { await Task.yield() }
            gate.setLimit(2)
            try await group.waitForAll()
        }
    }
}

/// The largest of the numbers that it is told.
private final class Most: Sendable {
    private let tallies = Tally()

    var value: Int { tallies.value }

    func note(_ number: Int) {
        while tallies.value < number { tallies.add() }
    }
}
