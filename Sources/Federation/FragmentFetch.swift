import Caching
import Clusters
import Planning
import PrometheusAPI
import TimeSeries
import Upstream

/// What one cluster answered to one fragment, its external labels set.
struct FragmentPart: Sendable {
    /// Ordered by labels where `isOrdered`.
    var series: [GridSeries] = []
    /// Servers give the series of a vector in no order of theirs; sums are added in ours.
    var isOrdered = true
    /// Ordered by labels; for fragments that want samples.
    var samples: [SampleColumns] = []
    /// What the server remarked, in its own words.
    var remarks = ServerRemarks()
    /// Of what was received, decompressed.
    var bytes = 0
    var cache = CacheReport(.off)

    /// About how many bytes of memory it takes.
    var heldBytes: Int {
        series.reduce(0) { $0 + $1.heldBytes }
            + samples.reduce(0) { $0 + 400 + 32 * $1.sampleCount }
    }

    var sampleCount: Int {
        series.reduce(0) { $0 + $1.values.count } + samples.reduce(0) { $0 + $1.sampleCount }
    }

    /// The series ordered by labels, whether they are yet or not.
    var orderedSeries: [GridSeries] { isOrdered ? series : series.arranged(byLabels: \.labels) }
}

/// Gets one cluster's part of one fragment: from what is remembered as far as that goes, and from
/// the cluster for the rest.
struct FragmentFetch: Sendable {
    let request: Fragment.Request
    let question: ServerQuestion
    let answering: QuestionAnswering
    var seriesOrder = QueryRequest.SeriesOrder.byLabels

    func outcome() async -> Outcome<FragmentPart> {
        switch await answering.answer(to: question) {
        case .answered(let answer): .answered(part(of: answer))
        case .missing(let cause): .missing(cause)
        case .rejected(let type, let message): .rejected(type: type, message: message)
        }
    }

    private func part(of answer: ServerAnswer) -> FragmentPart {
        var part = FragmentPart(
            series: answer.series, samples: answer.samples, remarks: answer.remarks,
            bytes: answer.bytes, cache: answer.cache)
        for index in part.series.indices {
            part.series[index].labels = relabelled(part.series[index].labels)
        }
        for index in part.samples.indices {
            part.samples[index].labels = relabelled(part.samples[index].labels)
        }
        part.isOrdered = seriesOrder == .byLabels
        if part.isOrdered { part.series.arrange(byLabels: \.labels) }
        part.samples.arrange(byLabels: \.labels)
        return part
    }

    /// The labels as a scrape would have made them: own labels of external names are kept as
    /// `exported_…`.
    private func relabelled(_ labels: Labels) -> Labels {
        let moved =
            request.renamedLabels.isEmpty ? labels : labels.exporting(request.renamedLabels)
        return moved.setting(request.addedLabels)
    }
}
