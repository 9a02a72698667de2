import Federation
import Testing

/// Work of one's own choosing, shared.
private typealias Work = SharedWork<String, String>

@Suite("Shared work", .timeLimit(.minutes(10)))
struct SharedWorkTests {
    /// A long while, for work that ends by itself.
    private static var later: ContinuousClock.Instant { .now + .seconds(60) }

    /// Runs the service while the body runs.
    private func withService(
        _ body: @escaping @Sendable (Work) async throws -> Void
    ) async throws {
        let work = Work(cancelled: "cancelled", isTimeout: { $0 == "timeout" })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await work.run() }
            // Before it runs, each works for itself.
            await work.isRunning()
            try await body(work)
            group.cancelAll()
        }
    }

    @Test func itIsDoneOnceForAllWhoAskAtTheSameTime() async throws {
        try await withService { work in
            let count = Tally()
            let gate = Gate()
            let later = Self.later
            let values = await withTaskGroup(of: Work.Shared.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        await work.value(
                            of: "a", by: later,
                            {
                                count.add()
                                await gate.passed()
                                return "result"
                            })
                    }
                }
                await work.reaches(waiters: 20)
                gate.open()
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(count.value == 1)
            #expect(values.map(\.value) == Array(repeating: "result", count: 20))
            #expect(values.count { !$0.isJoined } == 1)
            #expect(work.count == 0)
        }
    }

    @Test func differentWorkIsDoneSideBySide() async throws {
        try await withService { work in
            let both = Gate(opensAt: 2)
            async let one = work.value(of: "a", by: Self.later) {
                await both.arrived()
                return "A"
            }
            async let two = work.value(of: "b", by: Self.later) {
                await both.arrived()
                return "B"
            }
            #expect(await one.value == "A")
            #expect(await two.value == "B")
        }
    }

    @Test func aFollowerOutlivesALeaderThatLeaves() async throws {
        try await withService { work in
            let gate = Gate()
            let isCancelled = Tally()
            await withTaskGroup(of: Work.Shared.self) { group in
                group.addTask {
                    await work.value(
                        of: "a", by: Self.later,
                        {
                            await gate.passed()
                            if Task.isCancelled { isCancelled.add() }
                            return "result"
                        })
                }
                await work.reaches(waiters: 1)
                let follower = Follower(work)
                async let followed = follower.value()
                await work.reaches(waiters: 2)
                // The leader's task is the group's only one.
                group.cancelAll()
                #expect(await group.next()?.value == "cancelled")
                gate.open()
                let shared = await followed
                #expect(shared.value == "result")
                #expect(shared.isJoined)
                #expect(isCancelled.value == 0)
            }
        }
    }

    private struct Follower: Sendable {
        let work: Work

        init(_ work: Work) { self.work = work }

        func value() async -> Work.Shared {
            await work.value(of: "a", by: SharedWorkTests.later) { "its own" }
        }
    }

    @Test func theLastToLeaveEndsTheWork() async throws {
        try await withService { work in
            let gate = Gate()
            let ended = Gate()
            await withTaskGroup(of: Work.Shared.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        await work.value(
                            of: "a", by: Self.later,
                            {
                                // Only being cancelled ends it.
                                await gate.passed()
                                if Task.isCancelled { ended.open() }
                                return "result"
                            })
                    }
                }
                await work.reaches(waiters: 3)
                group.cancelAll()
                for await shared in group { #expect(shared.value == "cancelled") }
            }
            await ended.passed()
            // Who comes now begins anew.
            let fresh = await work.value(of: "a", by: Self.later) { "fresh" }
            #expect(fresh.value == "fresh")
            #expect(!fresh.isJoined)
        }
    }

    @Test func whoHasMoreTimeThanTheLeaderAsksAgainWhenTheLeadersIsOver() async throws {
        try await withService { work in
            let gate = Gate()
            async let leader = work.value(of: "a", by: .now + .seconds(1)) {
                await gate.passed()
                return "timeout"
            }
            await work.reaches(waiters: 1)
            async let follower = work.value(of: "a", by: Self.later) { "second try" }
            await work.reaches(waiters: 2)
            gate.open()
            #expect(await leader.value == "timeout")
            #expect(await follower.value == "second try")
        }
    }

    @Test func whoHasLessTimeDoesNotWaitForALongerOne() async throws {
        try await withService { work in
            let gate = Gate()
            async let slow = work.value(of: "a", by: Self.later) {
                await gate.passed()
                return "slow"
            }
            await work.reaches(waiters: 1)
            let quick = await work.value(of: "a", by: .now + .seconds(1)) { "quick" }
            #expect(quick.value == "quick")
            #expect(!quick.isJoined)
            gate.open()
            #expect(await slow.value == "slow")
        }
    }

    /// Of two who ask at the same time, the one who was there first may get through second.
    @Test func whoHasALittleLessTimeJoinsAllTheSame() async throws {
        try await withService { work in
            let gate = Gate()
            let later = Self.later
            async let slow = work.value(of: "a", by: later) {
                await gate.passed()
                return "slow"
            }
            await work.reaches(waiters: 1)
            async let joining = work.value(of: "a", by: later - .milliseconds(100)) { "its own" }
            await work.reaches(waiters: 2)
            gate.open()
            #expect(await joining.value == "slow")
            #expect(await joining.isJoined)
            #expect(await slow.value == "slow")
        }
    }

    @Test func withoutTheServiceEachWorksForItself() async throws {
        let work = Work(cancelled: "cancelled", isTimeout: { _ in false })
        let before = await work.value(of: "a", by: Self.later) { "mine" }
        #expect(before.value == "mine")
        #expect(!before.isJoined)
    }

    @Test func nobodyWaitsForAServiceThatHasEnded() async throws {
        let work = Work(cancelled: "cancelled", isTimeout: { _ in false })
        let value = await withTaskGroup(of: Void.self) { group in
            group.addTask { await work.run() }
            await work.isRunning()
            async let waiting = work.value(of: "a", by: Self.later) {
                await Gate().passed()
                return "never"
            }
            await work.reaches(waiters: 1)
            group.cancelAll()
            return await waiting.value
        }
        #expect(value == "cancelled" || value == "never")
        #expect(await work.value(of: "a", by: Self.later) { "mine" }.value == "mine")
    }
}
