import Federation

/// The parameter `clusters` of `rules` and `alerts`: whose own rules are told beside the gateway's.
/// Absent, nobody's; `all`, those of all clusters; else those of the clusters that are named,
/// separated by commas.
enum ClusterChoice: Hashable, Sendable {
    case none
    case all
    case named(Set<String>)

    init(_ call: Call) {
        let values = call.parameters[all: "clusters"].flatMap { $0.split(separator: ",") }
        let names = Set(values.map(String.init))
        if names.isEmpty {
            self = .none
        } else if names.contains("all") {
            self = .all
        } else {
            self = .named(names)
        }
    }

    /// What the clusters are to be asked; nil for nothing.
    func request(
        _ subject: ClusterRulesRequest.Subject, partialResponse: Bool
    ) -> ClusterRulesRequest? {
        switch self {
        case .none: nil
        case .all: ClusterRulesRequest(subject, partialResponse: partialResponse)
        case .named(let names):
            ClusterRulesRequest(subject, clusters: names, partialResponse: partialResponse)
        }
    }
}
