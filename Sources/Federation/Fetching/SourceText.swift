import Caching
import Clusters

extension Cluster {
    /// What the cluster's answers depend on besides the question: who it is, how it is asked, and
    /// what its server can do. Secrets are left out: they open doors, and do not say to what.
    /// `outOfOrderWindow` is the server's, milliseconds.
    func sourceText(_ capabilities: Capabilities, outOfOrderWindow: Int64) -> String {
        var lines = ["cluster \(id.name)"]
        lines += prometheus.urls.map { "url \($0)" }
        lines += prometheus.headers.map { "header \($0.name) \(Self.fingerprint($0.value))" }
        switch prometheus.authorization {
        case .basic(let username, _): lines.append("user \(username)")
        case .credentials(let type, .file(let path)): lines.append("\(type) \(path)")
        case .credentials(let type, .text): lines.append(type)
        case nil: break
        }
        lines.append("version \((capabilities.version ?? []).map(String.init))")
        lines.append("features \(capabilities.features)")
        lines.append("lookback \(capabilities.lookback ?? 0)")
        lines.append("histograms \(capabilities.hasNativeHistograms)")
        // What was kept while less was known to come late may be wrong.
        let delay = freshness?.milliseconds ?? outOfOrderWindow
        lines.append("late \(delay)")
        return lines.joined(separator: "\n")
    }

    /// A header may say whose data is wanted, and may be a secret.
    private static func fingerprint(_ text: String) -> String {
        var hash = StableHash(seed: 0)
        hash.add(Array(text.utf8))
        return String(hash.value, radix: 16)
    }
}
