/// What can be wrong with a mesh's configuration: the table of what it means and what to do.
public enum IssueKind: String, Hashable, Sendable, CaseIterable {
    case rejectedConfiguration = "rejected_configuration"
    case staleConfiguration = "stale_configuration"
    case ignoredConfiguration = "ignored_configuration"
    case validationFailed = "validation_failed"
    case listenerConflict = "listener_conflict"
    case duplicateDomain = "duplicate_domain"
    case duplicateCluster = "duplicate_cluster"
    case duplicateSubset = "duplicate_subset"
    case clusterWithoutEndpoints = "cluster_without_endpoints"
    case serviceWithoutInstances = "service_without_instances"
    case endpointWithoutPod = "endpoint_without_pod"
    case filterFailed = "filter_failed"
    case unknownProvider = "unknown_provider"
    case keysNotFetched = "keys_not_fetched"
    case secretNotLoaded = "secret_not_loaded"
    case remoteClusterNotSynced = "remote_cluster_not_synced"
    case versionSkew = "version_skew"
    case noRoute = "no_route"
    case unknownCluster = "unknown_cluster"
    case filterConfigurationMissing = "filter_configuration_missing"

    /// A row of the table.
    struct Row {
        var severity: IssueSeverity
        var meaning: String
        var remedy: String

        init(_ severity: IssueSeverity, _ meaning: String, _ remedy: String) {
            self.severity = severity
            self.meaning = meaning
            self.remedy = remedy
        }
    }

    public var severity: IssueSeverity { row.severity }
    /// What it means, one sentence.
    public var meaning: String { row.meaning }
    /// What to do, one sentence.
    public var remedy: String { row.remedy }

    /// What a counter of `/debug/push_status` is about; the same as the gauge of that name.
    static let ofPushStatus: [String: IssueKind] = [
        "pilot_conflict_inbound_listener": .listenerConflict,
        "pilot_conflict_outbound_listener_tcp_over_current_tcp": .listenerConflict,
        "pilot_conflict_outbound_listener_http_over_current_tcp": .listenerConflict,
        "pilot_conflict_outbound_listener_tcp_over_current_http": .listenerConflict,
        "pilot_vservice_dup_domain": .duplicateDomain,
        "pilot_duplicate_envoy_clusters": .duplicateCluster,
        "pilot_destrule_subsets": .duplicateSubset,
        "pilot_dns_cluster_without_endpoints": .clusterWithoutEndpoints,
        "pilot_eds_no_instances": .serviceWithoutInstances,
        "pilot_no_ip": .endpointWithoutPod, "pilot_endpoint_not_ready": .endpointWithoutPod,
        "endpoint_no_pod": .endpointWithoutPod,
    ]

    private var row: Row {
        switch self {
        case .rejectedConfiguration:
            Row(
                .critical,
                "Proxies refuse what the control plane sends (NACK) and go on with what they had.",
                "Read the proxy's message: most often an EnvoyFilter or an extension that this "
                    + "release of the proxy does not take; undo the last change to it.")
        case .staleConfiguration:
            Row(
                .warning, "Proxies have not acknowledged what was sent to them for a while.",
                "See whether the proxy is starved of CPU or cut off from the control plane; "
                    + "restart it where it is stuck.")
        case .ignoredConfiguration:
            Row(
                .warning, "The control plane leaves out configuration that it cannot use.",
                "Look for servers of gateways with the same host and port, and for secrets that "
                    + "are missing; `istioctl analyze` names them.")
        case .validationFailed:
            Row(
                .info, "Somebody has applied configuration that the webhook refused.",
                "Whoever applied it was told why; where a pipeline repeats it, mend its source.")
        case .listenerConflict:
            Row(
                .warning, "Two services want the same port in different ways; one of them is lost.",
                "Give ports of different protocols names that say so, or addresses of their own.")
        case .duplicateDomain:
            Row(
                .warning, "Two virtual services route the same host; one of them is ignored.",
                "Merge them, or tell them apart by gateway or host.")
        case .duplicateCluster:
            Row(
                .warning, "Two service entries have the same host; one of them is ignored.",
                "Merge the service entries.")
        case .duplicateSubset:
            Row(
                .warning,
                "Destination rules for one host have subsets of the same name; one is ignored.",
                "Merge the destination rules, or name the subsets apart.")
        case .clusterWithoutEndpoints:
            Row(
                .warning, "A host that is resolved by DNS, or a subset of it, has no endpoints.",
                "Add endpoints to the service entry, or see whether the subset's labels are those "
                    + "of any pod.")
        case .serviceWithoutInstances:
            Row(
                .info, "Services without any pod are known to the proxies.",
                "Nothing, where they are scaled to none on purpose.")
        case .endpointWithoutPod:
            Row(
                .info, "Endpoints do not fit the pods that are there.",
                "Nothing, while pods come and go; where it stays, look at the endpoints by hand.")
        case .filterFailed:
            Row(
                .warning, "An EnvoyFilter could not be applied.",
                "See whether what it matches still has that name in this release.")
        case .unknownProvider:
            Row(
                .warning, "A telemetry or authorization provider's service is not known.",
                "See whether the extension provider in the mesh's configuration names a service "
                    + "that exists.")
        case .keysNotFetched:
            Row(
                .warning,
                "The keys of an issuer of tokens cannot be fetched; its tokens are refused.",
                "See whether istiod reaches the issuer's `jwksUri`.")
        case .secretNotLoaded:
            Row(
                .warning, "A gateway's secret cannot be read or is no certificate.",
                "See whether the secret is in the gateway's namespace and holds a key that fits.")
        case .remoteClusterNotSynced:
            Row(
                .critical,
                "The endpoints of another cluster are not read: traffic does not go there.",
                "See whether the secret's credentials are still valid and the API server can be "
                    + "reached from the control plane.")
        case .versionSkew:
            Row(
                .warning, "Control planes and proxies are of versions that are not meant to meet.",
                "Restart the workloads of the old version, so that new proxies are injected, "
                    + "or finish the control plane's upgrade.")
        case .noRoute:
            Row(
                .warning, "Requests have no route (NR) and are answered with 404.",
                "See whether a virtual service has a route for this host and path, and whether "
                    + "the caller's Sidecar lets it see the host.")
        case .unknownCluster:
            Row(
                .critical, "Requests are routed to a cluster that the proxy does not know (NC).",
                "Most often a virtual service names a subset that no destination rule has: "
                    + "define the subset, or name the right one.")
        case .filterConfigurationMissing:
            Row(
                .warning, "A filter's configuration has not come (NFCF, RFCF): requests fail.",
                "See whether the extension's resource is accepted and its image can be loaded.")
        }
    }
}
