/// How many requests may be sent beyond those that were asked for: a part of them, saved up to a
/// burst.
package struct ExtraBudget: Hashable, Sendable {
    /// What each request earns: 0.05 for one in twenty.
    let share: Double
    /// The most that is saved.
    let burst: Double
    private var saved: Double

    /// One is given at the beginning, so that the first slow request can be helped.
    package init(share: Double, burst: Double = 10) {
        self.share = share
        self.burst = burst
        saved = share > 0 ? 1 : 0
    }

    /// A request was asked for.
    package mutating func earn() { saved = min(burst, saved + share) }

    /// Takes one; false where there is none.
    package mutating func take() -> Bool {
        // Twenty times a twentieth is a little less than one.
        guard saved > 1 - 1e-9 else { return false }
        saved -= 1
        return true
    }
}
