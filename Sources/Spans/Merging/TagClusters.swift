/// Says where spans were found: the resource's attribute `cluster` names the first cluster of the
/// inventory that holds the span, and a span of several has an attribute `isthmus.clusters` with all
/// of them, `east,west`.
///
/// A resource's own `cluster` of another value becomes `exported_cluster`, as Prometheus does with
/// labels that a scrape's own labels hide.
@Sendable func tagClusters(_ trace: inout MergingTrace) {
    struct Place: Hashable {
        var resource: Int32
        var cluster: String
    }
    var tagged: [Resource] = []
    var places: [Place: Int32] = [:]
    var latest: (place: Place, tagged: Int32)?
    for index in trace.spans.indices {
        guard let cluster = trace.spans[index].clusters.first else { continue }
        let place = Place(resource: trace.resourceOfSpan[index], cluster: cluster)
        if latest?.place != place {
            let number = places[place] ?? Int32(tagged.count)
            if Int(number) == tagged.count {
                places[place] = number
                var resource = trace.resources[Int(place.resource)]
                resource.attributes.tag(cluster: cluster)
                tagged.append(resource)
            }
            latest = (place, number)
        }
        if let latest { trace.resourceOfSpan[index] = latest.tagged }
        guard trace.spans[index].clusters.count > 1 else { continue }
        let names = AttributeValue.string(trace.spans[index].clusters.joined(separator: ","))
        trace.spans[index].attributes.set("isthmus.clusters", names)
    }
    trace.resources = tagged
}

extension [Attribute] {
    fileprivate mutating func tag(cluster: String) {
        guard let own = firstIndex(where: { $0.key == "cluster" }) else {
            return append(Attribute("cluster", .string(cluster)))
        }
        guard self[own].value != .string(cluster) else { return }
        var key = "exported_cluster"
        while contains(where: { $0.key == key }) { key = "exported_" + key }
        append(Attribute(key, self[own].value))
        self[own].value = .string(cluster)
    }

    fileprivate mutating func set(_ key: String, _ value: AttributeValue) {
        if let place = firstIndex(where: { $0.key == key }) {
            if self[place].value != value { self[place].value = value }
        } else {
            append(Attribute(key, value))
        }
    }
}
