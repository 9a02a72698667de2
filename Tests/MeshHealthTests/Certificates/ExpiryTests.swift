import MeshHealth
import Testing

private let day: Int64 = 86_400
private let now: Int64 = 1_800_000_000

/// The end of a certificate, as far as it is known.
@Suite struct ExpiryBoundsTests {
    @Test(arguments: [2_147_483_647.0, 4_294_967_295, 1e300, .infinity, .nan, 100_000])
    func numbersThatStandForNoCertificateAreNone(_ days: Double) {
        #expect(ExpiryBounds(wholeDays: days, at: now, upTo: 0) == nil)
    }

    @Test func wholeDaysAreBounds() {
        #expect(
            ExpiryBounds(wholeDays: 30, at: now, upTo: 300)
                == ExpiryBounds(earliest: now - 300 + 30 * day, latest: now + 31 * day - 1))
    }

    @Test func noDayIsLessThanOneOrLongAgo() {
        #expect(
            ExpiryBounds(wholeDays: 0, at: now, upTo: 300)
                == ExpiryBounds(earliest: nil, latest: now + day - 1))
        #expect(
            ExpiryBounds(wholeDays: -3, at: now, upTo: 300)
                == ExpiryBounds(earliest: nil, latest: now - 1))
    }

    @Test(arguments: [0.0, -1, .nan, .infinity, -Double.infinity, 1.8e19])
    func gaugesOfNoCertificateGiveNone(_ seconds: Double) {
        #expect(ExpiryBounds(unixSeconds: seconds) == nil)
    }

    @Test func gaugesGiveTheirTimeLessTheirSlack() {
        #expect(ExpiryBounds(unixSeconds: 1_800_000_000.9)?.exact == 1_800_000_000)
        #expect(
            ExpiryBounds(unixSeconds: 1_800_000_000, slack: 3600)
                == ExpiryBounds(earliest: 1_799_996_400, latest: 1_800_000_000))
    }
}

/// How near the end is.
@Suite struct CertificateVerdictTests {
    private static func certificate(
        _ kind: Certificate.Kind, _ mesh: Mesh, left: Int64, lifetime: Int64? = nil
    ) -> Certificate {
        var certificate = Certificate(
            kind, mesh: mesh, cluster: "east", subject: "", instance: "p",
            expiry: .exactly(now + left), source: .agentGauge, evidence: [])
        certificate.notBefore = lifetime.map { now + left - $0 }
        return certificate
    }

    private static let sentences: [(Mesh, Int64, String)] = [
        (.istio, 43_260, "it ends in 12 hours"),
        (.istio, 18_000, "it ends in 5 hours, and less than 6 hours is a warning"),
        (.istio, 119, "it ends in 119 seconds, and less than 2 hours is critical"),
        (.istio, 0, "it ends now"), (.istio, -1, "it ended 1 second ago"),
        (.istio, -259_200, "it ended 3 days ago"),
        (.envoy, 3600, "it ends in 60 minutes, and how long it was to live is not known"),
    ]

    @Test(arguments: sentences)
    func whyIsASentence(_ mesh: Mesh, _ left: Int64, _ words: String) {
        #expect(Self.certificate(.workload, mesh, left: left).reason(at: now) == words)
    }

    @Test func aSentenceClaimsNoMoreThanIsKnown() {
        var certificate = Self.certificate(.root, .envoy, left: 0)
        certificate.expiry = ExpiryBounds(earliest: now + 40 * day, latest: now + 41 * day - 1)
        #expect(certificate.reason(at: now) == "it ends in at most 41 days")
        certificate.kind = .workload
        certificate.expiry = ExpiryBounds(earliest: nil, latest: now + day - 1)
        #expect(certificate.reason(at: now) == "it ends in at most 24 hours, or has ended")
    }

    @Test(arguments: [
        // A day's certificates are renewed at half of it.
        (Mesh.istio, 12 * 3600, CertificateVerdict.State.ok), (.istio, 6 * 3600, .ok),
        (.istio, 6 * 3600 - 1, .warning), (.istio, 2 * 3600, .warning),
        (.istio, 2 * 3600 - 1, .critical), (.istio, 0, .expired), (.istio, -5, .expired),
        (.linkerd, 3 * 3600, .warning),
        // Consul renews its three days as late as at nine tenths.
        (.consul, 7 * 3600, .ok), (.consul, 5 * 3600, .warning), (.consul, 2 * 3600, .critical),
    ])
    func workloadsAreJudgedByTheirLifetime(
        _ mesh: Mesh, _ left: Int, _ state: CertificateVerdict.State
    ) {
        #expect(
            Self.certificate(.workload, mesh, left: Int64(left)).verdict(at: now).state == state)
    }

    @Test(arguments: [
        (3600, 900, CertificateVerdict.State.ok), (3600, 899, .warning), (3600, 299, .critical),
        // However long it lives, two months before the end are no warning.
        (3650 * 86_400, 60 * 86_400, .ok), (3650 * 86_400, 29 * 86_400, .warning),
        (3650 * 86_400, 6 * 86_400, .critical),
    ])
    func aLifetimeThatIsKnownCountsBeforeTheUsualOne(
        _ lifetime: Int, _ left: Int, _ state: CertificateVerdict.State
    ) {
        let certificate = Self.certificate(
            .workload, .istio, left: Int64(left), lifetime: Int64(lifetime))
        #expect(certificate.verdict(at: now).state == state)
    }

    @Test(arguments: [
        (Certificate.Kind.root, Mesh.istio, 30, CertificateVerdict.State.ok),
        (.root, .istio, 29, .warning), (.root, .istio, 6, .critical),
        (.intermediate, .istio, 7, .ok), (.intermediate, .istio, 6, .warning),
        (.intermediate, .istio, 0, .critical), (.root, .consul, 29, .warning),
        (.intermediate, .consul, 29, .warning), (.issuer, .linkerd, 59, .warning),
        (.issuer, .linkerd, 61, .ok), (.root, .linkerd, 59, .warning),
        (.server, .other, 31, .ok), (.server, .other, 29, .warning),
        (.server, .other, 6, .critical),
        (.root, .envoy, -1, .expired),
    ])
    func authoritiesAndServersAreJudgedByDays(
        _ kind: Certificate.Kind, _ mesh: Mesh, _ days: Int, _ state: CertificateVerdict.State
    ) {
        let left = Int64(days) * day + 60
        #expect(Self.certificate(kind, mesh, left: left).verdict(at: now).state == state)
    }

    @Test func aServerOfAFewWeeksIsNotLateFromItsFirstDayOn() {
        let young = Self.certificate(.server, .other, left: 13 * day, lifetime: 14 * day)
        #expect(young.verdict(at: now).state == .ok)
        let old = Self.certificate(.server, .other, left: 4 * day, lifetime: 14 * day)
        #expect(old.verdict(at: now).state == .warning)
    }

    private static func envoy(days: Double, longest: Int64? = nil) throws -> Certificate {
        var certificate = Certificate(
            .workload, mesh: .envoy, cluster: "east", subject: "", instance: "p",
            expiry: try #require(ExpiryBounds(wholeDays: days, at: now, upTo: 300)),
            source: .envoyDays, evidence: [])
        certificate.longestRemaining = longest
        return certificate
    }

    @Test func daysOfWhichOneDoesNotKnowTheLifetimeArePagedOnNobody() throws {
        for days in [0.0, 1] {
            let verdict = try Self.envoy(days: days).verdict(at: now)
            #expect(verdict.state == .unknown)
        }
        #expect(try Self.envoy(days: 0).verdict(at: now).worst == .expired)
    }

    @Test func fewDaysOfWhatHadManyAreLate() throws {
        #expect(try Self.envoy(days: 29).verdict(at: now).state == .warning)
        #expect(try Self.envoy(days: 45).verdict(at: now).state == .ok)
        #expect(try Self.envoy(days: 1, longest: 80 * day).verdict(at: now).state == .critical)
        #expect(try Self.envoy(days: 0, longest: 80 * day).verdict(at: now).state == .critical)
        #expect(try Self.envoy(days: -1).verdict(at: now).state == .expired)
    }

    @Test func whatIsNotCertainIsToldAsPossible() {
        var root = Self.certificate(.root, .consul, left: 30 * day + 600)
        root.expiry = ExpiryBounds(
            earliest: now + 30 * day - 3000, latest: now + 30 * day + 600)
        let verdict = root.verdict(at: now)
        #expect(verdict.state == .ok && verdict.worst == .warning)
    }
}
