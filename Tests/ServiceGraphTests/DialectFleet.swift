import Clusters
import Federation
import ServiceGraph
import Synchronization
import TestSupport
import TimeSeries
import Upstream

/// Scripted Prometheus servers that say which metrics they have, and who watches their dialects by a
/// clock that stands still unless a test moves it.
final class DialectFleet: Sendable {
    let watch: DialectWatch
    let fleet: Fleet
    let clock = Clock()
    private let upstream = UpstreamClient()
    private let servers: [String: ScriptedServer]
    private let questions = Mutex<[String]>([])
    private let identifications = Mutex<[String]>([])

    enum Conduct: Sendable {
        case names([String])
        /// Of metrics that have had no sample lately.
        case namesOfThePast([String])
        case silence
        case refusal
        /// A good answer but for what is in it.
        case data(String)
    }

    init(
        _ clusters: [(String, Conduct)], dialects: [String: [String]] = [:],
        maintenance: Set<String> = [], metrics: MeshMetrics = MeshMetrics()
    ) throws {
        var servers: [String: ScriptedServer] = [:]
        var inventory: [Cluster] = []
        for (name, _) in clusters {
            let server = try ScriptedServer { _ in .silence() }
            servers[name] = server
            inventory.append(
                Cluster(
                    id: ClusterID(name), externalLabels: ["cluster": name],
                    prometheus: Service(urls: [server.address], timeout: .seconds(60)),
                    maintenance: maintenance.contains(name), meshDialects: dialects[name]))
        }
        self.servers = servers
        fleet = Fleet(clusters: inventory)
        var settings = DialectSettings()
        settings.timeout = .seconds(6)
        let metadata = MetadataService(
            fleet: fleet, upstream: upstream, settings: QuerySettings(),
            now: { [clock] in clock.now })
        watch = DialectWatch(
            fleet: fleet, metadata: metadata,
            clock: DialectClock(
                now: { [clock] in clock.now }, sleep: { [clock] in await clock.sleep($0) }),
            settings: settings, metrics: metrics)
        for (name, conduct) in clusters { set(conduct, of: name) }
    }

    func end() async {
        await upstream.stop()
        for server in servers.values { server.end() }
    }

    /// The clusters that were asked for names, in order; again for those of the past.
    var asked: [String] { questions.withLock { $0 } }

    /// The clusters that were asked what they are, in order.
    var identified: [String] { identifications.withLock { $0 } }

    func set(_ conduct: Conduct, of cluster: String) {
        servers[cluster]?.setScript { [weak self] request in
            self?.behaviour(conduct, cluster, request) ?? .silence()
        }
    }

    private func behaviour(
        _ conduct: Conduct, _ cluster: String, _ request: ScriptedServer.Request
    ) -> ScriptedServer.Behaviour {
        func data(_ text: String) -> ScriptedServer.Behaviour {
            .answer(
                status: 200, type: "application/json",
                body: #"{"status":"success","data":\#(text)}"#)
        }
        switch request.path {
        case "/api/v1/status/buildinfo":
            identifications.withLock { $0.append(cluster) }
            return data(#"{"version":"3.14.0"}"#)
        case "/api/v1/labels": return data(#"["__name__","job"]"#)
        case "/api/v1/label/__name__/values": break
        case let path where path.hasPrefix("/api/v1/label/"): return data("[]")
        default: return .answer(status: 404, type: "text/plain", body: "not here")
        }
        questions.withLock { $0.append(cluster) }
        func list(_ names: [String]) -> String {
            "[" + names.map { "\"\($0)\"" }.joined(separator: ",") + "]"
        }
        let isOfLately = request.form.contains("start=")
        return switch conduct {
        case .names(let names): data(list(names))
        case .namesOfThePast(let names): data(isOfLately ? "[]" : list(names))
        case .silence: .silence()
        case .refusal: .answer(status: 503, type: "text/plain", body: "over")
        case .data(let text): data(text)
        }
    }

    /// A clock that a test moves. Whoever sleeps by it wakes once it is moved, or when told to stop.
    final class Clock: Sendable {
        private let time = Mutex<Int64>(1_700_000_000_000)
        private let sleeps = Mutex<[Int64]>([])

        var now: Int64 { time.withLock { $0 } }

        /// How long was slept, in order, milliseconds; of the one who sleeps now too.
        var slept: [Int64] { sleeps.withLock { $0 } }

        func move(_ milliseconds: Int64) { time.withLock { $0 += milliseconds } }

        func sleep(_ milliseconds: Int64) async {
            let end = now + milliseconds
            sleeps.withLock { $0.append(milliseconds) }
            while now < end, !Task.isCancelled { await Task.yield() }
        }
    }
}
