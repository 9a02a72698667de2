/// A certificate, and how near its end is at a time.
public struct JudgedCertificate: Hashable, Sendable {
    public var certificate: Certificate
    public var verdict: CertificateVerdict
    /// Seconds since the Unix epoch.
    public var time: Int64

    public init(_ certificate: Certificate, at time: Int64) {
        self.certificate = certificate
        self.time = time
        verdict = certificate.verdict(at: time)
    }

    /// Why the verdict is as it is, one sentence.
    public var reason: String { certificate.reason(at: time) }

    /// Of more than `limit` those that stand before others, in the order in which they were. `time` is
    /// seconds since the Unix epoch.
    static func worst(
        _ certificates: [Certificate], atMost limit: Int, at time: Int64
    ) -> [Certificate] {
        if certificates.count <= limit { return certificates }
        let judged = certificates.map { JudgedCertificate($0, at: time) }
        let order = judged.indices.sorted { one, other in
            if judged[one].precedes(judged[other]) { return true }
            return one < other && !judged[other].precedes(judged[one])
        }
        return order.prefix(limit).sorted().map { certificates[$0] }
    }

    /// Whether it stands before the other: what is worse, or may be; then what ends first.
    public func precedes(_ other: JudgedCertificate) -> Bool {
        let (one, two) = (verdict, other.verdict)
        if one.state != two.state { return one.state > two.state }
        if one.worst != two.worst { return one.worst > two.worst }
        if one.remaining != two.remaining { return one.remaining < two.remaining }
        let (mine, others) = (certificate, other.certificate)
        return (mine.cluster, mine.kind.rawValue, mine.mesh, mine.instance, mine.subject)
            < (others.cluster, others.kind.rawValue, others.mesh, others.instance, others.subject)
    }
}
