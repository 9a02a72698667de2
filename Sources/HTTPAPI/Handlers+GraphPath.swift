import Federation
import Meshes
import PrometheusAPI
import ServiceGraph
import TimeSeries

// `/mesh/v1/graph/path`: how calls get from one node of the service graph to another, and how much
// of them.

extension Handlers {
    func graphPath(_ call: Call) async throws(ErrorResponse) -> Answer {
        try call.allow(only: Self.pathParameters)
        let source = try nodeName("from", call)
        let destination = try nodeName("to", call)
        var question = GraphQuestion(
            shape: GraphShape(
                view: try call.choice("view", standard: .service), box: .none,
                clusters: try clusterNames(call), namespaces: call.list("namespace")),
            time: try call.time("time"), range: try call.duration("range") ?? 300_000,
            percentiles: .none, partialResponse: try partialResponse(call),
            skipsMemory: call.cacheUse != .allowed)
        let whole = try await graph(question)
        let paths = try paths(from: source, to: destination, in: whole)
        // How long calls take is asked of the few edges of the paths only, and of the same time.
        question.time = whole.value.time
        let map = whole.value.map
        let edges = Set(paths.shortest.edges + paths.busiest.edges)
        question.timedEdges = Set(edges.map { map.id(of: map.edges[$0]) })
        let told = edges.isEmpty ? whole : try await graph(question)
        let latencies = told.value.map.latencies(of: question.timedEdges)
        let data: JSONValue = [
            "time": .seconds(whole.value.time), "range": .seconds(whole.value.range),
            "shortest": map.json(paths.shortest, latencies),
            "busiest": map.json(paths.busiest, latencies),
        ]
        return Answer(
            .bytes(ResponseText.success(data, annotations: told.annotations)), type: .json,
            coverage: told.coverage)
    }

    private func graph(
        _ question: GraphQuestion
    ) async throws(ErrorResponse) -> MeshAnswer<GraphAnswer> {
        do {
            return try await dependencies.meshes.graph(question)
        } catch {
            throw ErrorResponse(error)
        }
    }

    private func paths(
        from source: NodeName, to destination: NodeName, in told: MeshAnswer<GraphAnswer>
    ) throws(ErrorResponse) -> (shortest: ServiceMap.Path, busiest: ServiceMap.Path) {
        let map = told.value.map
        let sources = try places(source, in: map, told)
        let destinations = try places(destination, in: map, told)
        guard sources.count * destinations.count <= Self.mostPairs else {
            throw .badData(
                "\(GoText.quoted(source.text)) is \(sources.count) nodes and "
                    + "\(GoText.quoted(destination.text)) \(destinations.count): name their "
                    + "clusters too, cluster/namespace/name")
        }
        guard let paths = map.paths(from: sources, to: destinations) else {
            throw nowhere(
                "no calls lead from \(GoText.quoted(source.text)) to "
                    + GoText.quoted(destination.text), told)
        }
        return paths
    }

    /// Each pair of ends costs some walks over the whole graph.
    private static let mostPairs = 25

    private static let pathParameters: Set<String> = [
        "from", "to", "view", "cluster", "clusters", "namespace", "time", "range",
        "partial_response",
    ]

    private func nodeName(_ name: String, _ call: Call) throws(ErrorResponse) -> NodeName {
        guard let node = NodeName(call[name] ?? "") else {
            throw .badData(
                "the parameter \"\(name)\" is required: a node's name, namespace/name or "
                    + "cluster/namespace/name")
        }
        return node
    }

    private func places(
        _ name: NodeName, in map: ServiceMap, _ told: MeshAnswer<GraphAnswer>
    ) throws(ErrorResponse) -> [Int] {
        let places = map.nodes.indices.filter { name.isOf(map.nodes[$0]) }
        guard places.isEmpty else { return places }
        throw nowhere(
            "nobody calls \(GoText.quoted(name.text)) and it calls nobody, at this time", told)
    }

    /// What is not found with clusters missing may be there all the same.
    private func nowhere(_ words: String, _ told: MeshAnswer<GraphAnswer>) -> ErrorResponse {
        let missing = told.coverage.missing
        return ErrorResponse(
            kind: missing.isEmpty ? .notFound : .notFoundInPart,
            message: ([words] + missing.map(\.warning)).joined(separator: "; "),
            coverage: told.coverage)
    }
}

/// What somebody calls a node of the service graph: its id, its name, or more of both.
private struct NodeName {
    let text: String
    private let parts: [String]

    /// Nil where a part is empty.
    init?(_ text: String) {
        parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard !parts.contains("") else { return nil }
        self.text = text
    }

    func isOf(_ node: ServiceMap.Node) -> Bool {
        if node.id == text { return true }
        let names = [node.cluster ?? "", node.namespace, node.name]
        return parts.count <= names.count && names.suffix(parts.count).elementsEqual(parts)
    }
}

extension ServiceMap {
    /// The best paths between any of the sources and any of the destinations.
    fileprivate func paths(
        from sources: [Int], to destinations: [Int]
    ) -> (shortest: Path, busiest: Path)? {
        var shortest: Path?
        var busiest: Path?
        for source in sources {
            for destination in destinations {
                guard let short = shortestPath(from: source, to: destination),
                    let busy = busiestPath(from: source, to: destination)
                else { continue }
                if short.edges.count < shortest?.edges.count ?? .max { shortest = short }
                if rank(busy) < busiest.map(rank) ?? (.infinity, .max) { busiest = busy }
            }
        }
        guard let shortest, let busiest else { return nil }
        return (shortest, busiest)
    }

    /// The busier first, then the shorter.
    private func rank(_ path: Path) -> (Double, Int) {
        (-(path.leastRequestRate ?? 0), path.edges.count)
    }

    fileprivate func latencies(of ids: Set<String>) -> [String: Edge.Latency] {
        var latencies: [String: Edge.Latency] = [:]
        for edge in edges {
            guard let latency = edge.latency else { continue }
            let id = id(of: edge)
            if ids.contains(id) { latencies[id] = latency }
        }
        return latencies
    }

    fileprivate func json(_ path: Path, _ latencies: [String: Edge.Latency]) -> JSONValue {
        let calls = path.edges.map { place -> JSONValue in
            let edge = edges[place]
            let id = id(of: edge)
            return [
                "id": .string(id), "source": .string(nodes[edge.source].id),
                "destination": .string(nodes[edge.destination].id),
                "crossesClusters": .bool(edge.crossesClusters),
                "requestRate": .value(edge.traffic.requestRate),
                "errorRatio": .value(edge.traffic.errorRatio),
                "latency": latencies[id]?.json ?? .null, "health": edge.health.json,
                "incomplete": .text(edge.incomplete),
            ]
        }
        return [
            "nodes": .array(path.nodes.map { .string(nodes[$0].id) }), "edges": .array(calls),
            "leastRequestRate": .value(path.leastRequestRate),
        ]
    }
}
