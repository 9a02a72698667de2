import ControlPlane
import MeshHealth
import PrometheusAPI

/// What is told of a cluster's control planes beside everything else of the cluster.
struct ControlPlaneSummary: Sendable {
    var health: ClusterHealth
    var issues: Int
    /// Certificates that end soon or have ended.
    var expiring: Int

    /// Of the clusters that were looked at, by name; judged at a time in seconds since the Unix
    /// epoch.
    static func all(
        of report: ControlPlaneReport, at now: Int64
    ) -> [String: ControlPlaneSummary] {
        var summaries: [String: ControlPlaneSummary] = [:]
        for health in report.picture.fleet.clusters {
            summaries[health.cluster] = ControlPlaneSummary(
                health: health, issues: 0, expiring: 0)
        }
        for issue in report.picture.issues { summaries[issue.component.cluster]?.issues += 1 }
        for certificate in report.picture.certificates
        where certificate.verdict(at: now).state >= .warning {
            summaries[certificate.cluster]?.expiring += 1
        }
        return summaries
    }

    var json: JSONValue {
        let amiss = health.components.filter { $0.state != .healthy }
        return [
            "state": .string(health.state.rawValue),
            "because": .array(amiss.map { .string("\($0.id.name): \($0.detail)") }),
            "components": .integer(Int64(health.components.count)),
            "issues": .integer(Int64(issues)), "expiring": .integer(Int64(expiring)),
        ]
    }
}
