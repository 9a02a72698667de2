import TimeSeries

/// What an evaluation may still spend: places for values, and its asker's patience.
struct Budget {
    let limits: EvaluationLimits
    private var charged = 0
    private var workSinceLook = 0
    /// Places that are paid for and that nobody was told of.
    private var untold = 0

    /// How many places are told of at once.
    private static let toldPlaces = 8192

    /// How many places are worked on between two looks at the clock.
    private static let lookInterval = 65_536

    /// How many places a native histogram is as good as, about.
    static let placesOfHistogram = 16

    init(_ limits: EvaluationLimits) { self.limits = limits }

    /// Pays for places of values that are about to be made, or that came in.
    mutating func charge(_ places: Int) throws(EvaluationFailure) {
        charged += places
        if charged > limits.maximumSamples { throw .tooManySamples }
        untold += places
        if untold >= Self.toldPlaces {
            let places = untold
            untold = 0
            guard limits.holds(places) else { throw .stopped }
        }
        try work(places)
    }

    /// Notes that so many places are looked at.
    mutating func work(_ places: Int) throws(EvaluationFailure) {
        workSinceLook += places
        guard workSinceLook >= Self.lookInterval else { return }
        workSinceLook = 0
        try look()
    }

    /// Notes that the native histograms of a series are looked at.
    mutating func work(onHistogramsOf series: GridSeries) throws(EvaluationFailure) {
        try work(series.histograms.count * Self.placesOfHistogram)
    }

    /// Ends the evaluation if it is no longer wanted.
    func look() throws(EvaluationFailure) {
        if limits.shouldStop() { throw .stopped }
    }
}
