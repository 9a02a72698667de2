/// When a certificate begins and ends, in seconds since the origin.
struct CertificateLife: Sendable {
    var begin: Double
    var end: Double

    static let day = 86_400.0
    static let hour = 3600.0

    // MARK: Those that others are signed with

    /// istiod's own root, which it also signs with: ten years from some months before the origin on.
    static func istioRoot(_ faults: ControlPlaneFaults, at seconds: Double) -> Self {
        longLived(faults[.istioRootExpiring], at: seconds)
    }

    /// The active root of Consul's mesh.
    static func consulRoot(_ faults: ControlPlaneFaults, at seconds: Double) -> Self {
        longLived(faults[.consulRootExpiring], at: seconds)
    }

    private static func longLived(_ expiring: FaultCourse, at seconds: Double) -> Self {
        let certificate = Self(begin: -200 * day, end: 3450 * day)
        guard let fault = expiring.begin(at: seconds) else { return certificate }
        // The same one, at the end of its life.
        return Self(begin: fault - 3645 * day, end: fault + 5 * day)
    }

    /// Linkerd's issuer: a year, renewed after eight months.
    static func linkerdIssuer(_ faults: ControlPlaneFaults, at seconds: Double) -> Self {
        if let fault = faults[.linkerdIssuerExpired].begin(at: seconds) {
            return Self(begin: fault - hour - 365 * day, end: fault - hour)
        }
        if let fault = faults[.linkerdIssuerExpiring].begin(at: seconds) {
            return Self(begin: fault - 345 * day, end: fault + 20 * day)
        }
        let period = 240 * day
        let begin = (seconds / period).rounded(.down) * period
        return Self(begin: begin, end: begin + 365 * day)
    }
}
