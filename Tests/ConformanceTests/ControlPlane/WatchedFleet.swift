import Foundation
import TestSupport

/// Clusters whose control planes the gateway watches, made once, when a test first asks for them.
///
/// Of `eu-1` only endpoints tell, since its Prometheus scrapes nothing; of `us-1` only metrics, since
/// none of its endpoints is declared; of `linkerd-1` and `consul-1` both.
actor WatchedFleet {
    static let shared = WatchedFleet()

    static let interval = 1

    struct Running: Sendable {
        var meshes: [String: MeshSimulator]
        var servers: [PrometheusServer]
        var gateway: IsthmusServer

        func mesh(_ cluster: String) throws -> MeshSimulator {
            guard let mesh = meshes[cluster] else { throw ProcessFailure("no mesh \(cluster)") }
            return mesh
        }

        /// Switches a fault; `place` is a replica, or all of a component.
        func fault(_ method: String, _ name: String, at place: String, in cluster: String)
            async throws
        {
            let answer = try await mesh(cluster).fault(
                method, name, at: "replica=\(place)&cluster=\(cluster)")
            guard answer.status == 200 else { throw ProcessFailure(answer.text) }
        }

        /// Waits until what the gateway tells of control planes is so.
        func awaitView(
            _ what: String, _ condition: @Sendable (ControlPlaneView) -> Bool
        ) async throws {
            try await awaitProcess(gateway.process, what) {
                guard let view = try? await ControlPlaneView(of: gateway) else { return false }
                return condition(view)
            }
        }

        /// Waits until what the gateway tells of certificates is so.
        func awaitCertificates(
            _ what: String, _ condition: @Sendable ([CertificateView]) -> Bool
        ) async throws {
            try await awaitProcess(gateway.process, what) {
                guard let list = try? await CertificateView.all(of: gateway) else { return false }
                return condition(list)
            }
        }

        /// Waits until a query has some answer, or none.
        func awaitSeries(_ query: String, isThere: Bool = true) async throws {
            try await awaitProcess(gateway.process, query) {
                let time = QueryTime.instant("\(Date().timeIntervalSince1970)")
                guard let answer = try? await ask(port: gateway.port, query, time) else {
                    return false
                }
                return answer.series.isEmpty != isThere
            }
        }
    }

    private var task: Task<Running, any Error>?

    func running() async throws -> Running {
        let task = task ?? Task { try await Self.start() }
        self.task = task
        return try await task.value
    }

    private static func start() async throws -> Running {
        // How old certificates are depends on the seed and the time since the origin.
        let origin = Int(Date().timeIntervalSince1970) - 3600
        let options = ["--seed", "3", "--origin", "\(origin)"]
        var meshes: [String: MeshSimulator] = [:]
        var servers: [PrometheusServer] = []
        var members: [IsthmusServer.Member] = []
        for cluster in ["eu-1", "us-1", "linkerd-1", "consul-1"] {
            let mesh = try await MeshSimulator(cluster: cluster, arguments: options)
            var scraping = PrometheusServer.Options()
            if cluster != "eu-1" { scraping.scrapedPort = mesh.port }
            let server = try await PrometheusServer(cluster, scraping)
            var member = IsthmusServer.Member(cluster, urls: [server.address])
            member.lines = controlPlaneLines(endpoints[cluster] ?? [], of: mesh)
            meshes[cluster] = mesh
            servers.append(server)
            members.append(member)
        }
        let gateway = try await IsthmusServer(
            members,
            configuration: """
                control_plane:
                  interval: \(interval)s
                  timeout: \(interval)s
                  metrics_interval: 1s
                """)
        return Running(meshes: meshes, servers: servers, gateway: gateway)
    }

    /// An element of a cluster's `control_plane`.
    struct Endpoint: Sendable {
        var kind: String
        var component: String?
        var replicas: [String]
    }

    private static let endpoints: [String: [Endpoint]] = [
        "eu-1": [
            Endpoint(kind: "istiod", replicas: ["istiod-0", "istiod-1"]),
            Endpoint(kind: "envoy", component: "egress-envoy", replicas: ["egress-envoy-0"]),
        ],
        "linkerd-1": [
            Endpoint(
                kind: "linkerd", component: "linkerd-destination",
                replicas: ["linkerd-destination-0", "linkerd-destination-1"]),
            Endpoint(
                kind: "linkerd", component: "linkerd-identity",
                replicas: ["linkerd-identity-0", "linkerd-identity-1"]),
        ],
        "consul-1": [
            Endpoint(
                kind: "consul", replicas: ["consul-server-0", "consul-server-1", "consul-server-2"])
        ],
    ]

    static func controlPlaneLines(_ endpoints: [Endpoint], of mesh: MeshSimulator) -> [String] {
        guard !endpoints.isEmpty else { return [] }
        return ["control_plane:"]
            + endpoints.flatMap { endpoint in
                ["  - kind: \(endpoint.kind)"]
                    + (endpoint.component.map { ["    component: \($0)"] } ?? [])
                    // Often asked, each answer may take its time on a machine that does much else.
                    + ["    timeout: 3s", "    urls:"]
                    + endpoint.replicas.map { "      - \(mesh.replica($0))" }
            }
    }
}
