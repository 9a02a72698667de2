import PrometheusAPI
import Rules
import TimeSeries

/// Samples that are written with one request.
struct RemoteWriteBatch: Sendable {
    /// The body of the request: protobuf, compressed.
    var body: [UInt8]
    /// How many samples it holds.
    var count: Int
    /// The time of the latest of them, milliseconds since the Unix epoch; nil where it holds none.
    var latestTime: Int64?

    /// `relabel` gives a series its labels at the receiver, or nil where it is not written. It
    /// sees the external labels, which a series' own ones go before.
    init(
        _ samples: [RuleSample], externalLabels: Labels, relabel: (Labels) -> Labels?
    ) {
        var series: [SampledSeries] = []
        var places: [Labels: Int] = [:]
        count = 0
        for sample in samples {
            guard let labels = relabel(externalLabels.setting(sample.labels)), !labels.isEmpty
            else { continue }
            count += 1
            latestTime = max(latestTime ?? sample.time, sample.time)
            let written = SampledSeries.Sample(time: sample.time, value: sample.value)
            if let place = places[labels] {
                series[place].samples.append(written)
            } else {
                places[labels] = series.count
                series.append(SampledSeries(labels: labels, samples: [written]))
            }
        }
        body = Snappy.compressed(RemoteWriteRequest(series: series).encoded())
    }
}
