import Clusters
import PrometheusAPI
import Rules
import TimeSeries
import Upstream

/// Why the series of alerts could not be asked for.
package struct ForStateFailure: Error, Hashable, Sendable {
    /// One sentence, without secrets.
    package var message: String
}

/// A Prometheus that has the series `ALERTS_FOR_STATE` from before the process: the one that samples
/// are written to.
package struct ForStateSource: Sendable {
    private let service: Service
    private let upstream: UpstreamClient
    private let timeout: Duration
    /// Labels that the writing adds, and that no alert has.
    private let addedLabels: Labels

    /// For metrics and messages.
    private static let name = ClusterID("alert-state")
    private static let maximumBytes = 64 << 20

    package init(
        _ service: Service, upstream: UpstreamClient, addedLabels: Labels = Labels(),
        timeout: Duration = .seconds(10)
    ) {
        self.service = service
        self.upstream = upstream
        self.addedLabels = addedLabels
        self.timeout = timeout
    }

    /// The last sample of each series since `start` that was not marked as ended, as Prometheus
    /// reads them from its own storage.
    ///
    /// The HTTP API shows no marks of an end, but it heeds them: an instant selector that looks back
    /// over the whole time finds the last sample of a series, and nothing where a mark is the last.
    /// `timestamp` of the same selector gives the sample's own time. A server that does not know
    /// `lookback_delta` finds what is five minutes old at most; alerts then begin to wait anew.
    package func samples(
        _ matchers: [Matcher], from start: Int64, at time: Int64
    ) async throws(ForStateFailure) -> [ForStateSample] {
        let selector =
            "{" + matchers.map { "\($0.name)=\(GoText.quoted($0.value))" }.joined(separator: ",")
            + "}"
        let values = try await numbers(selector, from: start, at: time)
        if values.isEmpty { return [] }
        let times = try await numbers("timestamp(\(selector))", from: start, at: time)
        return values.compactMap { labels, value in
            times[labels].map {
                ForStateSample(
                    labels: alertLabels(labels), time: Int64(($0 * 1000).rounded()), value: value)
            }
        }
    }

    private func alertLabels(_ labels: Labels) -> Labels {
        var builder = LabelsBuilder(labels)
        for (name, value) in addedLabels.pairs where labels[name] == value {
            builder.set(name, "")
        }
        return builder.labels()
    }

    /// The values of an instant query by labels without the metric's name.
    private func numbers(
        _ query: String, from start: Int64, at time: Int64
    ) async throws(ForStateFailure) -> [Labels: Double] {
        let lookback = max(1, (time - start) / 1000)
        let request = UpstreamRequest(
            method: .post, path: "/api/v1/query",
            parameters: [
                .init(name: "query", value: query),
                .init(name: "time", value: Self.seconds(time)),
                .init(name: "lookback_delta", value: "\(lookback)s"),
            ], endpoint: "query", maximumBytes: Self.maximumBytes)
        let grid = TimeGrid(instant: time)
        do {
            let response = try await upstream.ask(
                cluster: Self.name, service: service, request: request,
                deadline: .now + timeout
            ) { response in
                try await Self.decoded(response, grid)
            }
            guard case .vector(let series) = response.value else {
                throw ForStateFailure(message: "the answer is no vector")
            }
            return Dictionary(
                series.compactMap { one in
                    one.values.first.map { (one.labels.removingMetricName(), $0) }
                }
            ) { first, _ in first }
        } catch let error as ForStateFailure {
            throw error
        } catch {
            throw ForStateFailure(message: "\(error)")
        }
    }

    private static func decoded(
        _ response: UpstreamResponse, _ grid: TimeGrid
    ) async throws -> QueryResponse {
        let bytes = try await response.collect(upTo: maximumBytes)
        var decoder = QueryResponseDecoder(expecting: .grid(grid))
        do {
            try decoder.feed(bytes)
            let answer = try decoder.finish()
            if case .failure(let error) = answer.value {
                throw ForStateFailure(message: "\(response.status): \(error.message)")
            }
            return answer
        } catch let error as DecodingFailure {
            throw ForStateFailure(message: "\(response.status): \(error)")
        }
    }

    private static func seconds(_ time: Int64) -> String {
        let digits = String(time % 1000 + 1000).dropFirst()
        return "\(time / 1000).\(digits)"
    }
}
