import Observations
import TimeSeries

/// How full the store of the gateway's own series is.
enum ObservationMetrics {
    static func families(_ statistics: ObservationStatistics) -> [MetricFamily] {
        [
            .single(
                "isthmus_observations_series", .gauge,
                "Series that the gateway keeps of its own.", Double(statistics.series)),
            .single(
                "isthmus_observations_samples", .gauge,
                "Samples that the gateway keeps of its own.", Double(statistics.samples)),
            MetricFamily(
                name: "isthmus_observations_dropped_total", kind: .counter,
                help: "Samples of the gateway's own that are not kept, by reason.",
                samples: [
                    dropped("evicted", statistics.evictedSamples),
                    dropped("late", statistics.lateSamples),
                    dropped("too_many_series", statistics.refusedSamples),
                ]),
        ]
    }

    private static func dropped(_ reason: String, _ count: Int) -> MetricFamily.Sample {
        MetricFamily.Sample(labels: ["reason": reason], value: .number(Double(count)))
    }
}
