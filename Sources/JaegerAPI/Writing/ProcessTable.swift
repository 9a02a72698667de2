import Spans

/// The processes of a trace in Jaeger's older form: named p1, p2, … as they first appear. Two are one
/// where their service and their tags are the same, in the same order.
struct ProcessTable {
    struct Process {
        var name: String
        var serviceName: String
        var tags: [Attribute]
    }

    private struct Identity: Hashable {
        var serviceName: String
        var tags: [Attribute]
    }

    private var processes: [Process] = []
    private var places: [Identity: Int] = [:]
    /// The resource of the last span and its place: spans of one mostly stand together.
    private var latest: (attributes: [Attribute], place: Int)?

    /// What a resource that says nothing is called.
    static let nameless = "OTLPResourceNoServiceName"

    mutating func name(of resource: Resource) -> String {
        if let latest, latest.attributes == resource.attributes {
            return processes[latest.place].name
        }
        let identity = Identity(
            serviceName: resource.attributes.isEmpty ? Self.nameless : resource.serviceName,
            tags: resource.attributes.filter { $0.key != "service.name" })
        let place = places[identity] ?? processes.count
        if place == processes.count {
            places[identity] = place
            processes.append(
                Process(
                    name: "p\(place + 1)", serviceName: identity.serviceName, tags: identity.tags))
        }
        latest = (resource.attributes, place)
        return processes[place].name
    }

    /// As Go writes a map: p10 stands before p2.
    var inOrder: [Process] { processes.sorted { $0.name < $1.name } }
}
