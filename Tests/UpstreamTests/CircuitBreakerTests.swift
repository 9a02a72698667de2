import TestSupport
import Testing
import Upstream

/// The machine alone; its times are counted from one beginning.
@Suite struct CircuitBreakerTests {
    private let begin = ContinuousClock.now
    private let settings = CircuitBreaker.Settings(
        failures: 3, openTime: .seconds(5), maximumOpenTime: .seconds(15))

    private func at(_ seconds: Int) -> ContinuousClock.Instant { begin + .seconds(seconds) }

    private func opened() -> CircuitBreaker {
        var breaker = CircuitBreaker(at: begin)
        for second in 0..<3 {
            breaker.failed("no", isTrial: false, at: at(second), settings)
        }
        return breaker
    }

    private func opening(
        _ breaker: inout CircuitBreaker, at second: Int
    ) -> CircuitBreaker.Opening? {
        if case .refused(let opening) = breaker.admit(at: at(second)) { opening } else { nil }
    }

    @Test func itOpensAfterSoManyFailuresInARow() {
        var breaker = CircuitBreaker(at: begin)
        for second in 0..<2 {
            breaker.failed("no", isTrial: false, at: at(second), settings)
            #expect(breaker.admit(at: at(second)) == .asked)
        }
        breaker.failed("not at all", isTrial: false, at: at(2), settings)
        let opening = opening(&breaker, at: 3)
        #expect(opening?.failures == 3)
        #expect(opening?.since == at(0))
        #expect(opening?.until == at(7))
        #expect(opening?.reason == "not at all")
    }

    @Test func aSuccessInBetweenBeginsTheCountAnew() {
        var breaker = CircuitBreaker(at: begin)
        for _ in 0..<5 {
            breaker.failed("no", isTrial: false, at: begin, settings)
            breaker.failed("no", isTrial: false, at: begin, settings)
            breaker.succeeded(isTrial: false)
        }
        #expect(breaker.isAsNew)
    }

    @Test func oneTrialIsLetThroughAtATime() {
        var breaker = opened()
        #expect(opening(&breaker, at: 6) != nil)
        #expect(breaker.admit(at: at(7)) == .trial)
        #expect(opening(&breaker, at: 7) != nil)
        breaker.succeeded(isTrial: true)
        #expect(breaker.admit(at: at(8)) == .asked)
        #expect(breaker.isAsNew)
    }

    @Test func aTrialThatFailsOpensItForTwiceAsLongUpToALimit() {
        var breaker = opened()
        var time = 7
        for wait in [10, 15, 15] {
            #expect(breaker.admit(at: at(time)) == .trial)
            breaker.failed("still no", isTrial: true, at: at(time), settings)
            #expect(opening(&breaker, at: time)?.until == at(time + wait))
            time += wait
        }
        #expect(opening(&breaker, at: time - 1)?.failures == 6)
        #expect(opening(&breaker, at: time - 1)?.since == at(0))
    }

    @Test func aTrialThatTellsNothingLeavesTheNextOneToTell() {
        var breaker = opened()
        #expect(breaker.admit(at: at(7)) == .trial)
        breaker.toldNothing(isTrial: true)
        #expect(breaker.admit(at: at(7)) == .trial)
    }

    @Test func whatWasAskedBeforeItOpenedSaysNothingNewWhenItFails() {
        var breaker = opened()
        breaker.failed("late", isTrial: false, at: at(4), settings)
        #expect(opening(&breaker, at: 5)?.until == at(7))
        #expect(breaker.admit(at: at(7)) == .trial)
        breaker.failed("late", isTrial: false, at: at(8), settings)
        breaker.toldNothing(isTrial: false)
        #expect(opening(&breaker, at: 8)?.reason == "no")
    }

    @Test func whatWasAskedBeforeItOpenedClosesItWhenItSucceeds() {
        var breaker = opened()
        breaker.succeeded(isTrial: false)
        #expect(breaker.admit(at: at(3)) == .asked)
    }

    @Test func aReplicaThatWantsToBeLeftAloneIs() {
        var breaker = CircuitBreaker(at: begin)
        breaker.held(for: .seconds(30), "busy", isTrial: false, at: begin, settings)
        // What it still answers to others does not mean that it may be asked.
        breaker.succeeded(isTrial: false)
        #expect(opening(&breaker, at: 29)?.isWanted == true)
        #expect(breaker.admit(at: at(30)) == .trial)
        breaker.held(for: .seconds(10), "busy still", isTrial: true, at: at(31), settings)
        #expect(opening(&breaker, at: 40)?.reason == "busy still")
        #expect(breaker.admit(at: at(41)) == .trial)
        breaker.succeeded(isTrial: true)
        #expect(breaker.isClosed)
    }

    // MARK: What else is reckoned with

    @Test func theQuantileIsOfTheLastTimes() {
        var times = RollingTimes()
        #expect(times.quantile(0.95) == nil)
        for milliseconds in 1...100 { times.add(.milliseconds(milliseconds)) }
        #expect(times.quantile(0.95) == .milliseconds(95))
        #expect(times.quantile(0.5) == .milliseconds(50))
        for _ in 0..<128 { times.add(.seconds(1)) }
        #expect(times.count == 128)
        #expect(times.quantile(0.5) == .seconds(1))
    }

    @Test func theBudgetIsAPartOfWhatIsAsked() {
        var budget = ExtraBudget(share: 0.05)
        let first = budget.take()
        #expect(first)
        var taken = 0
        for _ in 0..<1000 {
            budget.earn()
            if budget.take() { taken += 1 }
        }
        #expect(taken == 50)
        for _ in 0..<10_000 { budget.earn() }
        var saved = 0
        while budget.take() { saved += 1 }
        #expect(saved == 10)
    }

    @Test func aBudgetOfNothingGivesNothing() {
        var budget = ExtraBudget(share: 0)
        for _ in 0..<1000 { budget.earn() }
        let taken = budget.take()
        #expect(!taken)
    }
}
