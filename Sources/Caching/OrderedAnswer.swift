import TimeSeries

/// An answer just had, its series in order.
struct OrderedAnswer: Sendable {
    let series: [GridSeries]
    let labels: [Labels]
    let hasHistograms: Bool
    let warnings: [String]
    let infos: [String]
    /// Whether the answer can be had again from what is kept of it. Remarks that are not PromQL's
    /// own say that the server could not do its work; and what a server never sends, as two series
    /// with the same labels, is not kept either.
    let isRepeatable: Bool

    init(_ answer: RangeAnswer) {
        series = answer.series.arranged(byLabels: \.labels)
        labels = series.map(\.labels)
        hasHistograms = series.contains { !$0.histograms.isEmpty }
        warnings = answer.warnings
        infos = answer.infos
        let isUnique = zip(labels, labels.dropFirst()).allSatisfy { $0 != $1 }
        isRepeatable =
            isUnique && (warnings + infos).allSatisfy { $0.hasPrefix(Self.ownPrefix) }
            && (!hasHistograms || series.allSatisfy(\.histograms.areAsShown))
    }

    /// Whether a remark counts samples that were repaired.
    var countsRepairs: Bool { (warnings + infos).contains(where: JoinedRemarks.isCount) }

    /// What remarks on the query begin with.
    private static let ownPrefix = "PromQL "

    var hasRemarks: Bool { !warnings.isEmpty || !infos.isEmpty }
}
