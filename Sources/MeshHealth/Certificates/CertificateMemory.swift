/// How much time each certificate has had left at most. Where nobody tells when one began, that is
/// what tells one of a day from one of months in its last hours.
public struct CertificateMemory: Hashable, Sendable {
    private struct Key: Hashable {
        var cluster: String
        var kind: Certificate.Kind
        var instance: String
        var subject: String
    }

    private struct Entry: Hashable {
        var longest: Int64
        var seenAt: Int64
    }

    /// For so long one is remembered that nobody tells of any more, seconds.
    private static let kept: Int64 = 8 * 86_400

    private let maximumEntries: Int
    private var entries: [Key: Entry] = [:]

    /// Of more certificates none are remembered.
    public init(maximumEntries: Int = 500_000) {
        self.maximumEntries = maximumEntries
    }

    /// How many are remembered.
    public var count: Int { entries.count }

    /// The certificates with the longest time that each has had left, seen now or before. `now` is
    /// seconds since the Unix epoch.
    public mutating func noting(
        _ certificates: [Certificate], at now: Int64
    ) -> [Certificate] {
        if entries.count >= maximumEntries / 2 {
            entries = entries.filter { now - $0.value.seenAt <= Self.kept }
        }
        return certificates.map { certificate in
            // Whoever tells the lifetime needs nobody to remember it.
            if certificate.lifetime != nil { return certificate }
            let key = Key(
                cluster: certificate.cluster, kind: certificate.kind,
                instance: certificate.instance, subject: certificate.subject)
            let left = certificate.expiry.latest.subtractingReportingOverflow(now).partialValue
            let longest = max(entries[key]?.longest ?? left, left)
            if entries[key] != nil || entries.count < maximumEntries {
                entries[key] = Entry(longest: longest, seenAt: now)
            }
            var known = certificate
            known.longestRemaining = longest
            return known
        }
    }
}
