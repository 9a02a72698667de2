/// A row of the tables of what this module counts.
package struct MetricRow: Hashable, Sendable {
    package var name: String
    package var labels: [String]
    /// One line for `/metrics`.
    package var help: String

    init(name: String, labels: [String] = [], help: String) {
        self.name = name
        self.labels = labels
        self.help = help
    }

    /// All rows of the module.
    package static let all =
        AlertingMetric.all + NotifierMetric.all + RemoteWriteMetric.all + StateMetric.all
}
