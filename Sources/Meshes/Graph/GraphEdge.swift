/// An edge of a whole graph, before it is shown.
struct GraphEdge: Hashable, Sendable {
    var source: Int32
    var destination: Int32
    var sum = TrafficSum()
    var marks: Marks = []
    /// Requests that left the source's proxies, as these tell.
    var departed = ExactRate.zero
    /// Of these, what cannot have arrived.
    var departedInVain = ExactRate.zero
    /// Of these, what cannot have arrived or nobody answered.
    var departedUnanswered = ExactRate.zero
    var arrived = ExactRate.zero
    var timeouts = ExactRate.zero
    var trips = ExactRate.zero
    var calls: Int?
    var change: ServiceMap.Edge.Change?
    /// The missing clusters that it has to do with.
    var missing: [Int32] = []
    var members = 1

    struct Marks: OptionSet, Hashable, Sendable {
        let rawValue: UInt16

        static let bySource = Marks(rawValue: 1)
        static let byDestination = Marks(rawValue: 1 << 1)
        static let byWaypoint = Marks(rawValue: 1 << 2)
        static let inMetrics = Marks(rawValue: 1 << 3)
        static let inTraces = Marks(rawValue: 1 << 4)
        static let sourceIsMissing = Marks(rawValue: 1 << 5)
        static let destinationIsMissing = Marks(rawValue: 1 << 6)
        /// Its clusters are concluded, while some are missing.
        static let isGuessed = Marks(rawValue: 1 << 7)
        /// No caller tells by flags how its requests ended, or not of all that are drawn as one.
        static let lacksFlags = Marks(rawValue: 1 << 8)
        /// Departures and arrivals can be compared.
        static let losesMeasurably = Marks(rawValue: 1 << 10)
        static let crosses = Marks(rawValue: 1 << 11)
        static let hasFlags = Marks(rawValue: 1 << 12)
        static let isMoreThanSpans = Marks(rawValue: 1 << 13)
        /// The destination counts callers without a name; those that have named themselves are taken
        /// off.
        static let isRemainder = Marks(rawValue: 1 << 14)
        /// The destination counts what arrived under another of its services.
        static let arrivesElsewhere = Marks(rawValue: 1 << 15)
    }

    /// Both ends in one number.
    var ends: Int64 { Int64(source) << 32 | Int64(destination) }

    /// Adds the calls of another edge that is drawn as this one.
    mutating func merge(_ other: GraphEdge) {
        sum.add(other.sum)
        mergeLoss(other)
        marks.formUnion(other.marks)
        timeouts += other.timeouts
        trips += other.trips
        if let more = other.calls { calls = (calls ?? 0).clampedSum(more) }
        for cluster in other.missing where !missing.contains(cluster) { missing.append(cluster) }
        members += other.members
        change = nil
    }

    /// Adds what the flags of a report say. Nobody but the callers' side knows of timeouts and breakers.
    mutating func addShaping(_ kind: CallClass, _ rate: ExactRate, _ row: CallLedger.Row) {
        guard row.dialect.hasResponseFlags, row.reporter != .destination else { return }
        marks.insert(.hasFlags)
        if kind.contains(.timeout) { timeouts += rate }
        if kind.contains(.breakerTripped) { trips += rate }
    }

    /// Of edges that are drawn as one, those lose of which it can be told: what others sent was perhaps
    /// never to be seen where it arrived.
    private mutating func mergeLoss(_ other: GraphEdge) {
        guard other.marks.contains(.losesMeasurably) else { return }
        if marks.contains(.losesMeasurably) {
            departed += other.departed
            arrived += other.arrived
        } else {
            departed = other.departed
            arrived = other.arrived
        }
    }

    var loss: ServiceMap.Edge.Loss? {
        guard marks.contains(.losesMeasurably), departed > .zero else { return nil }
        let lost = (departed - arrived).value
        return ServiceMap.Edge.Loss(rate: lost, ratio: min(1, lost / departed.value))
    }

    var evidence: [ServiceMap.Edge.Evidence] {
        (marks.contains(.inMetrics) ? [.metrics] : [])
            + (marks.contains(.inTraces) ? [.traces] : [])
    }

    var witnesses: [CallReport.Reporter] {
        (marks.contains(.bySource) ? [.source] : [])
            + (marks.contains(.byDestination) ? [.destination] : [])
            + (marks.contains(.byWaypoint) ? [.waypoint] : [])
    }

    var shaping: ServiceMap.Edge.Shaping? {
        guard marks.contains(.hasFlags), !marks.contains(.lacksFlags) else { return nil }
        var shaping = ServiceMap.Edge.Shaping()
        shaping.timeoutRate = .init(timeouts.value, .flags)
        shaping.circuitBreakerTripRate = .init(trips.value, .flags)
        return shaping
    }
}

extension Int {
    /// The sum, or the greatest number where it is greater.
    func clampedSum(_ other: Int) -> Int {
        let (sum, overflows) = addingReportingOverflow(other)
        return overflows ? .max : sum
    }
}
