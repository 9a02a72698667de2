import Foundation
import TestSupport

/// The answer of `/mesh/v1/graph`, as far as the tests read it.
struct GraphAnswer: Decodable, Sendable {
    var nodes: [Node]
    var edges: [Edge]
    var boxes: [Box]
    var clusters: [Cluster]

    struct Node: Decodable, Sendable {
        var id: String
        var kind: String
        var cluster: String?
        var namespace: String?
        var name: String?
        var missing: Bool?
        var traffic: Directions?
    }

    struct Directions: Decodable, Sendable {
        var `in`: Traffic?
        var out: Traffic?
    }

    struct Traffic: Decodable, Sendable, Equatable {
        var requestRate: Double?
        var errorRatio: Double?
        var tcp: TCP?
    }

    struct TCP: Decodable, Sendable, Equatable {
        var sentRate: Double?
        var receivedRate: Double?
        var connectionRate: Double?
    }

    struct Edge: Decodable, Sendable {
        var id: String
        var source: String
        var destination: String
        var traffic: Traffic
        var latency: [String: Double?]?
        var loss: Loss?
        var mutualTLS: MutualTLS?
        var shaping: Shaping?
        var incomplete: String?
        var witnesses: [String]?
    }

    struct Loss: Decodable, Sendable, Equatable {
        var rate: Double?
        var ratio: Double?
    }

    struct MutualTLS: Decodable, Sendable {
        var ratio: Double?
    }

    struct Shaping: Decodable, Sendable {
        var retryRate: Double?
        var retrySuccessRatio: Double?
        var retryAmplification: Double?
        var timeoutRate: Double?
        var circuitBreakerTripRate: Double?
        var circuitBreakerOpen: Bool?
        var outlierEjections: Double?
        var poolOverflowRate: Double?
        var derivedFrom: String
        /// `envoy` or `flags`, by the signal.
        var evidence: [String: String]
    }

    struct Box: Decodable, Sendable {
        var id: String
        var missing: String?
    }

    struct Cluster: Decodable, Sendable {
        var cluster: String
        var dialects: [String]?
        var missing: String?
    }

    /// The node with that identity.
    func node(_ id: String) -> Node? { nodesByID[id] }

    private var nodesByID: [String: Node] {
        Dictionary(nodes.map { ($0.id, $0) }) { first, _ in first }
    }

    /// The edges between nodes that are services or callers with names.
    var edgesByEnds: [MeshEnds: Edge] {
        let nodes = nodesByID
        var found: [MeshEnds: Edge] = [:]
        for edge in edges {
            guard let source = nodes[edge.source]?.end,
                let destination = nodes[edge.destination]?.end
            else { continue }
            found[MeshEnds(source: source, destination: destination)] = edge
        }
        return found
    }

    /// Requests a second that came to each service from callers whose name nobody knows.
    var strangers: [MeshEnd: Double] {
        let nodes = nodesByID
        var rates: [MeshEnd: Double] = [:]
        for edge in edges where nodes[edge.source]?.kind == "unknown" {
            guard let destination = nodes[edge.destination]?.end else { continue }
            rates[destination, default: 0] += edge.traffic.requestRate ?? 0
        }
        return rates
    }
}

extension GraphAnswer.Node {
    var end: MeshEnd? {
        guard kind != "unknown", let cluster, let namespace, let name else { return nil }
        return MeshEnd(cluster, namespace, name)
    }
}

/// The answer of `/mesh/v1/signals`, as far as the tests read it.
struct SignalsAnswer: Decodable, Sendable {
    var subjects: [Subject]
    var clusters: [GraphAnswer.Cluster]

    struct Subject: Decodable, Sendable {
        var kind: String
        var cluster: String?
        var namespace: String?
        var service: String?
        var dialects: [String]
        var missing: [String]
        var signals: [String: Signal]

        func value(_ signal: String) -> Double? { signals[signal]?.value }

        /// The service in its cluster; nil where the subject is another.
        var end: MeshEnd? {
            guard kind == "service", let cluster, let namespace, let service else { return nil }
            return MeshEnd(cluster, namespace, service)
        }
    }

    struct Signal: Decodable, Sendable {
        var value: Double?
        var derivedFrom: String?
    }

    var byEnd: [MeshEnd: Subject] {
        Dictionary(subjects.compactMap { subject in subject.end.map { ($0, subject) } }) {
            first, _ in first
        }
    }
}

/// The envelope around answers.
struct MeshEnvelope<Value: Decodable & Sendable>: Decodable, Sendable {
    var status: String
    var data: Value
    var warnings: [String]?

    /// Asks the gateway for it.
    static func asked(
        _ gateway: IsthmusServer, _ path: String, _ parameters: [HTTPCall.Parameter]
    ) async throws -> Self {
        let answer = try await HTTPCall(
            port: gateway.port, path: "/mesh/v1/\(path)", parameters: parameters
        ).answer()
        guard answer.status == 200 else {
            throw ProcessFailure("\(path): \(answer.status) \(answer.text.prefix(500))")
        }
        return try JSONDecoder().decode(Self.self, from: answer.body)
    }
}
