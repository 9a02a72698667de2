import TimeSeries

/// Which services or edges there are, the busiest first: found out before anything else is asked, so
/// that details (buckets, statistics, who speaks to whom) are asked of those alone that are shown.
public struct SignalRanking: Sendable {
    /// The question whose answer ranks.
    public let plan: SignalPlan
    private var assembly: SignalAssembly
    private var names = DestinationNames()

    /// What tells that a subject is there, and how busy it is.
    fileprivate static let signals: [Signal] = [.requestRate, .tcpConnectionRate, .tcpSentRate]

    /// Nil where there cannot be many: of clusters, of a mesh, of one service or one edge.
    public init?(_ question: SignalQuestion, clusters: [ClusterDialects]) {
        switch question.grouping {
        case .service where question.service == nil: break
        case .edge where question.source == nil || question.destination == nil: break
        default: return nil
        }
        var ranking = question
        ranking.range = nil
        ranking.signals = Set(Self.signals)
        plan = SignalPlan(ranking, clusters: clusters)
        assembly = SignalAssembly(plan, grid: TimeGrid(instant: question.end))
    }

    public mutating func add(_ series: [GridSeries], of query: SignalQuery) {
        assembly.add(series, of: query)
        guard case .fact(let fact) = query.content else { return }
        names.note(series, fact.dialect)
    }

    /// All subjects, the busiest first.
    public func ranked() -> Ranked { Ranked(assembly.report(), names) }

    /// Subjects in their order.
    public struct Ranked: Sendable {
        /// Services are in all clusters.
        public let subjects: [SignalSubject]
        /// About how many rows tell of the calls to services of a name.
        private let weights: [String: Int]
        private let names: DestinationNames

        /// A subject, in all clusters or in one, has about so many buckets, of two sides.
        private static let bucketsOfSubject = 40

        init(_ report: SignalReport, _ names: DestinationNames) {
            subjects = report.ordered
            weights = report.subjects.reduce(into: names.rows) { weights, subject in
                weights[subject.subject.service, default: 0] += Self.bucketsOfSubject
            }
            self.names = names
        }

        /// The first so many subjects, in batches each of about so many rows. What has one name is in
        /// one batch, as it is asked for by its name.
        public func batches(top: Int, rows: Int) -> [SignalBatch] {
            var batches: [SignalBatch] = []
            var places: [String: Int] = [:]
            var room = 0
            for subject in subjects.prefix(top) {
                let place: Int
                if let known = places[subject.service] {
                    place = known
                } else {
                    let weight = weights[subject.service] ?? 1
                    if weight > room || batches.isEmpty {
                        batches.append(
                            SignalBatch(
                                subjects: [], choice: SignalChoice(names: [], namespaces: [])))
                        room = rows
                    }
                    room -= weight
                    place = batches.count - 1
                    places[subject.service] = place
                    batches[place].choice.names.formUnion(names.asked(for: subject.service))
                }
                batches[place].subjects.insert(subject)
                batches[place].choice.namespaces.insert(subject.namespace)
            }
            for place in batches.indices where batches[place].choice.namespaces.contains("") {
                // What has no namespace may have any.
                batches[place].choice.namespaces = []
            }
            return batches
        }
    }
}

extension SignalReport {
    /// The subjects, services in all clusters, the busiest first.
    var ordered: [SignalSubject] {
        var rates: [SignalSubject: Busyness] = [:]
        for subject in subjects {
            let one = Busyness(subject)
            rates[subject.subject.everywhere, default: Busyness()]
                .note(one, isSum: subject.subject == subject.subject.everywhere)
        }
        return rates.sorted { one, other in
            one.value.order == other.value.order
                ? one.key.precedes(other.key) : one.value.order > other.value.order
        }.map(\.key)
    }

    /// The first so many subjects, those of an order before all others. `totals` stay those of all.
    public func shown(top: Int, first order: [SignalSubject] = []) -> SignalReport {
        guard totals.shown > top else { return self }
        let told = Set(subjects.map(\.subject.everywhere))
        let first = order.filter(told.contains)
        let placed = Set(first)
        let kept = Set((first + ordered.filter { !placed.contains($0) }).prefix(top))
        var shown = self
        shown.subjects = subjects.filter { kept.contains($0.subject.everywhere) }
        shown.totals.shown = kept.count
        return shown
    }

    /// Takes in what another report tells of other subjects.
    public mutating func add(_ other: SignalReport, only chosen: Set<SignalSubject>) {
        subjects += other.subjects.filter { chosen.contains($0.subject.everywhere) }
        subjects.sort { $0.subject.precedes($1.subject) }
        queries += other.queries
    }
}

/// How busy a subject is: by requests, then by connections, then by bytes.
private struct Busyness {
    private var whole: [Double]?
    private var parts = [0.0, 0, 0]

    init() {}

    init(_ subject: SubjectSignals) {
        parts = SignalRanking.signals.map { signal in
            guard let value = subject.signals[signal]?.value, value.isFinite else { return 0 }
            return value
        }
    }

    /// `isSum` is whether it is of all clusters, so that those of single ones are in it.
    mutating func note(_ other: Busyness, isSum: Bool) {
        if isSum {
            whole = other.parts
        } else {
            for place in parts.indices { parts[place] += other.parts[place] }
        }
    }

    var order: Order { Order(values: whole ?? parts) }

    struct Order: Comparable {
        var values: [Double]

        static func < (one: Order, other: Order) -> Bool {
            one.values.lexicographicallyPrecedes(other.values)
        }
    }
}
