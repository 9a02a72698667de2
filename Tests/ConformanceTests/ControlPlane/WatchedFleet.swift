import Foundation
import Synchronization
import TestSupport

/// Clusters whose control planes a gateway watches.
///
/// Of `eu-1` only endpoints tell, since its Prometheus scrapes nothing; of `us-1` and `ambient-1` only
/// metrics, since none of their endpoints is declared; of the others both. Of `ap-1` one replica of two
/// is declared, as where the address is a service's.
final class WatchedFleet: Sendable {
    /// Between two looks at a replica, and between two rounds of questions to metrics, seconds.
    static let interval = 1
    /// How far back counters are looked at, seconds: ten scrapes.
    static let lookback = 10

    let meshes: [String: MeshSimulator]
    private let servers: Mutex<[String: PrometheusServer]>
    let gateway: IsthmusServer
    static let clusters = ["eu-1", "us-1", "ap-1", "linkerd-1", "consul-1", "ambient-1"]

    init() async throws {
        // How old certificates are depends on the seed and the time since the origin.
        let origin = Int(Date().timeIntervalSince1970) - 3600
        let options = ["--seed", "3", "--origin", "\(origin)"]
        var meshes: [String: MeshSimulator] = [:]
        var servers: [String: PrometheusServer] = [:]
        var members: [IsthmusServer.Member] = []
        for cluster in Self.clusters {
            let mesh = try await MeshSimulator(cluster: cluster, arguments: options)
            let server = try await PrometheusServer(cluster, Self.scraping(mesh, cluster))
            var member = IsthmusServer.Member(cluster, urls: [server.address])
            member.lines = Self.controlPlaneLines(Self.endpoints[cluster] ?? [], of: mesh)
            meshes[cluster] = mesh
            servers[cluster] = server
            members.append(member)
        }
        gateway = try await IsthmusServer(
            members,
            configuration: """
                control_plane:
                  interval: \(Self.interval)s
                  timeout: \(Self.interval)s
                  metrics_interval: 1s
                  lookback: \(Self.lookback)s
                """)
        self.meshes = meshes
        self.servers = Mutex(servers)
    }

    private static func scraping(
        _ mesh: MeshSimulator, _ cluster: String, port: Int? = nil
    ) -> PrometheusServer.Options {
        var scraping = PrometheusServer.Options()
        if cluster != "eu-1" { scraping.scrapedPort = mesh.port }
        scraping.port = port
        return scraping
    }

    func end() async {
        await gateway.end()
        for server in servers.withLock({ Array($0.values) }) { await server.end() }
        for mesh in meshes.values { await mesh.end() }
    }

    func mesh(_ cluster: String) throws -> MeshSimulator {
        guard let mesh = meshes[cluster] else { throw ProcessFailure("no mesh \(cluster)") }
        return mesh
    }

    /// Switches a fault; `place` is a replica or all of a component, or a service, as `sort` says.
    func turn(
        _ method: String, _ fault: String, _ sort: String, _ place: String, in cluster: String
    ) async throws {
        let answer = try await mesh(cluster).fault(
            method, fault, at: "\(sort)=\(place)&cluster=\(cluster)")
        guard answer.status == 200 else { throw ProcessFailure(answer.text) }
    }

    /// Ends a cluster's Prometheus, with all that it has scraped.
    func killPrometheus(of cluster: String) async throws {
        guard let server = servers.withLock({ $0[cluster] }) else {
            throw ProcessFailure("no Prometheus of \(cluster)")
        }
        await server.end()
    }

    /// Starts one anew at the same address.
    func restartPrometheus(of cluster: String) async throws {
        let port = servers.withLock { $0[cluster]?.port }
        let server = try await PrometheusServer(
            cluster, Self.scraping(mesh(cluster), cluster, port: port))
        servers.withLock { $0[cluster] = server }
    }

    /// An element of a cluster's `control_plane`.
    struct Endpoint: Sendable {
        var kind: String
        var component: String?
        var replicas: [String]
        var timeout: String?
    }

    private static let endpoints: [String: [Endpoint]] = [
        "eu-1": [
            Endpoint(kind: "istiod", replicas: ["istiod-0", "istiod-1"]),
            Endpoint(kind: "envoy", component: "egress-envoy", replicas: ["egress-envoy-0"]),
            Endpoint(
                kind: "envoy", component: "ingress-envoy",
                replicas: ["ingress-envoy-0", "ingress-envoy-1"]),
            Endpoint(
                kind: "envoy", component: "eastwest-envoy",
                replicas: ["eastwest-envoy-0", "eastwest-envoy-1"]),
        ],
        "ap-1": [Endpoint(kind: "istiod", replicas: ["istiod-0"])],
        "linkerd-1": [
            Endpoint(
                kind: "linkerd", component: "linkerd-destination",
                replicas: ["linkerd-destination-0", "linkerd-destination-1"]),
            Endpoint(
                kind: "linkerd", component: "linkerd-identity",
                replicas: ["linkerd-identity-0", "linkerd-identity-1"]),
            // A slow answer comes after three seconds.
            Endpoint(
                kind: "linkerd", component: "linkerd-service-mirror",
                replicas: ["linkerd-service-mirror-0"], timeout: "30s"),
        ],
        "consul-1": [
            Endpoint(
                kind: "consul", replicas: ["consul-server-0", "consul-server-1", "consul-server-2"])
        ],
    ]

    static func controlPlaneLines(_ endpoints: [Endpoint], of mesh: MeshSimulator) -> [String] {
        var lines = endpoints.isEmpty ? [] : ["control_plane:"]
        for endpoint in endpoints {
            lines.append("  - kind: \(endpoint.kind)")
            if let component = endpoint.component { lines.append("    component: \(component)") }
            // An answer may take its time on a machine that does much else.
            lines.append("    timeout: \(endpoint.timeout ?? "3s")")
            lines.append("    urls:")
            lines += endpoint.replicas.map { "      - \(mesh.replica($0))" }
        }
        return lines
    }
}
