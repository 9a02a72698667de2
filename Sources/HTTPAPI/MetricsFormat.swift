/// The forms in which the gateway's metrics are shown.
package enum MetricsFormat: Sendable {
    /// Prometheus's text format, version 0.0.4.
    case text
    /// OpenMetrics 1.0, which has exemplars.
    case openMetrics

    /// What a client gets that says this in `Accept`: the format that it likes best of those that
    /// there are, as Prometheus's own exporters decide it.
    init(accepting values: [String]) {
        let ranges = values.flatMap { $0.split(separator: ",") }.map(MediaRange.init)
        var best: (quality: Double, format: MetricsFormat)?
        for range in ranges where range.quality > (best?.quality ?? 0) {
            if let format = range.format { best = (range.quality, format) }
        }
        self = best?.format ?? .text
    }

    private struct MediaRange {
        /// Nil for what is not spoken here.
        var format: MetricsFormat?
        var quality = 1.0

        init(_ text: Substring) {
            let parts = text.split(separator: ";").map { part in
                part.filter { $0 != " " && $0 != "\t" }.lowercased()
            }
            var version = ""
            for part in parts.dropFirst() {
                if part.hasPrefix("version=") {
                    version = part.dropFirst("version=".count).filter { $0 != "\"" }
                }
                if part.hasPrefix("q=") { quality = Double(part.dropFirst(2)) ?? 1 }
            }
            switch parts.first {
            case "application/openmetrics-text" where ["", "1.0.0", "0.0.1"].contains(version):
                format = .openMetrics
            case "text/plain" where ["", "0.0.4"].contains(version), "*/*", "text/*":
                format = .text
            default: format = nil
            }
        }
    }
}
