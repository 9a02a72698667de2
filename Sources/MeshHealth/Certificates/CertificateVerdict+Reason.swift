extension Certificate {
    /// Why the verdict at that time is as it is, one sentence.
    public func reason(at now: Int64) -> String {
        let verdict = verdict(at: now)
        switch verdict.state {
        case .expired:
            return verdict.remaining == 0
                ? "it ends now" : "it ended \(Self.words(seconds: verdict.remaining)) ago"
        case .unknown:
            let isOpen = expiry.earliest == nil
            return end(verdict) + (isOpen ? "" : ", and how long it was to live is not known")
        case .warning, .critical:
            return end(verdict) + (limit(verdict.state, now).map { ", \($0)" } ?? "")
        case .ok:
            return end(verdict)
        }
    }

    /// When it ends, as well as that is known.
    private func end(_ verdict: CertificateVerdict) -> String {
        if expiry.exact != nil { return "it ends in \(Self.words(seconds: verdict.remaining))" }
        let most = Self.words(seconds: verdict.remaining, roundedUp: true)
        return "it ends in at most \(most)" + (expiry.earliest == nil ? ", or has ended" : "")
    }

    private func limit(_ state: CertificateVerdict.State, _ now: Int64) -> String? {
        guard let limits = CertificateLimits(of: self, at: now) else { return nil }
        let seconds = state == .critical ? limits.critical : limits.warning
        let name = state == .critical ? "critical" : "a warning"
        return "and less than \(Self.words(seconds: seconds)) is \(name)"
    }

    /// Whole ones of the largest unit of which there are two.
    private static func words(seconds: Int64, roundedUp: Bool = false) -> String {
        let count = seconds.magnitude
        let units: [(UInt64, String)] = [(86_400, "day"), (3600, "hour"), (60, "minute")]
        for (size, name) in units where count >= 2 * size {
            let more: UInt64 = roundedUp && count % size > 0 ? 1 : 0
            return "\(count / size + more) \(name)s"
        }
        return count == 1 ? "1 second" : "\(count) seconds"
    }
}
