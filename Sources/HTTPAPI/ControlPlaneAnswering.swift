import ControlPlane

/// What is known of control planes and certificates, as a function, so that the server works with
/// canned reports too.
package struct ControlPlaneAnswering: Sendable {
    /// The last complete look.
    package var report: @Sendable () async -> ControlPlaneReport

    package init(report: @escaping @Sendable () async -> ControlPlaneReport) {
        self.report = report
    }
}
