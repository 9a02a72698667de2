import Caching
import TimeSeries

extension StoredAnswer {
    /// What differs from what the server itself said; values by their bits.
    func difference(from wanted: StoredAnswer, on grid: TimeGrid) -> String? {
        if answer.warnings != wanted.answer.warnings || answer.infos != wanted.answer.infos {
            return "remarks are \(answer.warnings + answer.infos), and of the server "
                + "\(wanted.answer.warnings + wanted.answer.infos)"
        }
        let labels = answer.series.map(\.labels)
        let wantedLabels = wanted.answer.series.map(\.labels)
        guard labels == wantedLabels else {
            return "series are \(labels), and of the server \(wantedLabels)"
        }
        for (found, wanted) in zip(answer.series, wanted.answer.series) where found != wanted {
            return "\(found.labels) is \(SeriesPoints(found, on: grid).text), and of the server "
                + SeriesPoints(wanted, on: grid).text
        }
        guard samples.map(\.labels) == wanted.samples.map(\.labels) else {
            return "windows are of \(samples.map(\.labels)), and of the server "
                + "\(wanted.samples.map(\.labels))"
        }
        for (found, wanted) in zip(samples, wanted.samples) {
            let areSame =
                found.times == wanted.times && found.histogramTimes == wanted.histogramTimes
                && found.histograms == wanted.histograms
                && found.values.map(\.bitPattern) == wanted.values.map(\.bitPattern)
            if !areSame { return "the window of \(found.labels) differs" }
        }
        return nil
    }
}
