import Meshes
import PrometheusAPI

// The service graph as `/mesh/v1/graph` tells it. What is not known is null, which is not zero.

extension ServiceMap {
    /// The members of the answer's data that are the graph.
    func parts(withEdges edges: DocumentChunks.Part) -> [DocumentChunks.Part] {
        [
            .written("nodes", count: nodes.count) { [nodes] in nodes[$0].write(to: &$1) }, edges,
            .member("boxes", .array(boxes.map(\.json))), .member("totals", totals.json),
            .member(
                "criticalEdges",
                .array(criticalEdges.map { .string(id(of: self.edges[$0])) })),
        ]
    }

    /// Edges and nodes are most of a large answer, so their members are written as they are.
    func write(_ edge: Edge, to bytes: inout [UInt8]) {
        var object = ObjectWriter(&bytes)
        object.member("id", id(of: edge), to: &bytes)
        object.member("source", nodes[edge.source].id, to: &bytes)
        object.member("destination", nodes[edge.destination].id, to: &bytes)
        object.member("crossesClusters", edge.crossesClusters, to: &bytes)
        object.list("protocols", edge.protocols.map(\.rawValue), to: &bytes)
        object.name("traffic", to: &bytes)
        edge.traffic.write(to: &bytes)
        object.member("latency", edge.latency?.json, to: &bytes)
        object.member("transit", edge.transit, to: &bytes)
        object.member("loss", edge.loss?.json, to: &bytes)
        object.name("mutualTLS", to: &bytes)
        edge.mutualTLS.write(to: &bytes)
        object.member("shaping", edge.shaping?.json, to: &bytes)
        object.list("witnesses", edge.witnesses.map(\.rawValue), to: &bytes)
        object.member("incomplete", .text(edge.incomplete), to: &bytes)
        object.list("evidence", edge.evidence.map(\.rawValue), to: &bytes)
        object.member("calls", edge.calls.map { .integer(Int64($0)) }, to: &bytes)
        object.name("health", to: &bytes)
        edge.health.write(to: &bytes)
        object.member("members", edge.members, to: &bytes)
        object.member("change", edge.change?.json, to: &bytes)
        object.end(&bytes)
    }
}

extension ServiceMap.Node {
    fileprivate func write(to bytes: inout [UInt8]) {
        var object = ObjectWriter(&bytes)
        object.member("id", id, to: &bytes)
        object.member("kind", kind.rawValue, to: &bytes)
        object.member("cluster", .text(cluster), to: &bytes)
        object.member("namespace", .text(namespace), to: &bytes)
        object.member("name", name, to: &bytes)
        if let version { object.member("version", version, to: &bytes) }
        object.list("workloads", workloads, to: &bytes)
        object.list("dialects", dialects.map(\.rawValue), to: &bytes)
        object.member("box", .text(box), to: &bytes)
        object.name("traffic", to: &bytes)
        var traffic = ObjectWriter(&bytes)
        traffic.name("in", to: &bytes)
        incoming.write(to: &bytes)
        traffic.name("out", to: &bytes)
        outgoing.write(to: &bytes)
        traffic.end(&bytes)
        object.name("health", to: &bytes)
        health.write(to: &bytes)
        object.member("collapsed", collapsed, to: &bytes)
        object.member("missing", isMissing, to: &bytes)
        object.member("incomplete", .text(incomplete), to: &bytes)
        object.end(&bytes)
    }
}

extension ServiceMap.Traffic {
    fileprivate func write(to bytes: inout [UInt8]) {
        var object = ObjectWriter(&bytes)
        object.member("requestRate", requestRate, to: &bytes)
        object.member("errorRatio", errorRatio, to: &bytes)
        if let http {
            object.name("http", to: &bytes)
            var part = ObjectWriter(&bytes)
            part.member("rate", http.rate, to: &bytes)
            part.member("3xx", http.redirections, to: &bytes)
            part.member("4xx", http.clientErrors, to: &bytes)
            part.member("5xx", http.serverErrors, to: &bytes)
            part.member("noResponse", http.noResponse, to: &bytes)
            part.end(&bytes)
        }
        if let grpc {
            object.name("grpc", to: &bytes)
            var part = ObjectWriter(&bytes)
            part.member("rate", grpc.rate, to: &bytes)
            part.member("errors", grpc.errors, to: &bytes)
            part.member("noResponse", grpc.noResponse, to: &bytes)
            part.end(&bytes)
        }
        if let tcp {
            object.name("tcp", to: &bytes)
            var part = ObjectWriter(&bytes)
            part.member("sentRate", tcp.sentRate, to: &bytes)
            part.member("receivedRate", tcp.receivedRate, to: &bytes)
            part.member("connectionRate", tcp.connectionRate, to: &bytes)
            part.end(&bytes)
        }
        object.end(&bytes)
    }
}

extension ServiceMap.Edge.Latency {
    var json: JSONValue {
        ["p50": .value(p50), "p90": .value(p90), "p95": .value(p95), "p99": .value(p99)]
    }
}

extension ServiceMap.Edge.Loss {
    fileprivate var json: JSONValue { ["rate": .number(rate), "ratio": .number(ratio)] }
}

extension ServiceMap.Edge.MutualTLS {
    fileprivate func write(to bytes: inout [UInt8]) {
        var object = ObjectWriter(&bytes)
        object.member("ratio", ratio, to: &bytes)
        object.member(
            "principals", .principals(sourcePrincipals, destinationPrincipals), to: &bytes)
        object.list("trustDomains", trustDomains, to: &bytes)
        object.member("plaintext", isPlaintext, to: &bytes)
        object.end(&bytes)
    }
}

extension ServiceMap.Edge.Shaping {
    /// Who says it is told once where all are one's word, and of each.
    fileprivate var json: JSONValue {
        let evidence = told.map {
            JSONValue.Member($0.signal.rawValue, .string($0.measured.origin.rawValue))
        }
        return [
            "retryRate": .value(retryRate?.value),
            "retrySuccessRatio": .value(retrySuccessRatio?.value),
            "retryOverflowRate": .value(retryOverflowRate?.value),
            "retryAmplification": .value(retryAmplification?.value),
            "timeoutRate": .value(timeoutRate?.value),
            "circuitBreakerTripRate": .value(circuitBreakerTripRate?.value),
            "circuitBreakerOpen": openCircuitBreakers.map { .bool($0.value > 0) } ?? .null,
            "outlierEjections": .value(outlierEjections?.value),
            "poolOverflowRate": .value(poolOverflowRate?.value),
            "derivedFrom": .string(origins.map(\.rawValue).joined(separator: " and ")),
            "evidence": .object(evidence),
        ]
    }
}

extension ServiceMap.Edge.Change {
    fileprivate var json: JSONValue {
        [
            "kind": .string(kind.rawValue), "requestRateBefore": .value(requestRateBefore),
            "errorRatioBefore": .value(errorRatioBefore),
        ]
    }
}

extension ServiceMap.Health {
    var json: JSONValue {
        ["status": .string(status.rawValue), "because": .string(because)]
    }

    fileprivate func write(to bytes: inout [UInt8]) {
        var object = ObjectWriter(&bytes)
        object.member("status", status.rawValue, to: &bytes)
        object.member("because", because, to: &bytes)
        object.end(&bytes)
    }
}

extension ServiceMap.Box {
    fileprivate var json: JSONValue {
        [
            "id": .string(id), "kind": .string(kind.rawValue), "name": .string(name),
            "parent": .text(parent), "missing": .text(missing),
        ]
    }
}

extension ServiceMap.Totals {
    fileprivate var json: JSONValue {
        [
            "nodes": .integer(Int64(nodes)), "edges": .integer(Int64(edges)),
            "shownNodes": .integer(Int64(shownNodes)), "shownEdges": .integer(Int64(shownEdges)),
            "requestRate": .number(requestRate), "errorRatio": .value(errorRatio),
        ]
    }
}
