import Clusters
import Evaluation
import Observations
import Planning
import PromQL
import PrometheusAPI
import TimeSeries

/// One query's dealings with the gateway's own series: what there was of them when they were first
/// looked at, and what they answered. Nothing of it is remembered for other queries.
struct ObservedAnswers {
    private let store: ObservationView?
    private let settings: QuerySettings
    private let expression: Expression
    private let grid: TimeGrid
    /// How far back an instant selector looks, milliseconds.
    private let lookback: Int64
    /// The metrics there may be when the query began.
    let metrics: ObservedMetrics

    /// All fragments and rounds of a query see the same samples.
    private var snapshot: ObservationStore.Snapshot?
    private var parts: [Fragment: ObservedPart] = [:]
    private var metricsInClusters: Set<String> = []

    init(
        _ store: ObservationView?, settings: QuerySettings, expression: Expression,
        grid: TimeGrid, lookback: Int64
    ) {
        self.store = store
        self.settings = settings
        self.expression = expression
        self.grid = grid
        self.lookback = lookback
        metrics = store.map { ObservedMetrics(names: $0.names) } ?? .none
    }

    // MARK: Answers

    /// Adds what the gateway's own series answer to a fragment after the clusters' parts.
    mutating func add(
        to answer: inout FragmentAnswer, of fragment: Fragment, limits: EvaluationLimits
    ) throws(EvaluationFailure) {
        guard fragment.includesObservations, let store else { return }
        let part: ObservedPart
        if let known = parts[fragment] {
            part = known
        } else {
            let samples = taken(from: store).store
            part = try ObservedPart(
                of: fragment, over: samples, options: SampleOptions(lookback: lookback),
                limits: limits)
            parts[fragment] = part
        }
        for labels in answer.add(part) {
            metricsInClusters.insert(labels.metricName ?? fragment.text)
        }
    }

    private mutating func taken(from store: ObservationView) -> ObservationStore.Snapshot {
        if let snapshot { return snapshot }
        let meant = expression.selectors.map(\.matchers).filter(metrics.mayMatch)
        let reach = DataReach(of: expression, lookback: lookback)
        let taken = store.samples(
            matching: meant, from: reach.earliest(at: grid.start) ?? .min)
        snapshot = taken
        return taken
    }

    /// Whether the plan asks for nothing but series that the gateway has by name, so that an answer
    /// without any cluster is one.
    func answerAlone(_ plan: Plan) -> Bool {
        store != nil && !plan.fragments.isEmpty
            && plan.fragments.allSatisfy { $0.isOfNamedObservations || $0.requests.isEmpty }
    }

    // MARK: Warnings

    /// What is to be said of the answer to a plan.
    func warnings(of plan: Plan) -> [String] {
        let sharing = metricsInClusters.sorted().map { name in
            "a cluster has series with the very labels of the gateway's own: \(name): where both "
                + "have a value the cluster's counts"
        }
        guard let begin = snapshot?.completeSince else { return sharing }
        let early = plan.fragments.filter { $0.includesObservations && isEarly($0, begin) }
        guard !early.isEmpty else { return sharing }
        let texts = Set(early.flatMap(\.questions).flatMap(\.selectors).map(\.textWithoutTimes))
            .sorted()
        return sharing + [
            "the gateway's own series begin at \(APITime.text(begin)): nothing earlier is known "
                + "here of \(texts.joined(separator: ", "))"
        ]
    }

    /// Whether a fragment looks for the gateway's own series before these begin, where they are kept
    /// nowhere else.
    private func isEarly(_ fragment: Fragment, _ begin: Int64) -> Bool {
        let selectors = fragment.questions.flatMap(\.selectors)
        guard !settings.observationsAreWritten || selectors.contains(where: \.isReserved),
            fragment.isOfNamedObservations || parts[fragment]?.isEmpty == false,
            // That an instant looks back a little is no question about the past.
            let earliest = DataReach(of: fragment.questions, lookback: 0)
                .earliest(at: fragment.grid.start)
        else { return false }
        return earliest < begin
    }
}

extension Fragment {
    /// Whether it looks at metrics alone that the gateway has series of, each by its name.
    fileprivate var isOfNamedObservations: Bool {
        includesObservations
            && questions.flatMap(\.selectors).allSatisfy { $0.namedMetric != nil }
    }
}

extension Selector {
    fileprivate var textWithoutTimes: String {
        var selector = self
        selector.time = TimeModifiers()
        return selector.text
    }
}
