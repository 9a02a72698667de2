import Clusters
import PrometheusAPI
import TimeSeries
import Upstream

/// Asks one cluster's Prometheus through its HTTP API and decodes what it answers.
struct ClusterClient: Sendable {
    let upstream: UpstreamClient
    let cluster: Cluster
    let deadline: ContinuousClock.Instant
    let settings: QuerySettings
    /// Where what is decoded is counted; nil where it is not.
    var memory: QueryMemory?

    /// The deadline of a cluster inside the one of the whole request: early enough to answer
    /// without it, and not past the cluster's own timeout.
    init(
        upstream: UpstreamClient, cluster: Cluster, requestDeadline: ContinuousClock.Instant,
        settings: QuerySettings
    ) {
        self.upstream = upstream
        self.cluster = cluster
        self.settings = settings
        let now = ContinuousClock.now
        let remaining = now.duration(to: requestDeadline)
        let reserve = max(.milliseconds(20), min(.milliseconds(500), remaining / 20))
        deadline = min(requestDeadline - reserve, now + cluster.prometheus.timeout)
    }

    /// An answer to `query` or `query_range`.
    func query(
        _ endpoint: String, _ parameters: [UpstreamRequest.Parameter], expecting: Expectation
    ) async throws -> DecodedQuery {
        let limits = DecodingLimits(
            maximumSeries: settings.maximumSeries, maximumSamples: settings.maximumSamples)
        let lease = memory.map(MemoryLease.init)
        let memory = memory
        return try await ask(endpoint, "/api/v1/\(endpoint)", .post, parameters) { response in
            var decoded = try await Self.decodedQuery(
                response, expecting: expecting, limits: limits
            ) { (chunkBytes, heldBytes) throws(MemoryRefusal) in
                try memory?.decode(chunkBytes)
                try lease?.hold(upTo: heldBytes)
            }
            decoded.lease = lease
            return decoded
        }
    }

    private static func decodedQuery(
        _ response: UpstreamResponse, expecting: Expectation, limits: DecodingLimits,
        _ note: (Int, Int) throws(MemoryRefusal) -> Void
    ) async throws -> DecodedQuery {
        try await refuseUnfit(response)
        var decoder = QueryResponseDecoder(expecting: expecting, limits: limits)
        var bytes = 0
        let answer: QueryResponse
        do {
            for try await chunk in response.body {
                bytes += chunk.count
                try decoder.feed(chunk)
                try note(chunk.count, decoder.heldBytes)
            }
            answer = try decoder.finish()
        } catch let failure as DecodingFailure {
            throw failure.blamed(on: response)
        }
        if case .failure(let error) = answer.value {
            throw ServerRefusal(response, error)
        }
        return DecodedQuery(response: answer, bytes: bytes)
    }

    /// An answer to `series`, `labels` or `label/…/values`.
    func list(
        _ endpoint: String, path: String, _ parameters: [UpstreamRequest.Parameter],
        of elements: ListResponseDecoder.Elements
    ) async throws -> ListResponse {
        // The values of a label can be asked for by GET alone.
        let method: UpstreamRequest.Method = path.hasSuffix("/values") ? .get : .post
        let memory = memory
        return try await ask(endpoint, path, method, parameters) { response in
            try await Self.decodedList(response, of: elements, memory)
        }
    }

    private static func decodedList(
        _ response: UpstreamResponse, of elements: ListResponseDecoder.Elements,
        _ memory: QueryMemory?
    ) async throws -> ListResponse {
        try await refuseUnfit(response)
        var decoder = ListResponseDecoder(
            of: elements, limits: DecodingLimits(maximumSeries: 10_000_000))
        let answer: ListResponse
        do {
            for try await chunk in response.body {
                try decoder.feed(chunk)
                try memory?.decode(chunk.count)
                // Texts take about as much as they are long.
                try memory?.hold(chunk.count)
            }
            answer = try decoder.finish()
        } catch let failure as DecodingFailure {
            throw failure.blamed(on: response)
        }
        if case .failure(let error) = answer.value {
            throw ServerRefusal(response, error)
        }
        return answer
    }

    /// The `data` of a small answer, as any of the status endpoints gives.
    func small(
        _ endpoint: String, path: String, _ parameters: [UpstreamRequest.Parameter] = []
    ) async throws -> JSONValue {
        try await ask(endpoint, path, .get, parameters) { response in
            try await Self.decodedSmall(response)
        }
    }

    private static func decodedSmall(_ response: UpstreamResponse) async throws -> JSONValue {
        try await refuseFailures(response)
        let answer = try SmallAnswer(decoding: try await collected(response))
        switch answer.value {
        case .data(let data): return data
        case .failure(let error): throw ServerRefusal(response, error)
        }
    }

    /// A text, as `/metrics` gives it.
    func text(_ endpoint: String, path: String) async throws -> [UInt8] {
        try await ask(endpoint, path, .get, []) { response in
            guard response.status == 200 else {
                throw UnexpectedStatus(response)
            }
            return try await Self.collected(response)
        }
    }

    private static func collected(_ response: UpstreamResponse) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await chunk in response.body { bytes += chunk }
        return bytes
    }

    /// Throws for a status other than success: what the server says where it says it in the API's
    /// form, else the status.
    private static func refuseFailures(_ response: UpstreamResponse) async throws {
        guard response.status != 200 else { return }
        let body = try await collected(response)
        if let answer = try? SmallAnswer(decoding: body), case .failure(let error) = answer.value {
            throw ServerRefusal(response, error)
        }
        throw UnexpectedStatus(response)
    }

    /// The same for what every server is to answer: a status that is not about the question is that
    /// replica's, and another one may do better.
    private static func refuseUnfit(_ response: UpstreamResponse) async throws {
        do {
            try await refuseFailures(response)
        } catch let refusal as ServerRefusal where !refusal.isAboutQuestion {
            throw UpstreamError(
                unfit: "status_\(refusal.status)",
                "answered with HTTP status \(refusal.status): \(refusal.error.message)", response)
        } catch let unexpected as UnexpectedStatus where unexpected.status != 400 {
            throw UpstreamError(unfit: unexpected.kind, unexpected.predicate, response)
        }
    }

    private func ask<Answer: Sendable>(
        _ endpoint: String, _ path: String, _ method: UpstreamRequest.Method,
        _ parameters: [UpstreamRequest.Parameter],
        _ read: @escaping @Sendable (UpstreamResponse) async throws -> Answer
    ) async throws -> Answer {
        try await upstream.ask(
            cluster: cluster.id, service: cluster.prometheus,
            request: UpstreamRequest(
                method: method, path: path, parameters: parameters, endpoint: endpoint,
                maximumBytes: settings.maximumResponseBytes, protection: .byStatuses),
            deadline: deadline, read: read)
    }
}
