import TimeSeries

/// A series of an instant query with its number.
public struct MetricSample: Hashable, Sendable {
    public var labels: Labels
    public var value: Double

    public init(_ labels: Labels, _ value: Double) {
        self.labels = labels
        self.value = value
    }

    /// The last point of each series; numbers alone, no histograms. NaN is no number: Consul's
    /// servers say by it that they are not the leader, quotients that there was nothing to divide.
    public static func all(of answer: QueryValue) -> [MetricSample] {
        guard case .vector(let series, _) = answer else { return [] }
        return series.compactMap { one in
            guard let value = one.values.last, !value.isNaN else { return nil }
            return MetricSample(one.labels, value)
        }
    }

    var cluster: String { labels["cluster"] ?? "" }

    /// Whose it is: the pod, or the address that was scraped.
    var holder: String {
        guard let pod = labels["pod"], !pod.isEmpty else { return labels["instance"] ?? "" }
        return labels["namespace"].map { "\($0)/\(pod)" } ?? pod
    }

    /// Labels and number, for people.
    var text: String { "\(labels) \(NumberText.literal(value))" }
}
