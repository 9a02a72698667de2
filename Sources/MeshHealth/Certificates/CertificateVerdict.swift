/// How near a certificate's end is.
public struct CertificateVerdict: Hashable, Sendable {
    public enum State: String, Hashable, Sendable, CaseIterable, Comparable {
        case ok, warning, critical, expired
        /// Its end, or what would be near for it, is not known well enough.
        case unknown

        /// How bad it is, 0 for `ok`.
        public var severity: Int {
            switch self {
            case .ok: 0
            case .unknown: 1
            case .warning: 2
            case .critical: 3
            case .expired: 4
            }
        }

        public static func < (one: State, other: State) -> Bool { one.severity < other.severity }
    }

    /// What is certain.
    public var state: State
    /// What is possible at worst, where the end is not known exactly.
    public var worst: State
    /// Seconds to the latest end that is possible; negative where it has ended.
    public var remaining: Int64
}

extension Certificate {
    /// How near its end is at a time, seconds since the Unix epoch.
    public func verdict(at now: Int64) -> CertificateVerdict {
        let limits = CertificateLimits(of: self, at: now)
        func state(_ end: Int64) -> CertificateVerdict.State {
            let left = end.subtractingReportingOverflow(now).partialValue
            if left <= 0 { return .expired }
            guard let limits else { return .unknown }
            if left < limits.critical { return .critical }
            return left < limits.warning ? .warning : .ok
        }
        let best = state(expiry.latest)
        let worst = expiry.earliest.map(state) ?? .expired
        // Of "less than a day, or ended" one cannot say that it is well.
        let certain = best == .ok && expiry.earliest == nil ? .unknown : best
        return CertificateVerdict(
            state: certain, worst: max(worst, certain),
            remaining: expiry.latest.subtractingReportingOverflow(now).partialValue)
    }
}
