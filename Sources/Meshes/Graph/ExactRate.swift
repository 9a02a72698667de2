/// A sum of rates that does not depend on the order in which they are added, so that the same reports
/// give the same bytes whoever answers first, and collapsed nodes add up to what they stand for.
///
/// A number of 128 bits with its point in the middle: steps of 2^-64, up to 2^64, where it stays. Rates
/// from a two-thousandth on are kept to the last bit.
struct ExactRate: Hashable, Sendable, Comparable {
    private var whole: UInt64
    private var fraction: UInt64

    static let zero = ExactRate(whole: 0, fraction: 0)

    private init(whole: UInt64, fraction: UInt64) {
        self.whole = whole
        self.fraction = fraction
    }

    /// Of a rate that is neither negative nor above `ExactRate.limit`.
    init(_ rate: Double) {
        whole = UInt64(rate)
        fraction = UInt64((rate - Double(whole)) * 0x1p64)
    }

    /// No rate of anything is higher, a second.
    static let limit = 0x1p60

    var value: Double { Double(whole) + Double(fraction) * 0x1p-64 }

    static func += (sum: inout ExactRate, rate: ExactRate) {
        let (fraction, carries) = sum.fraction.addingReportingOverflow(rate.fraction)
        let (whole, overflows) = sum.whole.addingReportingOverflow(rate.whole)
        let (carried, overflowsByCarry) = whole.addingReportingOverflow(carries ? 1 : 0)
        if overflows || overflowsByCarry {
            sum = ExactRate(whole: .max, fraction: .max)
        } else {
            sum = ExactRate(whole: carried, fraction: fraction)
        }
    }

    /// What is left of one after another; zero where that is more.
    static func - (one: ExactRate, other: ExactRate) -> ExactRate {
        guard one > other else { return .zero }
        let (fraction, borrows) = one.fraction.subtractingReportingOverflow(other.fraction)
        return ExactRate(
            whole: one.whole &- other.whole &- (borrows ? 1 : 0), fraction: fraction)
    }

    /// A share of it, from zero to one.
    func scaled(by share: Double) -> ExactRate {
        share >= 1 ? self : ExactRate(min(value * max(share, 0), Self.limit))
    }

    static func < (one: ExactRate, other: ExactRate) -> Bool {
        (one.whole, one.fraction) < (other.whole, other.fraction)
    }
}
