import MeshHealth
import Testing

/// What was left at most.
@Suite struct CertificateMemoryTests {
    private static let day: Int64 = 86_400
    private static let end: Int64 = 1_800_000_000

    private static func certificate(_ instance: String = "p", end: Int64 = end) -> Certificate {
        Certificate(
            .workload, mesh: .envoy, cluster: "east", subject: "", instance: instance,
            expiry: .exactly(end), source: .envoyDays, evidence: [])
    }

    @Test func aCertificateOfMonthsIsStillOneInItsLastHours() throws {
        var memory = CertificateMemory()
        _ = memory.noting([Self.certificate()], at: Self.end - 80 * Self.day)
        let late = memory.noting([Self.certificate()], at: Self.end - 3600)
        let certificate = try #require(late.first)
        #expect(certificate.longestRemaining == 80 * Self.day)
        #expect(certificate.verdict(at: Self.end - 3600).state == .critical)
        // Somebody who has only now begun to look cannot tell.
        #expect(Self.certificate().verdict(at: Self.end - 3600).state == .unknown)
    }

    @Test func eachHolderIsRememberedByItself() {
        var memory = CertificateMemory()
        _ = memory.noting([Self.certificate("a")], at: Self.end - 80 * Self.day)
        let other = memory.noting([Self.certificate("b")], at: Self.end - 3600)
        #expect(other.map(\.longestRemaining) == [3600])
        #expect(memory.count == 2)
    }

    @Test func memoryIsBoundedAndForgetsWhatIsGone() {
        var memory = CertificateMemory(maximumEntries: 4)
        let many = (0..<10).map { Self.certificate("p\($0)") }
        let noted = memory.noting(many, at: Self.end - 20 * Self.day)
        #expect(memory.count == 4 && noted.allSatisfy { $0.longestRemaining == 20 * Self.day })
        _ = memory.noting([Self.certificate("new")], at: Self.end - 10 * Self.day)
        #expect(memory.count == 1)
    }
}
