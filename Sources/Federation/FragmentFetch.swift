import Clusters
import Planning
import PrometheusAPI
import TimeSeries
import Upstream

/// What one cluster answered to one fragment, its external labels set.
struct FragmentPart: Sendable {
    /// Ordered by labels.
    var series: [GridSeries] = []
    /// Ordered by labels; for fragments that want samples.
    var samples: [SampleColumns] = []
    /// What the server remarked, ready to be shown.
    var annotations = Annotations()
    /// Of the answer, decompressed.
    var bytes = 0

    var sampleCount: Int {
        series.reduce(0) { $0 + $1.values.count } + samples.reduce(0) { $0 + $1.sampleCount }
    }
}

/// Asks one cluster one fragment.
struct FragmentFetch: Sendable {
    let client: ClusterClient
    let request: Fragment.Request
    let grid: TimeGrid
    let wantsSamples: Bool
    /// Sent along where the client asked for one, milliseconds.
    let lookbackDelta: Int64?

    /// The most points that servers give for one series.
    private static let maximumPoints = 11_000

    func outcome() async -> Outcome<FragmentPart> {
        do {
            return .answered(try await part())
        } catch {
            return .failed(error, cluster: request.cluster)
        }
    }

    private func part() async throws -> FragmentPart {
        var part = FragmentPart()
        if wantsSamples {
            let answer = try await client.query(
                "query", parameters(at: grid.start), expecting: .samples)
            let response = answer.response
            part.bytes = answer.bytes
            if case .samples(let samples) = response.value {
                part.samples = samples.map { series in
                    var columns = SampleColumns(series)
                    columns.labels = relabelled(series.labels)
                    return columns
                }.sorted { $0.labels < $1.labels }
            }
            part.annotations = annotations(of: response)
            return part
        }
        for piece in pieces() {
            let answer =
                piece.count == 1
                ? try await client.query(
                    "query", parameters(at: piece.start), expecting: .grid(piece))
                : try await client.query(
                    "query_range", parameters(over: piece), expecting: .grid(piece))
            let response = answer.response
            part.bytes += answer.bytes
            part.annotations.add(annotations(of: response))
            guard case .vector(let series) = response.value else {
                throw DecodingFailure.wrongShape(.vectorOrMatrix, offset: 0)
            }
            part.series =
                piece.count == grid.count
                ? series : Self.joined(part.series, series, of: piece, on: grid)
        }
        for index in part.series.indices {
            part.series[index].labels = relabelled(part.series[index].labels)
        }
        // Servers give the series of a vector in no order of theirs; sums are added in ours.
        if !part.series.isOrdered { part.series.sort { $0.labels < $1.labels } }
        return part
    }

    // MARK: Requests

    private func parameters(at time: Int64) -> [UpstreamRequest.Parameter] {
        [
            .init(name: "query", value: request.query),
            .init(name: "time", value: NumberText.timestamp(time)),
        ] + commonParameters
    }

    private func parameters(over grid: TimeGrid) -> [UpstreamRequest.Parameter] {
        [
            .init(name: "query", value: request.query),
            .init(name: "start", value: NumberText.timestamp(grid.start)),
            .init(name: "end", value: NumberText.timestamp(grid.end)),
            .init(name: "step", value: NumberText.timestamp(grid.step)),
        ] + commonParameters
    }

    private var commonParameters: [UpstreamRequest.Parameter] {
        // The server stops when nobody waits any more.
        let remaining = ContinuousClock.now.duration(to: client.deadline)
        let milliseconds = max(
            1,
            remaining.components.seconds * 1000
                + remaining.components.attoseconds / 1_000_000_000_000_000)
        var parameters = [
            UpstreamRequest.Parameter(
                name: "timeout", value: NumberText.timestamp(milliseconds))
        ]
        if let lookbackDelta {
            parameters.append(
                .init(name: "lookback_delta", value: NumberText.timestamp(lookbackDelta)))
        }
        return parameters
    }

    /// The grid in pieces that servers accept.
    private func pieces() -> [TimeGrid] {
        guard grid.count > Self.maximumPoints else { return [grid] }
        return stride(from: 0, to: grid.count, by: Self.maximumPoints).map { first in
            let last = min(first + Self.maximumPoints, grid.count) - 1
            return TimeGrid(
                start: grid.time(at: first), end: grid.time(at: last), step: grid.step)
        }
    }

    /// The series of a piece put into their places on the whole grid.
    private static func joined(
        _ sofar: [GridSeries], _ piece: [GridSeries], of part: TimeGrid, on grid: TimeGrid
    ) -> [GridSeries] {
        guard let first = grid.index(of: part.start) else { return sofar }
        var result = sofar
        var places: [Labels: Int] = [:]
        for (index, series) in sofar.enumerated() { places[series.labels] = index }
        for series in piece {
            let place: Int
            if let known = places[series.labels] {
                place = known
            } else {
                place = result.count
                places[series.labels] = place
                result.append(GridSeries(labels: series.labels, count: grid.count))
            }
            for (index, value) in series.values.enumerated() {
                result[place].values[first + index] = value
            }
            result[place].histograms += series.histograms.map {
                .init(index: first + $0.index, histogram: $0.histogram)
            }
        }
        return result
    }

    // MARK: Answers

    /// The labels as a scrape would have made them: own labels of external names are kept as
    /// `exported_…`.
    private func relabelled(_ labels: Labels) -> Labels {
        let moved =
            request.renamedLabels.isEmpty ? labels : labels.exporting(request.renamedLabels)
        return moved.setting(request.addedLabels)
    }

    private func annotations(of response: QueryResponse) -> Annotations {
        var result = Annotations()
        for text in response.warnings { result.warn(shown(text)) }
        for text in response.infos { result.inform(shown(text)) }
        return result
    }

    /// PromQL's own remarks are about the query, but their positions are about the text that the
    /// cluster was sent; all others are about the cluster.
    private func shown(_ text: String) -> String {
        guard text.hasPrefix("PromQL ") else { return "cluster \(request.cluster): \(text)" }
        guard text.hasSuffix(")"), let open = text.lastIndex(of: "(") else { return text }
        let position = text[text.index(after: open)...].dropLast()
        let isPosition =
            position.contains(":")
            && position.allSatisfy { $0.isASCII && ($0.isNumber || $0 == ":") }
        guard isPosition else { return text }
        return String(text[..<open].dropLast())
    }
}

extension [GridSeries] {
    fileprivate var isOrdered: Bool {
        for (left, right) in zip(self, dropFirst()) where right.labels < left.labels {
            return false
        }
        return true
    }
}
