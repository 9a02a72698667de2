/// What a push of istiod's can come upon: a gauge, and an entry of `/debug/push_status` (istio's
/// `pilot/pkg/model/push_context.go`).
struct PushIssue: Sendable {
    var fault: ControlPlaneFaultKind
    var metric: String
    /// What it is about.
    var subject: String
    var message: String

    static let all = [
        PushIssue(
            fault: .duplicateDomain, metric: "pilot_vservice_dup_domain",
            subject: "cart.shop.svc.cluster.local:8080",
            message: "duplicate domain from virtual service: cart.shop.svc.cluster.local"),
        PushIssue(
            fault: .listenerConflict, metric: "pilot_conflict_inbound_listener",
            subject: "0.0.0.0:8080",
            message: "conflicting inbound listener: 0.0.0.0:8080, tcp and http"),
        PushIssue(
            fault: .duplicateHost, metric: "pilot_duplicate_envoy_clusters",
            subject: "outbound|443||mail.example",
            message: "duplicate cluster outbound|443||mail.example"),
        PushIssue(
            fault: .duplicateSubset, metric: "pilot_destrule_subsets",
            subject: "cart.shop.svc.cluster.local",
            message: "duplicate subset v1 for cart.shop.svc.cluster.local"),
        PushIssue(
            fault: .endpointsMissing, metric: "pilot_dns_cluster_without_endpoints",
            subject: "outbound|443||mail.example",
            message: "no endpoints for the DNS cluster outbound|443||mail.example"),
    ]
}
