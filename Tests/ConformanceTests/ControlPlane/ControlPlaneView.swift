import Foundation
import TestSupport

/// What the gateway tells at `/mesh/v1/control-plane`, as far as the tests look at it.
struct ControlPlaneView: Decodable, Sendable {
    var clusters: [Cluster]
    var issues: [Issue]
    var proxies: [Proxies]

    struct Cluster: Decodable, Sendable {
        var cluster: String
        var state: String
        var components: [Component]
    }

    struct Component: Decodable, Sendable {
        var mesh: String
        var component: String
        var state: String
        /// Sentences, of probes and of metrics.
        var details: [String]
        var instances: [Instance]
    }

    struct Instance: Decodable, Sendable {
        var instance: String
        var state: String
        var probes: [Probe]
    }

    struct Probe: Decodable, Sendable {
        var probe: String
        var state: String
        var problem: String?
        /// Unix seconds.
        var at: Double
    }

    struct Issue: Decodable, Sendable {
        var kind: String
        var cluster: String
        var component: String
        var subject: String?
        var meaning: String
        var action: String
        var evidence: [Evidence]
    }

    struct Evidence: Decodable, Sendable {
        var source: String
    }

    struct Proxies: Decodable, Sendable {
        var cluster: String
        var connected: Int
        /// Those that are counted and not kept.
        var omitted: Int
        /// Whether not all of them were seen.
        var slice: Bool
    }

    private struct Document: Decodable {
        var data: ControlPlaneView
    }

    init(of gateway: IsthmusServer) async throws {
        let answer = try await HTTPCall(port: gateway.port, path: "/mesh/v1/control-plane").answer()
        guard answer.status == 200 else { throw ProcessFailure(answer.text) }
        self = try JSONDecoder().decode(Document.self, from: answer.body).data
    }

    func cluster(_ name: String) -> Cluster? { clusters.first { $0.cluster == name } }

    func component(_ name: String, in cluster: String) -> Component? {
        self.cluster(cluster)?.components.first { $0.component == name }
    }

    /// A replica by the end of its address.
    func instance(_ name: String, of component: String, in cluster: String) -> Instance? {
        self.component(component, in: cluster)?.instances.first {
            $0.instance.hasSuffix("/\(name)")
        }
    }

    /// The issues of a kind in a cluster that something of that source is evidence of.
    func issues(_ kind: String, in cluster: String, from source: String) -> [Issue] {
        issues.filter {
            $0.kind == kind && $0.cluster == cluster
                && $0.evidence.contains { $0.source == source }
        }
    }
}

/// A certificate that the gateway tells at `/mesh/v1/certificates`.
struct CertificateView: Decodable, Sendable {
    var cluster: String
    var mesh: String
    var kind: String
    var subject: String?
    var instance: String?
    /// Unix seconds, at the latest; nil where that is not known.
    var expiry: Double?
    var expiryEarliest: Double?
    var severity: String
    /// What it is known from.
    var source: String

    private struct Document: Decodable {
        var data: Content

        struct Content: Decodable {
            var certificates: [CertificateView]
        }
    }

    static func all(of gateway: IsthmusServer) async throws -> [CertificateView] {
        let answer = try await HTTPCall(
            port: gateway.port, path: "/mesh/v1/certificates"
        ).answer()
        guard answer.status == 200 else { throw ProcessFailure(answer.text) }
        return try JSONDecoder().decode(Document.self, from: answer.body).data.certificates
    }
}
