/// A sum whose rounding errors are carried along (Neumaier's form of Kahan's sum), as Prometheus
/// adds since 2.54.
public struct CompensatedSum: Sendable {
    @usableFromInline var sum = 0.0
    @usableFromInline var compensation = 0.0

    public init() {}

    public init(_ first: Double) { sum = first }

    @inlinable
    public mutating func add(_ term: Double) {
        let next = sum + term
        if next.isInfinite {
            compensation = 0
        } else if sum.magnitude >= term.magnitude {
            compensation += (sum - next) + term
        } else {
            compensation += (term - next) + sum
        }
        sum = next
    }

    @inlinable
    public var value: Double { sum + compensation }
}
