import MeshHealth
import TimeSeries

/// What is observed of control planes and certificates, for whoever scrapes the gateway.
enum HealthMetrics {
    static func families(_ series: [HealthSeries.Sample]) -> [MetricFamily] {
        let byName = Dictionary(grouping: series) { $0.labels.metricName ?? "" }
        return byName.sorted { $0.key < $1.key }.map { name, samples in
            MetricFamily(
                name: name, kind: .gauge, help: help(name),
                samples: samples.map { sample in
                    MetricFamily.Sample(
                        labels: sample.labels.removingMetricName(), value: .number(sample.value))
                }
                .sorted { $0.labels < $1.labels })
        }
    }

    private static func help(_ name: String) -> String {
        guard let metric = HealthSeries.Metric(rawValue: name) else {
            return "Whether the cluster's Prometheus answered what it was asked last."
        }
        return metric.meaning + "."
    }
}
