import Clusters
import Observations
import Planning
import PromQL
import PrometheusAPI
import TimeSeries
import Upstream

/// What a client asks of the fleet's series and labels.
package struct MetadataRequest: Sendable {
    /// `match[]`: selectors, of which a series must meet any; none means all series.
    package var selectors: [String]
    /// Milliseconds since the Unix epoch.
    package var start: Int64?
    package var end: Int64?
    /// The most elements; 0 for no limit.
    package var limit: Int
    package var partialResponse: Bool
    package var timeout: Duration?

    package init(
        selectors: [String] = [], start: Int64? = nil, end: Int64? = nil, limit: Int = 0,
        partialResponse: Bool = true, timeout: Duration? = nil
    ) {
        self.selectors = selectors
        self.start = start
        self.end = end
        self.limit = limit
        self.partialResponse = partialResponse
        self.timeout = timeout
    }
}

package struct MetadataAnswer<Value: Sendable>: Sendable {
    package var value: Value
    package var annotations: Annotations
    package var coverage: Coverage

    package init(
        value: Value, annotations: Annotations = Annotations(), coverage: Coverage = Coverage()
    ) {
        self.value = value
        self.annotations = annotations
        self.coverage = coverage
    }
}

/// What targets say of a metric.
package struct MetricMetadata: Hashable, Sendable {
    package var metric: String
    package var type: String
    package var help: String
    package var unit: String

    package init(metric: String, type: String, help: String, unit: String) {
        self.metric = metric
        self.type = type
        self.help = help
        self.unit = unit
    }
}

/// Answers what series, labels and metrics there are in the fleet.
package final class MetadataService: Sendable {
    let fleet: Fleet
    let upstream: UpstreamClient
    let settings: QuerySettings
    let now: @Sendable () -> Int64
    /// The gateway's own series; nil where it has none. Nobody says what their metrics mean.
    let observations: ObservationView?
    /// Shared with queries; nil where nobody waits and nothing is counted.
    let load: QueryLoad?

    package init(
        fleet: Fleet, upstream: UpstreamClient, settings: QuerySettings,
        observations: ObservationStore? = nil, load: QueryLoad? = nil,
        now: @escaping @Sendable () -> Int64
    ) {
        self.load = load
        self.fleet = fleet
        self.upstream = upstream
        self.settings = settings
        self.observations = observations.map { ObservationView($0) }
        self.now = now
    }

    /// The service of whoever sees a part of the fleet alone.
    package init(_ other: MetadataService, seeing fleet: Fleet, _ observations: ObservationView?) {
        self.fleet = fleet
        self.observations = observations
        upstream = other.upstream
        settings = other.settings
        load = other.load
        now = other.now
    }

    /// The label sets of the series that meet any selector, ordered.
    package func series(
        _ request: MetadataRequest
    ) async throws(QueryFailure) -> MetadataAnswer<[Labels]> {
        let round = try round(request)
        var answer = try await round.united { share async throws in try await share.series() }
        answer.value.append(round.observedLabels)
        return Self.limited(answer, to: request.limit) { Set($0.joined()).sorted() }
    }

    /// The names of all labels, ordered.
    package func labelNames(
        _ request: MetadataRequest
    ) async throws(QueryFailure) -> MetadataAnswer<[String]> {
        let round = try round(request)
        var answer = try await round.united { share async throws in try await share.labelNames() }
        answer.value.append(round.observedLabels.flatMap { $0.pairs.map(\.name) })
        return Self.limited(answer, to: request.limit) { Set($0.joined()).sorted(by: Self.byBytes) }
    }

    /// The values of a label, ordered.
    package func labelValues(
        of label: String, _ request: MetadataRequest
    ) async throws(QueryFailure) -> MetadataAnswer<[String]> {
        let round = try round(request)
        var answer = try await round.united { share async throws in
            try await share.labelValues(of: label)
        }
        answer.value.append(round.observedLabels.compactMap { $0[label] })
        return Self.limited(answer, to: request.limit) { Set($0.joined()).sorted(by: Self.byBytes) }
    }

    /// What targets say of their metrics, ordered by metric; what several clusters say alike once.
    package func metricMetadata(
        metric: String?, limit: Int?, limitPerMetric: Int?, partialResponse: Bool,
        timeout: Duration?
    ) async throws(QueryFailure) -> MetadataAnswer<[MetricMetadata]> {
        let round = try round(
            MetadataRequest(partialResponse: partialResponse, timeout: timeout))
        let answer = try await round.united { share async throws in
            try await share.metadata(of: metric)
        }
        var seen: Set<MetricMetadata> = []
        var byMetric: [String: [MetricMetadata]] = [:]
        for one in answer.value.joined() where seen.insert(one).inserted {
            byMetric[one.metric, default: []].append(one)
        }
        var result: [MetricMetadata] = []
        for (index, name) in byMetric.keys.sorted(by: Self.byBytes).enumerated() {
            if let limit, limit >= 0, index >= limit { break }
            let all = byMetric[name] ?? []
            let most = limitPerMetric.map { $0 > 0 ? $0 : all.count } ?? all.count
            result += all.prefix(most)
        }
        return MetadataAnswer(
            value: result, annotations: answer.annotations, coverage: answer.coverage)
    }

    private func round(_ request: MetadataRequest) throws(QueryFailure) -> MetadataRound {
        var selectors: [Selector] = []
        for text in request.selectors {
            do {
                selectors.append(try parseSelector(text))
            } catch {
                throw .badData("invalid parameter \"match[]\": \(error)")
            }
        }
        return MetadataRound(service: self, request: request, selectors: selectors)
    }

    private static func byBytes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    private static func limited<Element>(
        _ answer: MetadataAnswer<[[Element]]>, to limit: Int,
        _ united: ([[Element]]) -> [Element]
    ) -> MetadataAnswer<[Element]> {
        var value = united(answer.value)
        var annotations = answer.annotations
        if limit > 0, value.count > limit {
            value.removeLast(value.count - limit)
            annotations.warn("results truncated due to limit")
        }
        return MetadataAnswer(
            value: value, annotations: annotations, coverage: answer.coverage)
    }
}
