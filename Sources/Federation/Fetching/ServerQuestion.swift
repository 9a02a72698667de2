import Planning
import PrometheusAPI
import TimeSeries
import Upstream

/// One question as a cluster's server is asked it: a text, and a time or a grid.
struct ServerQuestion: Hashable, Sendable {
    /// Which server, how configured and able to what (`AnswerSource`): questions that are alike but
    /// for this have nothing to do with each other.
    var source: String
    /// PromQL in the cluster's own words.
    var query: String
    /// One point for `query`, more for `query_range`.
    var grid: TimeGrid
    /// Whether the answer is windows of samples rather than values on the grid.
    var wantsSamples: Bool
    /// Sent along where the client asked for one, milliseconds.
    var lookbackDelta: Int64?

    /// The same question for other times.
    func asked(on grid: TimeGrid) -> ServerQuestion {
        var question = self
        question.grid = grid
        return question
    }

    /// Asks it over the wire.
    func answer(from client: ClusterClient) async throws -> ServerAnswer {
        let isRange = !wantsSamples && grid.count > 1
        let decoded = try await client.query(
            isRange ? "query_range" : "query", parameters(for: client),
            expecting: wantsSamples ? .samples : .grid(grid))
        let response = decoded.response
        var answer = ServerAnswer(
            remarks: ServerRemarks(warnings: response.warnings, infos: response.infos),
            bytes: decoded.bytes, cache: CacheReport(.miss, requests: 1), lease: decoded.lease)
        switch response.value {
        case .vector(let series) where !wantsSamples: answer.series = series
        case .samples(let samples) where wantsSamples:
            answer.samples = samples.map(SampleColumns.init)
        default:
            throw DecodingFailure.wrongShape(wantsSamples ? .matrix : .vectorOrMatrix, offset: 0)
        }
        return answer
    }

    private func parameters(for client: ClusterClient) -> [UpstreamRequest.Parameter] {
        var parameters: [UpstreamRequest.Parameter] = [.init(name: "query", value: query)]
        func add(_ name: String, _ milliseconds: Int64) {
            parameters.append(.init(name: name, value: NumberText.timestamp(milliseconds)))
        }
        if wantsSamples || grid.count == 1 {
            add("time", grid.start)
        } else {
            add("start", grid.start)
            add("end", grid.end)
            add("step", grid.step)
        }
        // The server stops when nobody waits any more.
        let remaining = ContinuousClock.now.duration(to: client.deadline).milliseconds
        add("timeout", max(1, remaining))
        if let lookbackDelta { add("lookback_delta", lookbackDelta) }
        return parameters
    }
}

/// What a server answered, in its own labels and words.
struct ServerAnswer: Sendable {
    /// In the server's order.
    var series: [GridSeries] = []
    /// In the server's order; for questions that want samples.
    var samples: [SampleColumns] = []
    var remarks = ServerRemarks()
    /// Of what was received for it, decompressed.
    var bytes = 0
    /// How much of it was remembered.
    var cache = CacheReport(.off)
    /// What is held of memory for it, for whoever asked first.
    var lease: MemoryLease?
}
