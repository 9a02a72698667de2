extension Span {
    /// The clusters whose stores hold the span: what merging noted, else what its tags say.
    public var holders: [String] {
        if !clusters.isEmpty { return clusters }
        if case .string(let names) = attributes["isthmus.clusters"] {
            return names.split(separator: ",").map(String.init)
        }
        if case .string(let name) = resource.attributes["cluster"] { return [name] }
        return []
    }

    /// The cluster that the span is counted for: the first that holds it; empty where none is known.
    public var cluster: String { holders.first ?? "" }
}
