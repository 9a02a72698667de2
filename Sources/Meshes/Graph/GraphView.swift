// The first file to read in Graph. Reports of calls (`CallReport`) are gathered in a `CallLedger`,
// which is a pure value; `CallLedger.map(_:)` makes the `ServiceMap` that is shown. Nothing here asks
// a cluster, knows the time, or invents a call that nobody reported.

/// What the nodes of a service graph are.
public enum GraphView: String, Hashable, Sendable, CaseIterable {
    /// The services that are called, in each cluster; callers by the service that they serve.
    case service
    /// The workloads: deployments, daemon sets and the like.
    case workload
    /// The canonical services: all versions of a workload together.
    case app
    /// The canonical services by their revisions.
    case versionedApp = "versioned-app"
}
