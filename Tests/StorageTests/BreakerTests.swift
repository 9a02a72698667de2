import Storage
import Synchronization
import Testing

struct BreakerTests {
    private let clock = ManualClock()

    private func breaker(
        _ observe: @escaping @Sendable (Breaker.Change) -> Void = { _ in }
    ) -> Breaker {
        var settings = Breaker.Settings()
        settings.failures = 3
        settings.pause = .seconds(5)
        return Breaker(settings, now: { [clock] in clock.now }, observe: observe)
    }

    private func fail(_ breaker: Breaker, _ count: Int) {
        for _ in 0..<count { breaker.failed(StorageFailure(.timeout)) }
    }

    @Test func itOpensAfterFailuresInARowOnly() {
        let breaker = breaker()
        fail(breaker, 2)
        breaker.succeeded()
        fail(breaker, 2)
        #expect(breaker.admits() && !breaker.isOpen)
        fail(breaker, 1)
        #expect(!breaker.admits() && breaker.isOpen)
    }

    @Test func afterItsPauseOneMayTry() {
        let breaker = breaker()
        fail(breaker, 3)
        clock.advance(by: .milliseconds(4999))
        #expect(!breaker.admits())
        clock.advance(by: .milliseconds(1))
        #expect(breaker.admits())
        #expect(!breaker.admits())
    }

    @Test func aTrialThatSucceedsClosesItAndOneThatFailsDoesNot() {
        let breaker = breaker()
        fail(breaker, 3)
        clock.advance(by: .seconds(5))
        #expect(breaker.admits())
        fail(breaker, 1)
        #expect(!breaker.admits())
        clock.advance(by: .seconds(5))
        #expect(breaker.admits())
        breaker.succeeded()
        #expect(breaker.admits() && breaker.admits() && !breaker.isOpen)
    }

    @Test func aTrialOfWhichNothingIsHeardIsFollowedByAnother() {
        let breaker = breaker()
        fail(breaker, 3)
        clock.advance(by: .seconds(5))
        #expect(breaker.admits())
        clock.advance(by: .seconds(5))
        #expect(breaker.admits())
    }

    @Test func changesAreToldOnce() {
        let changes = Changes()
        let breaker = breaker { changes.add($0) }
        breaker.succeeded()
        fail(breaker, 7)
        breaker.succeeded()
        breaker.succeeded()
        #expect(changes.all == ["opened: no answer in time", "closed"])
    }

    private final class Changes: Sendable {
        private let texts = Mutex<[String]>([])

        var all: [String] { texts.withLock { $0 } }

        func add(_ change: Breaker.Change) {
            let text =
                switch change {
                case .opened(let failure): "opened: \(failure)"
                case .closed: "closed"
                }
            texts.withLock { $0.append(text) }
        }
    }
}
