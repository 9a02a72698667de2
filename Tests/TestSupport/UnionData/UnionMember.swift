/// A cluster of the data set.
package struct UnionMember: Sendable {
    package var name: String
    /// All external labels, `cluster` first.
    package var externalLabels: [Label]
    /// Milliseconds between a whole second and its scrapes; never a multiple of 50, where the times
    /// of queries lie.
    var phase: Int

    package typealias Label = (name: String, value: String)

    /// Two of the three share a region; one has a label that the others have not.
    package static let all = [
        UnionMember(
            name: "eu-1", externalLabels: [("cluster", "eu-1"), ("region", "eu")], phase: 137),
        UnionMember(
            name: "eu-2",
            externalLabels: [("cluster", "eu-2"), ("region", "eu"), ("tier", "edge")],
            phase: 4391),
        UnionMember(
            name: "us-1", externalLabels: [("cluster", "us-1"), ("region", "us")], phase: 8773),
    ]

    /// The labels with which the union holds a series: what a scrape of the cluster with these
    /// external labels as the target's labels would have made of them.
    func unionLabels(_ own: [Label]) -> [Label] {
        var names = Set(own.map(\.name)).union(externalLabels.map(\.name))
        var labels: [Label] = []
        for label in own {
            guard let external = externalLabels.first(where: { $0.name == label.name }) else {
                labels.append(label)
                continue
            }
            guard external.value != label.value else { continue }
            var name = "exported_" + label.name
            while names.contains(name) { name = "exported_" + name }
            names.insert(name)
            labels.append((name, label.value))
        }
        return labels + externalLabels
    }
}
