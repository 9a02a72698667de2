import Federation
import Testing

@Suite("Waiting for a turn", .timeLimit(.minutes(1)))
struct AdmissionTests {
    private static var later: ContinuousClock.Instant { .now + .seconds(60) }

    private func limits(
        concurrent: Int = 1, queued: Int = 10, wait: Duration = .seconds(60)
    ) -> QueryLimits {
        var limits = QueryLimits()
        limits.concurrent = concurrent
        limits.queued = queued
        limits.queueWait = wait
        return limits
    }

    private static func entered(
        _ admission: Admission, by deadline: ContinuousClock.Instant = later, client: String? = "c"
    ) async throws(QueryFailure) -> Admission.Place? {
        let result: Result<Admission.Place?, QueryFailure> =
            await QueryClient.$current.withValue(client) {
                do throws(QueryFailure) {
                    return .success(try await admission.enter(cost: 1, by: deadline))
                } catch {
                    return .failure(error)
                }
            }
        return try result.get()
    }

    private static func isLetThrough(_ admission: Admission) async -> Bool {
        (try? await entered(admission)) != nil
    }

    private static func failure(_ admission: Admission) async -> QueryFailure? {
        do throws(QueryFailure) {
            _ = try await entered(admission)
            return nil
        } catch {
            return error
        }
    }

    @Test func aPlaceIsFreeAgainWhenNobodyHoldsIt() async throws {
        let admission = Admission(limits())
        var place = try await Self.entered(admission)
        #expect(place != nil)
        #expect(admission.counts == (1, 0))
        place = nil
        #expect(admission.counts == (0, 0))
    }

    @Test func whoWaitsIsLetThroughWhenThePlaceIsLeft() async throws {
        let admission = Admission(limits())
        var place = try await Self.entered(admission)
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await Self.isLetThrough(admission) }
            while admission.counts.waiting < 1 { await Task.yield() }
            #expect(place != nil)
            place = nil
            #expect(await group.next() == true)
        }
        #expect(admission.counts == (0, 0))
    }

    @Test func theGatewaysOwnQueriesWaitForNobody() async throws {
        let admission = Admission(limits(queued: 0))
        let place = try await Self.entered(admission)
        #expect(try await Self.entered(admission, client: nil) == nil)
        withExtendedLifetime(place) {}
    }

    @Test func aFullQueueIsSaidAtOnce() async throws {
        let admission = Admission(limits(queued: 0))
        let place = try await Self.entered(admission)
        #expect(
            await Self.failure(admission)
                == .overloaded(
                    "the gateway is overloaded: 0 queries wait already (query.limits.max_queued) "
                        + "and 1 run (query.limits.max_concurrent)", retryAfter: 1))
        withExtendedLifetime(place) {}
    }

    @Test func whoWaitsTooLongIsTold() async throws {
        let admission = Admission(limits(wait: .milliseconds(20)))
        let place = try await Self.entered(admission)
        #expect(
            await Self.failure(admission)
                == .overloaded(
                    "the gateway is overloaded: 1 queries run (query.limits.max_concurrent), and "
                        + "this one was not begun in time: query.limits.max_queue_wait is 20ms",
                    retryAfter: 1))
        #expect(admission.counts == (1, 0))
        withExtendedLifetime(place) {}
    }

    @Test func whoLeavesWhileWaitingIsForgotten() async throws {
        let admission = Admission(limits())
        let place = try await Self.entered(admission)
        await withTaskGroup(of: QueryFailure?.self) { group in
            group.addTask { await Self.failure(admission) }
            while admission.counts.waiting < 1 { await Task.yield() }
            group.cancelAll()
            #expect(await group.next() == .cancelled)
        }
        #expect(admission.counts == (1, 0))
        withExtendedLifetime(place) {}
    }

    @Test func manyAtOnceAllHaveTheirTurnAndNoneIsLost() async {
        let admission = Admission(limits(concurrent: 3, queued: 1000))
        let passed = Tally()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<500 {
                group.addTask { await Self.pass(admission, passed, isImpatient: number % 5 == 0) }
            }
        }
        #expect(passed.value == 500)
        #expect(admission.counts == (0, 0))
    }

    /// Enters and leaves again; who is impatient may give up.
    private static func pass(
        _ admission: Admission, _ passed: Tally, isImpatient: Bool
    ) async {
        let deadline: ContinuousClock.Instant = isImpatient ? .now + .milliseconds(1) : later
        let place = try? await entered(admission, by: deadline)
        if let place {
            #expect(admission.counts.running <= 3)
            await Task.yield()
            withExtendedLifetime(place) {}
        } else {
            #expect(isImpatient)
        }
        passed.add()
    }
}
