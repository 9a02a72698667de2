import Evaluation
import PromQL
import TimeSeries

/// Holds the answers over many clusters against those of all samples together, for generated
/// queries over generated samples. The same seed gives the same queries.
public struct PlannerTrial {
    public struct Settings: Sendable {
        public var queries: Int
        public var seed: UInt64
        /// How many clusters; 2, 3 or 5 in turn where nil.
        public var clusters: Int?
        /// Whether some of the series are the gateway's own.
        public var observing: Bool
        /// Of so many failures the small form is looked for.
        public var shrunkFailures: Int

        public init(
            queries: Int, seed: UInt64, clusters: Int? = nil, observing: Bool = false,
            shrunkFailures: Int = 10
        ) {
            self.queries = queries
            self.seed = seed
            self.clusters = clusters
            self.observing = observing
            self.shrunkFailures = shrunkFailures
        }
    }

    /// One query, tried.
    public struct Trial: Sendable {
        /// From 1.
        public var number: Int
        public var query: String
        public var outcome: Outcome
        /// Nil where the answers agree.
        public var failure: Failure?
    }

    /// What all samples together answer: a trial of empty answers would prove nothing.
    public enum Outcome: Sendable {
        case points, nothing, failure

        init(_ answer: EngineAnswer) {
            switch answer {
            case .failure: self = .failure
            case .value(.vector(let series, _), _): self = series.isEmpty ? .nothing : .points
            case .value(.samples(let series), _): self = series.isEmpty ? .nothing : .points
            case .value(.scalar, _), .value(.string, _): self = .points
            }
        }
    }

    public struct Failure: Sendable {
        public var difference: String
        /// What is needed to see it again, and all that is known of it.
        public var report: String
    }

    /// Queries asked of one data set. A data set's seed is the one before, plus one: each can be
    /// had alone.
    public static let queriesOfData = 100

    private let settings: Settings
    private var number = 0
    private var generator: QueryGenerator
    private var data: TrialData
    private var samples: DealtSamples
    private var failuresShrunk = 0

    public init(_ settings: Settings) {
        self.settings = settings
        data = Self.data(settings.seed, settings)
        samples = DealtSamples(fleet: data.fleet)
        generator = QueryGenerator(vocabulary: data.vocabulary, seed: settings.seed)
    }

    private static func data(_ seed: UInt64, _ settings: Settings) -> TrialData {
        let count = settings.clusters ?? [2, 3, 5][Int(seed % 3)]
        var maker = TrialDataMaker(seed: seed, clusterCount: count)
        return settings.observing ? maker.data().observed() : maker.data()
    }

    /// Tries the next query; nil at the end.
    public mutating func next() -> Trial? {
        guard number < settings.queries else { return nil }
        if number > 0, number.isMultiple(of: Self.queriesOfData) {
            data = Self.data(data.seed &+ 1, settings)
            samples = DealtSamples(fleet: data.fleet)
            generator = QueryGenerator(vocabulary: data.vocabulary, seed: data.seed)
        }
        number += 1
        let query = readable()
        let text = query.text
        let wanted = samples.wanted(text, query.times)
        let found = samples.found(text, query.times)
        let difference = samples.difference(text, query.times, of: found, from: wanted)
        return Trial(
            number: number, query: text, outcome: Outcome(wanted),
            failure: difference.map { failure(query, $0) })
    }

    /// A generated query that is one: types and depth may still not fit.
    private mutating func readable() -> GeneratedQuery {
        while true {
            var query = generator.query()
            guard let read = try? parse(query.text, options: Engine.parseOptions) else { continue }
            query.expression = read
            return query
        }
    }

    // MARK: Failures

    private mutating func failure(_ query: GeneratedQuery, _ difference: String) -> Failure {
        let seed = data.seed
        var text = """
            query \(number) (data: --seed \(seed) --clusters \(data.realClusters.count)\
            \(settings.observing ? " --observed" : "") --queries \(Self.queriesOfData))
            \(query.text)
            \(query.timesText): \(difference)

            """
        if failuresShrunk < settings.shrunkFailures {
            failuresShrunk += 1
            var shrinking = Shrinking(.init(query: query, data: data)) { smaller in
                DealtSamples(fleet: smaller.data.fleet)
                    .difference(smaller.query.text, smaller.query.times) != nil
            }
            shrinking.run()
            text += "shrunk to\n" + Self.report(shrinking.smallest)
        }
        return Failure(difference: difference, report: text)
    }

    private static func report(_ failing: Shrinking.Case) -> String {
        let fleet = failing.data.fleet
        let samples = DealtSamples(fleet: fleet)
        let query = failing.query.text
        let times = failing.query.times
        let difference = samples.difference(query, times) ?? "nothing"
        return """
            \(query)
            \(failing.query.timesText): \(difference)
            all samples: \(AnswerText.long(samples.wanted(query, times)))
            the clusters: \(AnswerText.long(samples.found(query, times)))
            plan
            \(fleet.plan(of: query, at: times).indented)
            samples
            \(failing.data.text.indented)

            """
    }
}

extension TrialData {
    var fleet: MemoryFleet {
        MemoryFleet(
            members: realClusters.map {
                .init(
                    id: $0.id, externalLabels: $0.externalLabels,
                    store: SampleStore($0.series))
            },
            observed: SampleStore(
                clusters.filter(\.isGateway).flatMap(\.series).sorted { $0.labels < $1.labels }))
    }

    fileprivate var realClusters: [Cluster] { clusters.filter { !$0.isGateway } }

    /// Each cluster with its series.
    fileprivate var text: String {
        var lines: [String] = []
        for cluster in clusters {
            lines.append("\(cluster.id) \(cluster.externalLabels)")
            for series in cluster.series {
                let points = SeriesPoints(series)
                lines.append("  \(points.labels) \(points.text)")
            }
        }
        return lines.joined(separator: "\n")
    }
}

extension String {
    fileprivate var indented: String {
        split(separator: "\n").map { "  " + $0 }.joined(separator: "\n")
    }
}
