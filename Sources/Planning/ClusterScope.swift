import Clusters
import PromQL
import TimeSeries

/// What planning knows of one cluster: its labels and what its server can do, never where it is.
public struct ClusterScope: Hashable, Sendable {
    public var id: ClusterID
    public var externalLabels: Labels
    public var capabilities: Capabilities

    public init(id: ClusterID, externalLabels: Labels, capabilities: Capabilities) {
        self.id = id
        self.externalLabels = externalLabels
        self.capabilities = capabilities
    }

    /// Whether the server says that it is older than `version`.
    func isOlder(than version: PrometheusVersion) -> Bool {
        !capabilities.isAtLeast(version.major, version.minor)
    }

    /// Whether windows on this server hold the sample at their far edge too, as before 3.0: the
    /// union's windows are open on the left.
    var hasClosedWindows: Bool { isOlder(than: PrometheusVersion(3, 0)) }

    /// The name by which this server knows a function, where it is another one.
    var functionNames: [String: String] {
        isOlder(than: PrometheusVersion(3, 0))
            ? ["double_exponential_smoothing": "holt_winters"] : [:]
    }
}

/// Why a query cannot be planned. Each is the query's fault or a limit of this gateway that the
/// message names; nothing is guessed instead.
public enum PlanningFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// A part that can be computed neither by the clusters nor from their answers.
    case notDistributable(part: String, reason: String)
    /// A cluster's server is too old for a part that only servers can compute.
    case unsupported(part: String, cluster: ClusterID, since: PrometheusVersion)

    public var description: String {
        switch self {
        case .notDistributable(let part, let reason):
            "cannot be answered over several clusters: \(part): \(reason)"
        case .unsupported(let part, let cluster, let since):
            "\(part) needs Prometheus \(since.major).\(since.minor) or later, and cluster "
                + "\(cluster) runs an older one"
        }
    }
}
