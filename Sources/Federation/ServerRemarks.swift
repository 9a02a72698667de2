import Clusters
import TimeSeries

/// What a server remarked beside its answer, in its own words: they are about the text that it was
/// sent, which is not the user's.
struct ServerRemarks: Hashable, Sendable {
    var warnings: [String] = []
    var infos: [String] = []

    var isEmpty: Bool { warnings.isEmpty && infos.isEmpty }

    /// The remarks as the user is to read them.
    func annotations(of cluster: ClusterID) -> Annotations {
        var result = Annotations()
        for text in warnings { result.warn(Self.shown(text, cluster)) }
        for text in infos { result.inform(Self.shown(text, cluster)) }
        return result
    }

    /// PromQL's own remarks are about the query, but their positions are about the text that the
    /// cluster was sent; all others are about the cluster.
    private static func shown(_ text: String, _ cluster: ClusterID) -> String {
        guard text.hasPrefix("PromQL ") else { return "cluster \(cluster): \(text)" }
        guard text.hasSuffix(")"), let open = text.lastIndex(of: "(") else { return text }
        let position = text[text.index(after: open)...].dropLast()
        let isPosition =
            position.contains(":")
            && position.allSatisfy { $0.isASCII && ($0.isNumber || $0 == ":") }
        guard isPosition else { return text }
        return String(text[..<open].dropLast())
    }
}
