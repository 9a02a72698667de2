/// What is wrong with a reading, free of data: for labels of metrics and conditions of alerts.
public enum ProbeProblem: String, Hashable, Sendable, CaseIterable {
    // No answer.
    case resolution, connection, timeout, tls, proxy, interrupted, malformed
    case tooLarge = "too_large"
    case configuration
    // An answer that is none of the endpoint.
    case unauthorized, forbidden, redirect
    case notFound = "not_found"
    case rateLimited = "rate_limited"
    case serverError = "server_error"
    case unexpectedStatus = "unexpected_status"
    case html, empty, truncated
    case notJSON = "not_json"
    case wrongShape = "wrong_shape"
    // What the answer tells.
    case notReady = "not_ready"
    case starting, draining, slow
    case noLeader = "no_leader"
    case quorumLost = "quorum_lost"
    case serverFailed = "server_failed"
    case noTolerance = "no_tolerance"
    case assertionFailed = "assertion_failed"
    case rejectedConfiguration = "rejected_configuration"
    case staleConfiguration = "stale_configuration"
    case remoteClusters = "remote_clusters"
    case configurationIssues = "configuration_issues"
    case noHealthyHost = "no_healthy_host"
    case noActiveRoot = "no_active_root"

    /// Whether somebody has set something up wrongly between us and the endpoint, rather than that
    /// the endpoint fails.
    public var isMisconfiguration: Bool {
        switch self {
        case .html, .redirect, .notFound, .configuration, .malformed, .unexpectedStatus, .notJSON,
            .wrongShape:
            true
        default: false
        }
    }
}
