/// What can be made to go wrong while the mesh runs. One row each in `row`.
enum FaultKind: String, CaseIterable, Sendable {
    case latency
    case errors
    case circuitBreaker = "circuit-breaker"
    case retries
    case plaintext
    case certificate
    case workloadCertificate = "workload-certificate"
    case sidecarCrash = "sidecar-crash"
    case lostBetweenClusters = "lost-between-clusters"
    case subsetMissing = "subset-missing"
    case routeMissing = "route-missing"

    struct Row: Sendable {
        /// What is seen of it.
        var meaning: String
        /// The alert of `deploy/rules` that finds it.
        var alert: String
        /// Where it happens if nothing else is said: a workload that is well otherwise.
        var service: String
        /// In which cluster that is; in all where the workload runs, if nil.
        var cluster: String?
        /// Whether it happens to requests; else to the workload's pods.
        var concernsRequests = true
    }

    var row: Row {
        switch self {
        case .latency:
            Row(
                meaning: "a third of the requests to the service take seconds",
                alert: "MeshLatencyHigh", service: "cart")
        case .errors:
            Row(
                meaning: "a third of the requests to the service fail with status 500,"
                    + " or of gRPC with INTERNAL",
                alert: "MeshErrorRatioHigh", service: "cart")
        case .circuitBreaker:
            Row(
                meaning: "callers reject a quarter of the requests to the service,"
                    + " because too many wait (response flag UO)",
                alert: "MeshCircuitBreakerTripped", service: "cart")
        case .retries:
            Row(
                meaning: "callers repeat nearly half of the requests to the service,"
                    + " and some fail in spite of it (response flag URX)",
                alert: "MeshRetriesHigh", service: "cart")
        case .plaintext:
            Row(
                meaning: "three in five requests reach the service without mutual TLS",
                alert: "MeshMutualTLSFalling", service: "cart")
        case .certificate:
            Row(
                meaning: "a certificate of each of the workload's proxies expires in 10 days",
                alert: "MeshCertificateExpiring", service: "users", cluster: "eu-1",
                concernsRequests: false)
        case .workloadCertificate:
            Row(
                meaning: "the workload's certificates of 24 hours are not renewed,"
                    + " and have an hour left",
                alert: "MeshWorkloadCertificateNotRenewed", service: "cart",
                concernsRequests: false)
        case .sidecarCrash:
            Row(
                meaning: "the workload's proxies crash every 10 seconds",
                alert: "MeshSidecarCrashLooping", service: "cart", concernsRequests: false)
        case .lostBetweenClusters:
            Row(
                meaning: "three in ten requests from other clusters to the service leave those and"
                    + " never arrive (response flag UC)",
                alert: "MeshCrossClusterLoss", service: "notifications")
        case .subsetMissing:
            Row(
                meaning: "a fifth of the requests to the service are routed to a subset of it that"
                    + " nobody has defined (response flag NC)",
                alert: "MeshConfigurationIssue", service: "cart")
        case .routeMissing:
            Row(
                meaning: "a fifth of the requests to the service have no route (response flag NR)",
                alert: "MeshConfigurationIssue", service: "cart")
        }
    }
}
