import Foundation
import TestSupport
import Testing

/// A state of the reference as a course: something changes in a simulated cluster, the gateway tells
/// what must be told of it, and takes it back when it ends.
struct StateCase: Sendable, CustomTestStringConvertible {
    /// What is done, and undone.
    enum Change: Sendable {
        case nothing
        /// A fault of the simulation at a replica, or at all of a component.
        case fault(String, at: String)
        /// A fault of a service's traffic or workloads.
        case serviceFault(String, at: String)
        /// The simulated cluster, and all that is asked of it, is killed.
        case meshKilled
        case prometheusKilled
    }

    var state: ReferenceState
    var cluster: String
    var change: Change
    /// Courses of different lanes, of clusters or of their components, do not disturb each other.
    var lane: String
    /// Whether nothing else may be amiss in its lane; others of a lane run at once.
    var isAlone = false
    var usually: [Expectation]
    var during: [Expectation]

    var testDescription: String { name }

    /// Unique.
    var name: String {
        switch change {
        case .nothing: "\(state.rawValue) in \(cluster)"
        case .fault(let fault, let place): "\(state.rawValue): \(fault) at \(place) in \(cluster)"
        case .serviceFault(let fault, let place):
            "\(state.rawValue): \(fault) at \(place) in \(cluster)"
        case .meshKilled, .prometheusKilled: "\(state.rawValue) in \(cluster)"
        }
    }

    /// The fault that is switched.
    var fault: String? {
        switch change {
        case .fault(let fault, _), .serviceFault(let fault, _): fault
        case .nothing, .meshKilled, .prometheusKilled: nil
        }
    }

    /// What is run after what.
    enum Phase: CaseIterable {
        /// Nothing is amiss anywhere.
        case whole
        case faults
        /// Nobody can look at what is gone.
        case killing
    }

    var phase: Phase {
        switch change {
        case .nothing: .whole
        case .fault, .serviceFault: .faults
        case .meshKilled, .prometheusKilled: .killing
        }
    }

    // MARK: Ways to write one

    /// A component that is well, and of `replicas` too.
    private static func well(_ component: String, _ replicas: [String] = []) -> [Expectation] {
        [.component(component, "healthy")]
            + replicas.map { .replica($0, of: component, "healthy") }
    }

    /// What a fault makes of a component, one of its replicas and one of that's answers.
    private static func probed(
        _ state: ReferenceState, _ fault: String, at place: String, in cluster: String,
        _ component: String, _ componentState: String, _ replica: String, _ replicaState: String,
        _ problem: String
    ) -> StateCase {
        StateCase(
            state: state, cluster: cluster, change: .fault(fault, at: place),
            lane: "\(cluster)/\(component)", isAlone: true,
            usually: well(component, [replica]),
            during: [
                .component(component, componentState),
                .replica(replica, of: component, replicaState),
                .problem(replica, of: component, problem),
            ])
    }

    /// A fault that says nothing of a component's work.
    private static func harmless(
        _ state: ReferenceState, _ fault: String, at place: String, in cluster: String,
        _ component: String, _ further: Expectation...
    ) -> StateCase {
        StateCase(
            state: state, cluster: cluster, change: .fault(fault, at: place),
            lane: "\(cluster)/\(component)", isAlone: true, usually: well(component),
            during: [.component(component, "healthy")] + further)
    }

    /// What metrics alone tell of a component: its state, and in which words.
    private static func measured(
        _ state: ReferenceState, _ fault: String, at place: String, in cluster: String,
        _ component: String, _ componentState: String, _ words: String
    ) -> StateCase {
        StateCase(
            state: state, cluster: cluster, change: .fault(fault, at: place),
            lane: "\(cluster)/\(component)", isAlone: true, usually: well(component),
            during: [.component(component, componentState), .says(component, words)])
    }

    /// One of several things that metrics tell of a component at once.
    private static func said(
        _ state: ReferenceState, _ fault: String, in cluster: String, _ component: String,
        _ words: String
    ) -> StateCase {
        StateCase(
            state: state, cluster: cluster, change: .fault(fault, at: component),
            lane: "\(cluster)/\(component)", usually: [.not(.says(component, words))],
            during: [.says(component, words)])
    }

    private static func issue(
        _ state: ReferenceState, _ change: Change, in cluster: String, of component: String,
        _ kind: String, from source: String
    ) -> StateCase {
        StateCase(
            state: state, cluster: cluster, change: change, lane: "\(cluster)/\(component)",
            usually: [.not(.issue(kind, from: source))], during: [.issue(kind, from: source)])
    }

    private static func certificate(
        _ state: ReferenceState, _ change: Change, in cluster: String, of component: String,
        _ mesh: String, _ kind: String, _ severity: String, days: ClosedRange<Double>,
        heldBy holder: String = "", isAlone: Bool = false, and further: [Expectation] = []
    ) -> StateCase {
        let certificate = Expectation.certificate(mesh, kind, of: holder, severity, days)
        return StateCase(
            state: state, cluster: cluster, change: change, lane: "\(cluster)/\(component)",
            isAlone: isAlone, usually: [.not(certificate)] + further.map { .not($0) },
            during: [certificate] + further)
    }

    /// A certificate that a source tells of and, with the fault, does not.
    private static func withoutCertificate(
        _ state: ReferenceState, _ fault: String, at place: String, in cluster: String,
        _ component: String, _ kind: String, of holder: String, from source: String
    ) -> StateCase {
        StateCase(
            state: state, cluster: cluster, change: .fault(fault, at: place),
            lane: "\(cluster)/\(component)", isAlone: true,
            usually: [.held(kind, by: holder, from: source)],
            during: [.not(.held(kind, by: holder, from: source))])
    }

    // MARK: The table

    static let all =
        healthy + ways + istiod + istiodMeasured + istiodIssues + nodes + linkerd + consul + envoy
        + certificates + killed

    private static let healthy: [StateCase] = [
        ("eu-1", ["istiod", "egress-envoy", "ingress-envoy", "eastwest-envoy"]),
        ("us-1", ["istiod", "istio-agent"]), ("ap-1", ["istiod", "istio-agent"]),
        (
            "linkerd-1",
            [
                "linkerd-destination", "linkerd-identity", "linkerd-service-mirror",
                "linkerd-multicluster",
            ]
        ),
        ("consul-1", ["consul-server"]), ("ambient-1", ["istiod", "istio-cni", "ztunnel"]),
    ].map { cluster, components in
        StateCase(
            state: .healthy, cluster: cluster, change: .nothing, lane: "\(cluster)/health",
            usually: [], during: components.flatMap { well($0) } + [.isUp(true)])
    }

    private static let ways: [StateCase] = [
        probed(
            .html, "html-page", at: "eastwest-envoy", in: "eu-1", "eastwest-envoy", "unknown",
            "eastwest-envoy-1", "unknown", "html"),
        probed(
            .forbidden, "forbidden", at: "eastwest-envoy", in: "eu-1", "eastwest-envoy",
            "unauthorized", "eastwest-envoy-0", "unauthorized", "forbidden"),
        probed(
            .unauthenticated, "unauthenticated", at: "ingress-envoy", in: "eu-1", "ingress-envoy",
            "unauthorized", "ingress-envoy-0", "unauthorized", "unauthorized"),
        probed(
            .notReached, "not-reached", at: "ingress-envoy", in: "eu-1", "ingress-envoy",
            "unreachable", "ingress-envoy-1", "unreachable", "proxy"),
        probed(
            .silent, "no-answers", at: "linkerd-destination", in: "linkerd-1",
            "linkerd-destination", "unreachable", "linkerd-destination-0", "unreachable",
            "timeout"),
        probed(
            .broken, "broken-answers", at: "linkerd-identity-1", in: "linkerd-1",
            "linkerd-identity", "degraded", "linkerd-identity-1", "unreachable", "interrupted"),
        probed(
            .slow, "slow-answers", at: "linkerd-service-mirror", in: "linkerd-1",
            "linkerd-service-mirror", "degraded", "linkerd-service-mirror-0", "degraded", "slow"),
    ]

    private static let istiod: [StateCase] = [
        probed(
            .notReady, "istiod-not-ready", at: "istiod-0", in: "eu-1", "istiod", "degraded",
            "istiod-0", "unhealthy", "not_ready"),
        probed(
            .notReadyAnywhere, "istiod-not-ready", at: "istiod", in: "eu-1", "istiod",
            "unhealthy", "istiod-1", "unhealthy", "not_ready"),
        harmless(
            .debugUnauthenticated, "debug-unauthenticated", at: "istiod-0", in: "ap-1", "istiod",
            .problem("istiod-0", of: "istiod", "unauthorized")),
        harmless(
            .debugForbidden, "debug-forbidden", at: "istiod-0", in: "ap-1", "istiod",
            .problem("istiod-0", of: "istiod", "forbidden")),
        StateCase(
            state: .slice, cluster: "ap-1", change: .nothing, lane: "ap-1/istiod", usually: [],
            during: [.proxiesAreSlice]),
    ]

    /// What only metrics tell.
    private static let istiodMeasured: [StateCase] = [
        measured(
            .pushesSlow, "pushes-slow", at: "istiod", in: "ap-1", "istiod", "degraded",
            "How long a change takes to all its proxies"),
        measured(
            .signingFails, "signing-fails", at: "istiod", in: "ambient-1", "istiod", "unhealthy",
            "requests for certificates that get none"),
        measured(
            .proxiesLost, "proxies-lost", at: "istiod-0", in: "us-1", "istiod", "degraded",
            "The share of proxies that were connected"),
        measured(
            .agentsCutOff, "agents-cut-off", at: "istiod", in: "us-1", "istio-agent", "unhealthy",
            "The share of agents that failed to connect to istiod"),
        said(.pushesSlow, "pushes-slow", in: "us-1", "istiod", "How long a push takes"),
        said(.signingFails, "signing-fails", in: "us-1", "istiod", "could not sign"),
        said(
            .webhookBroken, "webhook-broken", in: "us-1", "istiod",
            "the validating webhook could not read"),
        said(
            .injectionFails, "injection-fails", in: "us-1", "istiod",
            "Pods that could not be given a proxy"),
    ]

    private static let istiodIssues: [StateCase] = {
        let issues: [(state: ReferenceState, fault: String, kind: String)] = [
            (.rejected, "configuration-rejected", "rejected_configuration"),
            (.duplicateDomain, "duplicate-domain", "duplicate_domain"),
            (.duplicateSubset, "duplicate-subset", "duplicate_subset"),
            (.duplicateCluster, "duplicate-host", "duplicate_cluster"),
            (.listenerConflict, "listener-conflict", "listener_conflict"),
            (.withoutEndpoints, "endpoints-missing", "cluster_without_endpoints"),
            (.remoteLost, "remote-cluster-lost", "remote_cluster_not_synced"),
        ]
        let both = issues.flatMap { row in
            [("eu-1", "probe"), ("us-1", "metric")].map { cluster, source in
                issue(
                    row.state, .fault(row.fault, at: "istiod"), in: cluster, of: "istiod",
                    row.kind, from: source)
            }
        }
        return both + [
            issue(
                .stale, .fault("configuration-stale", at: "istiod"), in: "eu-1", of: "istiod",
                "stale_configuration", from: "probe"),
            issue(
                .invalid, .fault("configuration-invalid", at: "istiod"), in: "us-1", of: "istiod",
                "validation_failed", from: "metric"),
            issue(
                .versionSkew, .fault("proxies-outdated", at: "istiod"), in: "us-1", of: "istiod",
                "version_skew", from: "metric"),
            issue(
                .unknownCluster, .serviceFault("subset-missing", at: "cart"), in: "us-1",
                of: "istiod", "unknown_cluster", from: "metric"),
            issue(
                .noRoute, .serviceFault("route-missing", at: "cart"), in: "us-1", of: "istiod",
                "no_route", from: "metric"),
        ]
    }()

    private static let nodes: [StateCase] = [
        measured(
            .cniNotReady, "cni-not-ready", at: "istio-cni-0", in: "ambient-1", "istio-cni",
            "degraded", "the plug-in is not installed"),
        measured(
            .cniWithoutZtunnel, "cni-without-ztunnel", at: "istio-cni-0", in: "ambient-1",
            "istio-cni", "degraded", "has no ztunnel connected"),
        measured(
            .ztunnelPending, "ztunnel-pods-pending", at: "ztunnel-0", in: "ambient-1", "ztunnel",
            "degraded", "for their part of ztunnel"),
        measured(
            .ztunnelCutOff, "ztunnel-cut-off", at: "ztunnel-0", in: "ambient-1", "ztunnel",
            "degraded", "ztunnels that istiod was lost to"),
    ]

    private static let linkerd: [StateCase] = [
        probed(
            .linkerdNotReady, "linkerd-not-ready", at: "linkerd-destination", in: "linkerd-1",
            "linkerd-destination", "unhealthy", "linkerd-destination-1", "unhealthy", "not_ready"),
        measured(
            .updatesLost, "linkerd-updates-lost", at: "linkerd-destination", in: "linkerd-1",
            "linkerd-destination", "degraded", "whose queue of endpoints has overflown"),
        issue(
            .gatewayLost, .fault("linkerd-gateway-lost", at: "linkerd-service-mirror"),
            in: "linkerd-1", of: "linkerd-multicluster", "remote_cluster_not_synced",
            from: "metric"),
    ]

    private static let consul: [StateCase] = [
        probed(
            .serverFailed, "consul-server-failed", at: "consul-server-2", in: "consul-1",
            "consul-server", "degraded", "consul-server-0", "degraded", "server_failed"),
        probed(
            .quorumLost, "consul-server-failed", at: "consul-server", in: "consul-1",
            "consul-server", "unhealthy", "consul-server-1", "unhealthy", "quorum_lost"),
        probed(
            .withoutLeader, "consul-without-leader", at: "consul-server", in: "consul-1",
            "consul-server", "unhealthy", "consul-server-1", "unhealthy", "no_leader"),
        // Its metrics are still there, and of three servers none may fail.
        measured(
            .serverLeft, "consul-server-left", at: "consul-server-2", in: "consul-1",
            "consul-server", "degraded", "none may fail any more"),
        harmless(
            .operatorForbidden, "consul-forbidden", at: "consul-server", in: "consul-1",
            "consul-server", .problem("consul-server-0", of: "consul-server", "forbidden")),
        harmless(
            .rateLimited, "consul-rate-limited", at: "consul-server", in: "consul-1",
            "consul-server", .problem("consul-server-2", of: "consul-server", "rate_limited")),
    ]

    private static let envoy: [StateCase] = [
        probed(
            .draining, "envoy-draining", at: "ingress-envoy-0", in: "eu-1", "ingress-envoy",
            "degraded", "ingress-envoy-0", "degraded", "draining"),
        probed(
            .initializing, "envoy-initializing", at: "ingress-envoy-0", in: "eu-1",
            "ingress-envoy", "unhealthy", "ingress-envoy-0", "unhealthy", "starting"),
        harmless(
            .stateAbsent, "envoy-state-absent", at: "egress-envoy", in: "eu-1", "egress-envoy",
            .seenAgain("egress-envoy")),
        probed(
            .controlPlaneLost, "envoy-control-plane-lost", at: "eastwest-envoy-0", in: "eu-1",
            "eastwest-envoy", "degraded", "eastwest-envoy-0", "degraded", "no_healthy_host"),
    ]

    private static let certificates: [StateCase] = [
        certificate(
            .rootExpiring, .fault("istio-root-expiring", at: "istiod"), in: "us-1", of: "istiod",
            "istio", "root", "critical", days: 4.9...5.1),
        certificate(
            .rootExpiring, .fault("consul-root-expiring", at: "consul-server"), in: "consul-1",
            of: "certificates", "consul", "root", "critical", days: 4.9...5.1),
        certificate(
            .issuerExpiring, .fault("linkerd-issuer-expiring", at: "linkerd-identity"),
            in: "linkerd-1", of: "linkerd-identity", "linkerd", "issuer", "warning",
            days: 19.9...20.1, isAlone: true),
        certificate(
            .issuerExpired, .fault("linkerd-issuer-expired", at: "linkerd-identity"),
            in: "linkerd-1", of: "linkerd-identity", "linkerd", "issuer", "expired",
            days: -0.1...0.01, isAlone: true, and: [.component("linkerd-identity", "unhealthy")]),
        certificate(
            .workloadLate, .serviceFault("workload-certificate", at: "cart"), in: "us-1",
            of: "istiod", "istio", "workload", "critical", days: 0.03...0.05),
        certificate(
            .serverExpiring, .fault("envoy-certificate-expiring", at: "egress-envoy-0"),
            in: "eu-1", of: "egress-envoy", "envoy", "server", "critical", days: 1.9...2.1,
            heldBy: "egress-envoy-0", isAlone: true),
        certificate(
            .serverExpired, .fault("envoy-certificate-expired", at: "egress-envoy-0"), in: "eu-1",
            of: "egress-envoy", "envoy", "server", "expired", days: -0.1...0.01,
            heldBy: "egress-envoy-0", isAlone: true),
        StateCase(
            state: .unread, cluster: "eu-1",
            change: .fault("envoy-certificate-unread", at: "egress-envoy-0"),
            lane: "eu-1/egress-envoy", isAlone: true,
            usually: [.not(.openEnd(by: "egress-envoy-0"))],
            during: [.openEnd(by: "egress-envoy-0")]),
        withoutCertificate(
            .noCertificate, "envoy-certificate-absent", at: "ingress-envoy-0", in: "eu-1",
            "ingress-envoy", "server", of: "ingress-envoy-0", from: "envoy_certs"),
        // Envoy's gauge of whole days.
        withoutCertificate(
            .noneSigned, "envoy-certificate-absent", at: "ingress-envoy", in: "us-1", "ingress",
            "workload", of: "ingress-envoy", from: "envoy_days"),
        withoutCertificate(
            .noneUnsigned, "envoy-certificate-absent-unsigned", at: "egress-envoy", in: "us-1",
            "egress", "workload", of: "egress-envoy", from: "envoy_days"),
        // What may be less than a day is what the agent knows better.
        withoutCertificate(
            .noughtDays, "envoy-certificate-unread", at: "eastwest-envoy", in: "us-1", "eastwest",
            "workload", of: "eastwest-envoy", from: "envoy_days"),
    ]

    private static let killed: [StateCase] = [
        StateCase(
            state: .killed, cluster: "eu-1", change: .meshKilled, lane: "eu-1",
            usually: well("istiod", ["istiod-0"]) + well("egress-envoy"),
            during: [
                .component("istiod", "unreachable"), .component("egress-envoy", "unreachable"),
                .problem("istiod-0", of: "istiod", "connection"),
            ]),
        StateCase(
            state: .metricsGone, cluster: "ambient-1", change: .meshKilled, lane: "ambient-1",
            usually: well("istiod") + well("ztunnel") + [.isUp(true)],
            during: [
                .component("istiod", "unreachable"), .component("ztunnel", "unreachable"),
                .says("istio-cni", "come no more"), .isUp(true),
            ]),
        StateCase(
            state: .prometheusGone, cluster: "us-1", change: .prometheusKilled, lane: "us-1",
            usually: well("istiod") + [.isUp(true)],
            during: [
                .component("istiod", "unknown"), .says("istiod", "Prometheus does not answer"),
                .isUp(false),
            ]),
    ]
}
