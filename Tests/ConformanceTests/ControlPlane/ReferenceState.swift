/// What control planes, certificates and the ways to them can be like: the list of the reference. Each
/// of them is a case of `StateCase`. What real TLS servers show is `HandshakeTruthTests`' list.
enum ReferenceState: String, CaseIterable, Sendable {
    case healthy

    // Between an asker and an endpoint.
    case html = "a page of HTML with status 200"
    case slow = "slow"
    case silent = "no answer"
    case broken = "half an answer"
    case notReached = "503 of a proxy"
    case unauthenticated = "401"
    case forbidden = "403"
    case killed = "nobody listens"

    // istiod, by its endpoints or by metrics alone.
    case notReady = "503"
    case notReadyAnywhere = "503 of all replicas"
    case debugUnauthenticated = "401 of /debug alone"
    case debugForbidden = "403 of /debug alone"
    case slice = "a slice of the proxies"
    case rejected = "NACK"
    case stale = "not acknowledged"
    case invalid = "refused by the webhook"
    case duplicateDomain = "duplicate domain"
    case duplicateSubset = "duplicate subset"
    case duplicateCluster = "duplicate cluster"
    case listenerConflict = "conflict of listeners"
    case withoutEndpoints = "cluster without endpoints"
    case remoteLost = "remote cluster not synced"
    case versionSkew = "version skew"
    case noRoute = "NR"
    case unknownCluster = "NC"
    case proxiesLost = "proxies lost"
    case pushesSlow = "slow pushes"
    case signingFails = "a CA that does not sign"
    case webhookBroken = "a webhook that cannot read"
    case injectionFails = "failing injection"
    case agentsCutOff = "agents without istiod"

    // Nodes without sidecars.
    case cniNotReady = "CNI not ready"
    case cniWithoutZtunnel = "CNI without ztunnel"
    case ztunnelPending = "pods that wait for ztunnel"
    case ztunnelCutOff = "ztunnel without istiod"

    // Linkerd.
    case linkerdNotReady = "500 not ready"
    case updatesLost = "lost updates"
    case gatewayLost = "a gateway that does not answer"

    // Consul.
    case serverFailed = "429 with a body"
    case quorumLost = "429 without a majority"
    case serverLeft = "a server that has left"
    case withoutLeader = "an empty leader"
    case operatorForbidden = "403 of the operator's paths alone"
    case rateLimited = "429 without a body"

    // Envoy.
    case draining = "DRAINING"
    case initializing = "PRE_INITIALIZING"
    case stateAbsent = "no state"
    case controlPlaneLost = "no healthy host of xds-grpc"

    // Certificates.
    case rootExpiring = "a root near its end"
    case issuerExpiring = "an issuer near its end"
    case issuerExpired = "an issuer past its end"
    case workloadLate = "a workload's near its end"
    case serverExpiring = "a server's near its end"
    case serverExpired = "a server's past its end"
    case noCertificate = "none, by /certs"
    case noneSigned = "2147483647"
    case noneUnsigned = "4294967295"
    case unread = "0 days and no time"
    case noughtDays = "0 days"

    // What one hears by.
    case metricsGone = "metrics that come no more"
    case prometheusGone = "a Prometheus that does not answer"
}
