import Federation
import HTTPTypes
import Meshes
import PrometheusAPI
import ServiceGraph
import Synchronization
import TimeSeries

// `/mesh/v1/graph`: who calls whom in all clusters, how much and how well.

extension Handlers {
    func graph(_ call: Call) async throws(ErrorResponse) -> Answer {
        try call.allow(only: Self.graphParameters)
        let format = try call.choice("format", standard: GraphFormat.json)
        let isExplained = try call.flag("explain", standard: false)
        var question = try graphQuestion(call)
        // Of a whole graph's edges no more are held than are being written. An answer that has begun
        // cannot become an error any more, so whoever wants all or nothing waits for all.
        question.streamsDetails =
            format == .json && question.percentiles == .all && question.partialResponse
        question.tellsDetailQueries = question.streamsDetails && isExplained
        let told: MeshAnswer<GraphAnswer>
        do {
            told = try await dependencies.meshes.graph(question)
        } catch {
            throw ErrorResponse(error)
        }
        switch format {
        case .json: return answer(to: question, told, isExplained: isExplained)
        case .dot: return drawn(told.value.map.graphviz, .dot, told)
        case .mermaid: return drawn(told.value.map.mermaid, .text, told)
        case .svg:
            let picture: [UInt8]
            do {
                picture = try await dependencies.meshes.picture(told.value.map.graphviz)
            } catch {
                throw ErrorResponse(error, coverage: told.coverage)
            }
            var answer = Answer(.bytes(picture), type: .svg, coverage: told.coverage)
            answer.headers[.contentSecurityPolicy] = PageHeaders.drawingPolicy
            answer.headers[.contentTypeOptions] = "nosniff"
            return answer
        }
    }

    private enum GraphFormat: String, CaseIterable {
        case json, dot, mermaid, svg
    }

    // MARK: Parameters

    private static let graphParameters: Set<String> = [
        "view", "box", "cluster", "clusters", "namespace", "service", "depth", "time", "range",
        "from", "percentiles", "collapse", "top", "idle", "compare", "format", "explain",
        "partial_response",
    ]

    private func graphQuestion(_ call: Call) throws(ErrorResponse) -> GraphQuestion {
        let shown = try call.number("top", standard: 500, from: 0, atMost: 1_000_000)
        return GraphQuestion(
            shape: GraphShape(
                view: try call.choice("view", standard: .service),
                box: try call.choice("box", standard: .cluster),
                collapse: try call.choice("collapse", standard: .none),
                top: shown == 0 ? nil : shown, focus: try focus(call),
                clusters: try clusterNames(call), namespaces: call.list("namespace"),
                includesIdle: try call.flag("idle", standard: false)),
            time: try call.time("time"), range: try call.duration("range") ?? 300_000,
            evidence: try call.choice("from", standard: .metrics),
            percentiles: try call.choice("percentiles", standard: .shown),
            compare: try call.duration("compare"), partialResponse: try partialResponse(call),
            skipsMemory: call.cacheUse != .allowed)
    }

    private func focus(_ call: Call) throws(ErrorResponse) -> GraphShape.Focus? {
        let depth = try call.number("depth", standard: 1, from: 0, atMost: 100)
        guard let service = try call.service("service") else {
            if let text = call["depth"], !text.isEmpty {
                throw .badData("the parameter \"depth\" is counted from a service: give one too")
            }
            return nil
        }
        return GraphShape.Focus(
            namespace: service.namespace, name: service.name, depth: depth)
    }

    // MARK: Answers

    private func answer(
        to question: GraphQuestion, _ told: MeshAnswer<GraphAnswer>, isExplained: Bool
    ) -> Answer {
        let graph = told.value
        var parts: [DocumentChunks.Part] = [
            .member("time", .seconds(graph.time)), .member("range", .seconds(graph.range)),
            .member("view", .string(graph.map.view.rawValue)),
            .member("box", .string(graph.map.box.rawValue)),
            .member("from", .string(question.evidence.rawValue)),
        ]
        parts += graph.map.parts(withEdges: edges(of: graph))
        parts.append(.member("clusters", .array(graph.clusters.map(\.json))))
        if isExplained {
            parts.append(queries(of: graph))
        }
        let closing = graph.details.map { details in
            { @Sendable () async -> Annotations in await Self.annotations(of: details) }
        }
        return Answer(
            .document(
                DocumentChunks(parts, annotations: told.annotations, closing: closing)),
            type: .json, coverage: told.coverage)
    }

    /// The edges as they are, or as their details arrive.
    private func edges(of graph: GraphAnswer) -> DocumentChunks.Part {
        let map = graph.map
        guard let details = graph.details else {
            return .written("edges", count: map.edges.count) { place, bytes in
                map.write(map.edges[place], to: &bytes)
            }
        }
        return .arriving("edges") {
            guard let piece = await details.next() else { return nil }
            return DocumentChunks.Arrived(places: piece.places) { place, bytes in
                map.write(piece.edges[place], to: &bytes)
            }
        }
    }

    /// The queries, those of details that arrive piece by piece with them: they are known by then, as
    /// the edges are written before.
    private func queries(of graph: GraphAnswer) -> DocumentChunks.Part {
        guard let details = graph.details else {
            return .member("queries", .array(graph.queries.map(\.json)))
        }
        let isTold = Mutex(false)
        return .arriving("queries") {
            let isDone = isTold.withLock { isTold in
                defer { isTold = true }
                return isTold
            }
            if isDone { return nil }
            let all = graph.queries + (await details.remarks().queries)
            return DocumentChunks.Arrived(places: all.indices) { place, bytes in
                all[place].json.append(to: &bytes)
            }
        }
    }

    /// What is to be said of details that arrived after the headers were sent.
    private static func annotations(of details: EdgePieces) async -> Annotations {
        let remarks = await details.remarks()
        var annotations = Annotations()
        for missing in remarks.coverage.missing { annotations.warn(missing.warning) }
        for warning in remarks.warnings { annotations.warn(warning) }
        return annotations
    }

    /// What is missing has no place in these but the headers, and what the graph draws of it.
    private func drawn(
        _ text: String, _ type: Answer.ContentType, _ told: MeshAnswer<GraphAnswer>
    ) -> Answer {
        var answer = Answer(text: text, type: type)
        answer.coverage = told.coverage
        return answer
    }
}
