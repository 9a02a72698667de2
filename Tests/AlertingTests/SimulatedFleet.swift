import Alerting
import Clusters
import Evaluation
import Federation
import Observations
import Planning
import PromQL
import Synchronization
import TimeSeries

/// Clusters in memory, some of which may be away, and the gateway's own series beside them: the
/// answer is that of one server with all that is there.
final class SimulatedFleet: Sendable {
    let fleet: Fleet
    let observations = ObservationStore()
    private let state: Mutex<State>

    private struct State {
        var stores: [String: SampleStore]
        var away: Set<String> = []
        var questions: [String] = []
    }

    /// `stores` are the clusters' own samples, without external labels.
    init(_ stores: [String: SampleStore]) {
        fleet = Fleet(
            clusters: stores.keys.sorted().map { name in
                Cluster(
                    id: ClusterID(name), externalLabels: ["cluster": name],
                    prometheus: Service(urls: ["http://\(name).test"]))
            })
        state = Mutex(State(stores: stores))
    }

    /// Which clusters do not answer from now on.
    var away: Set<String> {
        get { state.withLock { $0.away } }
        set { state.withLock { $0.away = newValue } }
    }

    func set(_ value: Double, of labels: Labels, in cluster: String, at time: Int64) {
        state.withLock { $0.stores[cluster]?.set(.float(value), of: labels, at: time) }
    }

    func query(_ request: QueryRequest) async throws(QueryFailure) -> QueryAnswer {
        guard case .instant(let time) = request.times else {
            return try await range(request)
        }
        return try answer(request.expression, start: time, end: time, step: 0)
    }

    private func range(_ request: QueryRequest) async throws(QueryFailure) -> QueryAnswer {
        guard case .range(let start, let end, let step) = request.times else {
            throw .internal("neither an instant nor a range")
        }
        return try answer(request.expression, start: start, end: end, step: step)
    }

    private func answer(
        _ text: String, start: Int64, end: Int64, step: Int64
    ) throws(QueryFailure) -> QueryAnswer {
        let expression: Expression
        do {
            expression = try parse(text).resolved(
                in: QueryTimes(
                    start: start, end: end, step: step, defaultSubqueryStep: 60_000))
        } catch {
            throw .badData("\(error)")
        }
        let grid =
            step == 0 ? TimeGrid(instant: start) : TimeGrid(start: start, end: end, step: step)
        let (stores, away) = state.withLock { state in
            state.questions.append(text)
            return (state.stores, state.away)
        }
        var coverage = Coverage()
        for name in try asked(expression, on: grid) {
            if away.contains(name.name) {
                coverage.missing.append(
                    .init(cluster: name, cause: "connection", message: "connection refused"))
            } else {
                coverage.present.append(name)
            }
        }
        if coverage.present.isEmpty, !coverage.missing.isEmpty {
            throw .unavailable("no cluster answered", coverage)
        }
        var union = observations.current
        for (name, store) in stores where !away.contains(name) {
            for var series in store.series {
                let external: Labels = ["cluster": name]
                series.labels = series.labels.exporting(external).setting(external)
                union.add(series)
            }
        }
        do {
            let outcome = try evaluate(
                expression, over: SampleStore(union.series.sorted { $0.labels < $1.labels }),
                on: grid)
            return QueryAnswer(value: outcome.value, coverage: coverage)
        } catch {
            throw .execution("\(error)")
        }
    }

    /// Whom the plan of a query asks.
    private func asked(
        _ expression: Expression, on grid: TimeGrid
    ) throws(QueryFailure) -> [ClusterID] {
        if expression.text().contains("isthmus:") { return [] }
        let scopes = fleet.current.inventory.clusters.map {
            ClusterScope(
                id: $0.id, externalLabels: $0.externalLabels,
                capabilities: Capabilities(version: [3, 14, 0]))
        }
        var planner = Planner(clusters: scopes)
        do {
            let plan = try planner.plan(expression, grid: grid)
            return Set(plan.fragments.flatMap { $0.requests.map(\.cluster) }).sorted()
        } catch {
            throw .execution("\(error)")
        }
    }
}
