import Caching
import Clusters
import Evaluation
import Planning
import PromQL
import TimeSeries

/// Several servers in memory behind the gateway's planning and evaluation, and the union of them.
public struct MemoryFleet: Sendable {
    public struct Member: Sendable {
        public var scope: ClusterScope
        /// The server's own samples, without external labels.
        public var store: SampleStore

        /// What the server has of the external names is found in its samples.
        public init(id: String, externalLabels: Labels, store: SampleStore) {
            var conflicting: Set<String> = []
            var doublyConflicting: Set<String> = []
            for (name, _) in externalLabels.pairs {
                for series in store.series where series.labels[name] != nil {
                    conflicting.insert(name)
                    if series.labels["exported_" + name] != nil { doublyConflicting.insert(name) }
                }
            }
            scope = ClusterScope(
                id: ClusterID(id), externalLabels: externalLabels,
                capabilities: Capabilities(
                    version: [3, 14, 0], conflictingLabels: conflicting,
                    doublyConflictingLabels: doublyConflicting))
            self.store = SampleStore(store.series.sorted { $0.labels < $1.labels })
        }
    }

    /// In inventory order.
    public var members: [Member]
    /// The gateway's own samples, as the union has them.
    public var observed: SampleStore
    public var options: SampleOptions

    public init(
        members: [Member], observed: SampleStore = SampleStore(),
        options: SampleOptions = SampleOptions()
    ) {
        self.members = members
        self.observed = observed
        self.options = options
    }

    /// What one server would hold that had scraped everything itself. Its series are in the order of
    /// their labels, as in a block: `topk` chooses among equal values by that.
    public var union: SampleStore {
        var result: [SampleColumns] = []
        for member in members {
            let external = member.scope.externalLabels
            for var series in member.store.series {
                series.labels = series.labels.exporting(external).setting(external)
                result.append(series)
            }
        }
        return SampleStore((result + observed.series).sorted { $0.labels < $1.labels })
    }

    /// The gateway: plans, asks each member in its own words, and puts the answers together.
    public var engine: Engine {
        Engine { query, times in
            EngineAnswer.of { () throws(EngineFailure) in
                let outcome = try outcome(of: try Engine.resolved(query, times), on: times.grid)
                return (outcome.value, outcome.annotations.located(in: query))
            }
        }
    }

    /// How the gateway would answer a query, or why it cannot.
    public func plan(of query: String, at times: QueryTimes) -> String {
        do throws(EngineFailure) {
            let expression = try Engine.resolved(query, times)
            do {
                return try course(of: expression, on: times.grid).plan().description
            } catch {
                throw EngineFailure(kind: .planning, text: error.description)
            }
        } catch {
            return error.text + "\n"
        }
    }

    private func course(of expression: Expression, on grid: TimeGrid) -> QueryCourse {
        let scopes = members.map { member in
            var scope = member.scope
            scope.capabilities.lookback = options.lookback
            return scope
        }
        let names = Set(observed.series.map { $0.labels.metricName ?? "" })
        return QueryCourse(
            expression, on: grid,
            fleet: FleetScope(scopes, observed: ObservedMetrics(names: names)))
    }

    private func outcome(
        of expression: Expression, on grid: TimeGrid
    ) throws(EngineFailure) -> EvaluationOutcome {
        var course = course(of: expression, on: grid)
        while true {
            let plan: Plan
            do {
                plan = try course.nextPlan()
            } catch {
                throw EngineFailure(kind: .planning, text: error.description)
            }
            var answers: [FragmentAnswer] = []
            for fragment in plan.fragments { answers.append(try answer(to: fragment)) }
            let inputs = EvaluationInputs(fragments: answers, nameRemoval: options.nameRemoval)
            do {
                if let outcome = try course.outcome(of: plan, inputs: inputs) { return outcome }
            } catch {
                throw EngineFailure(error)
            }
        }
    }

    private func answer(to fragment: Fragment) throws(EngineFailure) -> FragmentAnswer {
        var result = FragmentAnswer(parts: [])
        var remarks: [(request: Fragment.Request, remarks: ServerRemarks)] = []
        for request in fragment.requests {
            guard let member = members.first(where: { $0.scope.id == request.cluster }) else {
                preconditionFailure("a plan asks the clusters that it was made for")
            }
            // What is sent is text, so that is what is read.
            let answer = try SimulatedServer.answer(
                to: request.query, on: fragment.grid, over: member.store, options: options)
            remarks.append(
                (
                    request,
                    ServerRemarks(
                        warnings: answer.answer.warnings, infos: answer.answer.infos)
                ))
            func unionLabels(_ own: Labels) -> Labels {
                own.exporting(request.renamedLabels).setting(request.addedLabels)
            }
            if !fragment.wantsSamples {
                result.parts.append(
                    answer.answer.series.map { series in
                        var series = series
                        series.labels = unionLabels(series.labels)
                        return series
                    }.sorted { $0.labels < $1.labels })
            }
            result.samples += answer.samples.map { series in
                var series = series
                series.labels = unionLabels(series.labels)
                return series
            }
        }
        result.remarks = fragment.annotations(of: remarks)
        guard fragment.includesObservations else { return result }
        do {
            _ = result.add(try ObservedPart(of: fragment, over: observed, options: options))
        } catch {
            throw EngineFailure(error)
        }
        return result
    }

    // MARK: What an answer shows

    static func received(
        _ points: [GridSeries.HistogramPoint]
    ) throws(EngineFailure) -> [GridSeries.HistogramPoint] {
        zip(points, try received(points.map(\.histogram))).map { point, histogram in
            GridSeries.HistogramPoint(index: point.index, histogram: histogram)
        }
    }

    /// The histograms of a series as they are read from an answer, which shows the buckets that hold
    /// something and no more.
    static func received(
        _ histograms: [NativeHistogram]
    ) throws(EngineFailure) -> [NativeHistogram] {
        if histograms.isEmpty { return [] }
        let shown = histograms.map {
            ShownHistogram(count: $0.count, sum: $0.sum, buckets: $0.buckets)
        }
        guard let read = NativeHistogram.histograms(of: shown) else {
            throw EngineFailure(kind: .evaluation, text: "a histogram that cannot be read")
        }
        return read
    }
}
