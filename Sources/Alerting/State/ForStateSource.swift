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

    /// The last samples since `start` of the series that were not marked as ended. `interval` is
    /// the group's: an alert that goes on has a sample in each evaluation, and one that is over has
    /// a mark in the next one, all in milliseconds.
    ///
    /// Prometheus reads its own storage, where the mark is the last sample. The HTTP API shows no
    /// marks, but heeds them: a range selector gives the samples themselves, and with them the time
    /// of the last evaluation of all; an instant selector two intervals later, by which a mark has
    /// come even if one evaluation was missed, gives what had none. It looks back five minutes, so
    /// that time is less than that after the last evaluation; in a group with longer intervals the
    /// mark of the very last evaluation is not seen.
    package func samples(
        _ matchers: [Matcher], from start: Int64, at time: Int64, interval: Int64
    ) async throws(ForStateFailure) -> [ForStateSample] {
        let selector =
            "{" + matchers.map { "\($0.name)=\(GoText.quoted($0.value))" }.joined(separator: ",")
            + "}"
        let range = try await answer(
            "\(selector)[\(max(1, time - start))ms]", at: time, expecting: .samples)
        guard case .samples(let series) = range else {
            throw ForStateFailure(message: "the answer has no samples")
        }
        guard let newest = series.compactMap(\.samples.last?.time).max() else { return [] }
        let check = min(time, newest + min(2 * interval, Self.longestCheck))
        let instant = try await answer(
            selector, at: check, expecting: .grid(TimeGrid(instant: check)))
        guard case .vector(let goingOn) = instant else {
            throw ForStateFailure(message: "the answer is no vector")
        }
        let labels = Set(goingOn.map(\.labels))
        return series.compactMap { one in
            guard labels.contains(one.labels), let last = one.samples.last,
                case .float(let value) = last.value
            else { return nil }
            return ForStateSample(
                labels: alertLabels(one.labels.removingMetricName()), time: last.time,
                value: value)
        }
    }

    /// Less than an instant selector looks back, milliseconds.
    private static let longestCheck: Int64 = 240_000

    private func alertLabels(_ labels: Labels) -> Labels {
        var builder = LabelsBuilder(labels)
        for (name, value) in addedLabels.pairs where labels[name] == value {
            builder.set(name, "")
        }
        return builder.labels()
    }

    private func answer(
        _ query: String, at time: Int64, expecting: Expectation
    ) async throws(ForStateFailure) -> QueryResponse.Value {
        let request = UpstreamRequest(
            method: .post, path: "/api/v1/query",
            parameters: [
                .init(name: "query", value: query),
                .init(name: "time", value: Self.seconds(time)),
            ], endpoint: "query", maximumBytes: Self.maximumBytes)
        do {
            return try await upstream.ask(
                cluster: Self.name, service: service, request: request,
                deadline: .now + timeout
            ) { response in
                try await Self.decoded(response, expecting)
            }
        } catch let error as ForStateFailure {
            throw error
        } catch {
            throw ForStateFailure(message: "\(error)")
        }
    }

    private static func decoded(
        _ response: UpstreamResponse, _ expecting: Expectation
    ) async throws -> QueryResponse.Value {
        let bytes = try await response.collect(upTo: maximumBytes)
        var decoder = QueryResponseDecoder(expecting: expecting)
        do {
            try decoder.feed(bytes)
            let answer = try decoder.finish()
            if case .failure(let error) = answer.value {
                throw ForStateFailure(message: "\(response.status): \(error.message)")
            }
            return answer.value
        } catch let error as DecodingFailure {
            throw ForStateFailure(message: "\(response.status): \(error)")
        }
    }

    private static func seconds(_ time: Int64) -> String {
        let digits = String(time % 1000 + 1000).dropFirst()
        return "\(time / 1000).\(digits)"
    }
}
