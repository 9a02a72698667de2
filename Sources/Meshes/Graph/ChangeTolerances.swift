/// What counts as a change between two times.
public struct ChangeTolerances: Hashable, Sendable {
    /// Requests a second below which an edge may come and go unnoticed, as its last request falls in
    /// the one range or in the other. The same guard as that of health.
    public var minimumRequestRate: Double
    /// How much more or less of all requests fail: 0.05 is five of a hundred.
    public var errorRatioDifference: Double
    /// How many times as many requests there are, or as few.
    public var requestRateFactor: Double

    public init(
        minimumRequestRate: Double = 0.05, errorRatioDifference: Double = 0.05,
        requestRateFactor: Double = 2
    ) {
        self.minimumRequestRate = minimumRequestRate
        self.errorRatioDifference = errorRatioDifference
        self.requestRateFactor = requestRateFactor
    }
}
