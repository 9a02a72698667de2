import Clusters
import Federation
import Observations
import Storage
import Synchronization
import TestSupport
import TimeSeries
import Upstream

/// A gateway over scripted clusters, with series of its own.
final class ObservingGateway: Sendable {
    let observations: ObservationStore
    let queries: QueryService
    let metadata: MetadataService
    let fleet: Fleet
    private let upstream = UpstreamClient()
    private let servers: [ScriptedServer]
    private let counts: [String: RequestCount]

    /// How often a cluster was asked anything.
    final class RequestCount: Sendable {
        let value = Atomic<Int>(0)
    }

    /// What a cluster does.
    enum Conduct: Sendable {
        /// Each query has this answer: the elements of a vector as JSON.
        case vector(String)
        /// Says nothing until the other side gives up.
        case silence

        fileprivate var isSilent: Bool { if case .silence = self { true } else { false } }
    }

    /// The time at which everything is.
    static let now: Int64 = 1_000_000

    init(
        _ clusters: [String: Conduct], maintenance: Set<String> = [],
        observationsAreWritten: Bool = false, startedAt: Int64 = now - 60_000,
        cache: AnswerCache? = nil, maximumSamples: Int = 1_000_000,
        limits: QueryLimits = QueryLimits()
    ) throws {
        observations = ObservationStore(startedAt: startedAt)
        var servers: [ScriptedServer] = []
        var counts: [String: RequestCount] = [:]
        var inventory: [Cluster] = []
        for (name, conduct) in clusters {
            let count = RequestCount()
            let server = try ScriptedServer { request in
                count.value.add(1, ordering: .relaxed)
                return Self.behaviour(conduct, request)
            }
            servers.append(server)
            counts[name] = count
            inventory.append(
                Cluster(
                    id: ClusterID(name), externalLabels: ["cluster": name],
                    // Only what never answers is not waited for.
                    prometheus: Service(
                        urls: [server.address],
                        timeout: conduct.isSilent ? .seconds(1) : .seconds(60)),
                    maintenance: maintenance.contains(name)))
        }
        self.servers = servers
        self.counts = counts
        fleet = Fleet(clusters: inventory)
        var settings = QuerySettings()
        settings.observationsAreWritten = observationsAreWritten
        settings.maximumSamples = maximumSamples
        settings.limits = limits
        queries = QueryService(
            fleet: fleet, upstream: upstream, settings: settings, cache: cache,
            observations: observations, now: { Self.now })
        metadata = MetadataService(
            fleet: fleet, upstream: upstream, settings: settings, observations: observations,
            load: queries.load, now: { Self.now })
    }

    private static func behaviour(
        _ conduct: Conduct, _ request: ScriptedServer.Request
    ) -> ScriptedServer.Behaviour {
        func data(_ text: String) -> ScriptedServer.Behaviour {
            .answer(
                status: 200, type: "application/json",
                body: #"{"status":"success","data":\#(text)}"#)
        }
        guard case .vector(let elements) = conduct else { return .silence() }
        switch request.path {
        case "/api/v1/query": return data(#"{"resultType":"vector","result":[\#(elements)]}"#)
        case "/api/v1/query_range": return data(#"{"resultType":"matrix","result":[]}"#)
        case "/api/v1/status/buildinfo": return data(#"{"version":"3.14.0"}"#)
        case "/api/v1/labels": return data(#"["__name__","job"]"#)
        case "/api/v1/series": return data(#"[{"__name__":"up","job":"a"}]"#)
        case let path where path.hasPrefix("/api/v1/label/"): return data("[]")
        case "/api/v1/metadata": return data("{}")
        default: return .answer(status: 404, type: "text/plain", body: "not here")
        }
    }

    /// Asks the clusters how they are.
    var watch: FleetWatch {
        FleetWatch(fleet: fleet, upstream: upstream, now: { Self.now })
    }

    func requestCount(of cluster: String) -> Int {
        counts[cluster]?.value.load(ordering: .relaxed) ?? 0
    }

    func append(_ labels: Labels, _ value: Double, at time: Int64 = now) {
        observations.append([.init(labels: labels, time: time, value: .float(value))])
    }

    /// What is answered now, as text: `name{…} value`, ordered.
    func ask(
        _ query: String, partialResponse: Bool = true
    ) async throws(QueryFailure) -> (elements: [String], answer: QueryAnswer) {
        let answer = try await queries.query(
            QueryRequest(
                expression: query, times: .instant(Self.now), timeout: .seconds(60),
                partialResponse: partialResponse))
        guard case .vector(let series, _) = answer.value else { return ([], answer) }
        return (series.map { "\($0.labels) \(NumberText.sample($0.values[0]))" }, answer)
    }

    func end() async {
        await upstream.stop()
        for server in servers { server.end() }
    }
}
