/// What can be made to go wrong with control planes, with the Envoys at the edge and with their
/// certificates. One row each in `row`.
enum ControlPlaneFaultKind: String, CaseIterable, Sendable {
    // Between an asker and any endpoint.
    case htmlPage = "html-page"
    case slowAnswers = "slow-answers"
    case noAnswers = "no-answers"
    case brokenAnswers = "broken-answers"
    case notReached = "not-reached"
    case unauthenticated, forbidden
    // istiod.
    case istiodNotReady = "istiod-not-ready"
    case debugUnauthenticated = "debug-unauthenticated"
    case debugForbidden = "debug-forbidden"
    case configurationRejected = "configuration-rejected"
    case configurationStale = "configuration-stale"
    case configurationInvalid = "configuration-invalid"
    case duplicateDomain = "duplicate-domain"
    case duplicateSubset = "duplicate-subset"
    case duplicateHost = "duplicate-host"
    case listenerConflict = "listener-conflict"
    case endpointsMissing = "endpoints-missing"
    case remoteClusterLost = "remote-cluster-lost"
    case proxiesLost = "proxies-lost"
    case proxiesOutdated = "proxies-outdated"
    case pushesSlow = "pushes-slow"
    case signingFails = "signing-fails"
    case webhookBroken = "webhook-broken"
    case injectionFails = "injection-fails"
    case agentsCutOff = "agents-cut-off"
    case istioRootExpiring = "istio-root-expiring"
    // Nodes without sidecars.
    case cniNotReady = "cni-not-ready"
    case cniWithoutZtunnel = "cni-without-ztunnel"
    case ztunnelPodsPending = "ztunnel-pods-pending"
    case ztunnelCutOff = "ztunnel-cut-off"
    // Linkerd.
    case linkerdNotReady = "linkerd-not-ready"
    case linkerdUpdatesLost = "linkerd-updates-lost"
    case linkerdGatewayLost = "linkerd-gateway-lost"
    case linkerdIssuerExpiring = "linkerd-issuer-expiring"
    case linkerdIssuerExpired = "linkerd-issuer-expired"
    // Consul.
    case consulServerFailed = "consul-server-failed"
    case consulServerLeft = "consul-server-left"
    case consulWithoutLeader = "consul-without-leader"
    case consulForbidden = "consul-forbidden"
    case consulRateLimited = "consul-rate-limited"
    case consulRootExpiring = "consul-root-expiring"
    // Envoy.
    case envoyDraining = "envoy-draining"
    case envoyInitializing = "envoy-initializing"
    case envoyStateAbsent = "envoy-state-absent"
    case envoyControlPlaneLost = "envoy-control-plane-lost"
    case envoyCertificateExpiring = "envoy-certificate-expiring"
    case envoyCertificateExpired = "envoy-certificate-expired"
    case envoyCertificateAbsent = "envoy-certificate-absent"
    case envoyCertificateAbsentUnsigned = "envoy-certificate-absent-unsigned"
    case envoyCertificateUnread = "envoy-certificate-unread"

    struct Row: Sendable {
        /// What is seen of it.
        var meaning: String
        /// The alert of `deploy/rules` that finds it; nil where none does, or none should.
        var alert: String?
        /// To which replicas it can happen.
        var roles: [ControlPlaneRole]
        /// Where it happens if nothing else is said: a replica, or all of a component.
        var place: String
        /// In which cluster that is; in all that have it, if nil.
        var cluster: String?

        /// To any replica that is asked.
        static func anywhere(
            _ meaning: String, _ alert: String? = nil, at place: String = "istiod-0"
        ) -> Row {
            Row(
                meaning: meaning, alert: alert,
                roles: ControlPlaneRole.allCases.filter(\.hasEndpoints), place: place,
                cluster: "eu-1")
        }

        static func node(_ meaning: String, _ role: ControlPlaneRole, at place: String) -> Row {
            Row(
                meaning: meaning, alert: "MeshControlPlaneDegraded", roles: [role], place: place)
        }

        static func istiod(_ meaning: String, _ alert: String?, at place: String = "istiod") -> Row
        {
            Row(meaning: meaning, alert: alert, roles: [.istiod], place: place, cluster: "eu-1")
        }

        static func linkerd(_ meaning: String, _ alert: String?, at component: String) -> Row {
            Row(meaning: meaning, alert: alert, roles: [.linkerd], place: component)
        }

        static func consul(
            _ meaning: String, _ alert: String?, at place: String = "consul-server"
        ) -> Row {
            Row(meaning: meaning, alert: alert, roles: [.consul], place: place)
        }

        static func envoy(_ meaning: String, _ alert: String?) -> Row {
            Row(
                meaning: meaning, alert: alert, roles: [.envoy], place: "ingress-envoy-0",
                cluster: "eu-1")
        }
    }
}

extension ControlPlaneFaultKind {
    var row: Row {
        switch self {
        case .htmlPage:
            .anywhere(
                "a page of HTML with status 200 stands before the replica", unobserved,
                at: "ingress-envoy")
        case .slowAnswers: .anywhere("the replica answers after three seconds", degraded)
        case .noAnswers: .anywhere("the replica takes requests and does not answer", degraded)
        case .brokenAnswers:
            .anywhere(
                "the connection ends in the middle of each of the replica's answers", degraded)
        case .notReached:
            .anywhere("a proxy before the replica does not reach it, and answers 503", degraded)
        case .unauthenticated:
            .anywhere("the replica wants credentials (401)", unobserved, at: "ingress-envoy")
        case .forbidden:
            .anywhere(
                "the replica does not allow what is asked (403)", unobserved, at: "ingress-envoy")
        case .istiodNotReady:
            .istiod("a replica of istiod is not ready (503)", degraded, at: "istiod-0")
        case .debugUnauthenticated: .istiod("istiod's /debug wants credentials (401)", nil)
        case .debugForbidden: .istiod("istiod's /debug is not allowed (403)", nil)
        case .configurationRejected:
            .istiod(
                "a fifth of the proxies refuse their listeners (NACK)", "MeshConfigurationRejected")
        case .configurationStale:
            .istiod(
                "a tenth of the proxies have not acknowledged their clusters for five minutes",
                issue)
        case .configurationInvalid:
            .istiod("the webhook refuses what somebody applies again and again", nil)
        case .duplicateDomain: .istiod("two virtual services route the same host", issue)
        case .duplicateSubset:
            .istiod("two destination rules for a host have subsets of the same name", issue)
        case .duplicateHost: .istiod("two service entries have the same host", issue)
        case .listenerConflict:
            .istiod("two services want the same port in different ways", issue)
        case .endpointsMissing: .istiod("a host that DNS resolves has no endpoints", issue)
        case .remoteClusterLost:
            .istiod(
                "istiod takes too long to read the first of the other clusters",
                "MeshRemoteClusterNotSynced")
        case .proxiesLost: .istiod("a replica of istiod has no proxies", nil, at: "istiod-0")
        case .proxiesOutdated: .istiod("a third of the proxies are three releases old", issue)
        case .pushesSlow: .istiod("changes take more than ten seconds to the proxies", degraded)
        case .signingFails: .istiod("istiod's CA cannot sign", degraded)
        case .webhookBroken:
            .istiod("the validating webhook cannot read what it is asked", degraded)
        case .injectionFails: .istiod("pods are not given a proxy", degraded)
        case .agentsCutOff:
            .istiod("the agents beside a replica's proxies do not reach it", degraded)
        case .istioRootExpiring: .istiod("istiod's root expires in five days", authority)
        default: rowOfOthers
        }
    }

    private var rowOfOthers: Row {
        switch self {
        case .cniNotReady:
            .node("the CNI plug-in of a node is not installed", .cni, at: "istio-cni-0")
        case .cniWithoutZtunnel:
            .node("no ztunnel is connected to a node's agent", .cni, at: "istio-cni-0")
        case .ztunnelPodsPending:
            .node("pods of a node wait for their part of ztunnel", .ztunnel, at: "ztunnel-0")
        case .ztunnelCutOff:
            .node("a node's ztunnel does not reach istiod", .ztunnel, at: "ztunnel-0")
        case .linkerdNotReady:
            .linkerd(
                "the component is not ready (500, in plain words)", "MeshControlPlaneDown",
                at: "linkerd-destination")
        case .linkerdUpdatesLost:
            .linkerd("proxies' queues of endpoints overflow", degraded, at: "linkerd-destination")
        case .linkerdGatewayLost:
            .linkerd(
                "the gateways of other clusters do not answer", "MeshRemoteClusterNotSynced",
                at: "linkerd-service-mirror")
        case .linkerdIssuerExpiring:
            .linkerd("the issuer's certificate has 20 days left", authority, at: "linkerd-identity")
        case .linkerdIssuerExpired:
            .linkerd(
                "the issuer's certificate ended an hour ago", authority, at: "linkerd-identity")
        case .consulServerFailed:
            .consul(
                "autopilot finds the server not healthy (429, with its body)", degraded,
                at: "consul-server-2")
        case .consulServerLeft:
            .consul("the server is none of the peers any more", nil, at: "consul-server-2")
        case .consulWithoutLeader: .consul("the servers know of no leader", "MeshControlPlaneDown")
        case .consulForbidden: .consul("the token may not read operator's paths (403)", nil)
        case .consulRateLimited: .consul("autopilot is asked too often (429, no body)", nil)
        case .consulRootExpiring: .consul("the active root expires in five days", authority)
        case .envoyDraining:
            .envoy("Envoy sends its connections away (503, DRAINING)", degraded)
        case .envoyInitializing:
            .envoy(
                "Envoy waits for its configuration (503, PRE_INITIALIZING)",
                "MeshControlPlaneDown")
        case .envoyStateAbsent:
            .envoy("Envoy's /server_info leaves out the state, which means LIVE", nil)
        case .envoyControlPlaneLost: .envoy("Envoy has no healthy host of xds-grpc", degraded)
        case .envoyCertificateExpiring:
            .envoy("Envoy's certificate has two days left", "MeshCertificateExpiring")
        case .envoyCertificateExpired:
            .envoy("Envoy's certificate ended an hour ago", "MeshCertificateExpiring")
        case .envoyCertificateAbsent:
            .envoy("Envoy has no certificate; its gauge of days says 2147483647", nil)
        case .envoyCertificateAbsentUnsigned:
            .envoy("Envoy has no certificate; its gauge of days says 4294967295", nil)
        case .envoyCertificateUnread:
            .envoy("Envoy tells no time of the end, and 0 days", nil)
        default: preconditionFailure("Every fault has a row.")
        }
    }

    private var degraded: String { "MeshControlPlaneDegraded" }
    private var unobserved: String { "MeshControlPlaneUnobserved" }
    private var issue: String { "MeshConfigurationIssue" }
    private var authority: String { "MeshAuthorityCertificateExpiring" }
}
