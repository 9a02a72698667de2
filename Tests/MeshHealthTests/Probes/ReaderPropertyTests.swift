import Clusters
import MeshHealth
import TestSupport
import Testing

/// What holds for any bytes whatever.
@Suite struct ReaderPropertyTests {
    /// Answers of which parts are put together, cut and turned around.
    private static let seeds: [String] = [
        #"[{"cluster_id":"e","proxy":"a.b","cluster_sent":"1","resources":{"t/x.Cluster":{"sent":"1","acked":"","sentTime":"2027-01-15T07:59:00Z","lastError":"e"}}}]"#,
        #"[{"id":"w","secretName":"s","syncStatus":"timeout"}]"#,
        #"{"pilot_no_ip":{"k":{"proxy":"p","message":"m"}}}"#, #""10.0.0.1:8300""#, #"["a"]"#,
        #"{"Healthy":false,"FailureTolerance":-1e300,"Servers":[{"Name":"a","Healthy":true,"Voter":true}]}"#,
        #"{"ActiveRootID":"a","Roots":[{"ID":"a","SerialNumber":1e99,"NotAfter":"9999-12-31T23:59:59Z","NotBefore":"0001-01-01T00:00:00Z","Active":true}]}"#,
        #"{"version":"a/1.2/c","state":-9223372036854775808}"#,
        #"{"certificates":[{"ca_cert":{"days_until_expiration":-9223372036854775808},"cert_chain":[{"expiration_time":"0000-00-00T00:00:00Z","days_until_expiration":"9223372036854775807","subject_alt_names":[{"uri":"spiffe://"}]}]}]}"#,
        #"{"cluster_statuses":[{"name":"x","host_statuses":[{"health_status":{"failed_outlier_check":true}},7]}]}"#,
        "LIVE\n", "pong", "not ready", "1.24.2-abc-Clean", "<html>", "null", "\u{FEFF}{}", "~0~1/",
    ]

    private static func bytes(_ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = Array((seeds.randomElement(using: &generator) ?? "").utf8)
        for _ in 0..<Int.random(in: 0...6, using: &generator) {
            let place = Int.random(in: 0...bytes.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes.insert(.random(in: .min ... .max, using: &generator), at: place)
            case 1: if place < bytes.count { bytes.remove(at: place) }
            case 2: bytes.removeSubrange(place...)
            case 3: bytes += Array((seeds.randomElement(using: &generator) ?? "").utf8)
            default:
                if place < bytes.count {
                    bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                }
            }
        }
        return bytes
    }

    @Test(arguments: Probe.allCases)
    func noReaderTrapsAndEveryReadingSaysSomething(_ probe: Probe) {
        var generator = SeededGenerator(seed: 8)
        let statuses = [200, 200, 200, 429, 500, 503, 401, 302, -1, .max]
        let times: [Int64] = [Asking.now, 0, .min, .max]
        let target = ProbeTarget(
            probe.kind, cluster: "c", instance: "i",
            expectation: HTTPExpectation(
                assertion: JSONPointer("/certificates/0").map { .init($0, equalsText: "1") }))
        for _ in 0..<1000 {
            let answer = ProbeAnswer(
                status: statuses.randomElement(using: &generator) ?? 200,
                body: Self.bytes(&generator))
            let time = times.randomElement(using: &generator) ?? 0
            let reading = ProbeReading(
                probe, of: target, .answered(answer), took: .milliseconds(1), at: time)
            let finding = reading.finding
            #expect(!finding.detail.isEmpty)
            // A healthy one may still tell of a problem of others; a bad one always names its own.
            #expect(finding.state == .healthy || finding.problem != nil, "\(finding.detail)")
            for certificate in finding.facts.certificates ?? [] {
                _ = certificate.verdict(at: time == .min || time == .max ? 0 : time / 1000)
            }
        }
    }

    /// Every answer of the seeds cut at every place.
    @Test(arguments: Probe.allCases)
    func noReaderTrapsOnAnAnswerCutAnywhere(_ probe: Probe) {
        for seed in Self.seeds {
            let bytes = Array(seed.utf8)
            for end in 0...bytes.count {
                let reading = Asking.read(
                    probe, .answered(ProbeAnswer(status: 200, body: Array(bytes[..<end]))))
                #expect(!reading.finding.detail.isEmpty)
            }
        }
    }

    @Test func noTextOfACertificateOrAVersionTraps() {
        var generator = SeededGenerator(seed: 9)
        for _ in 0..<5000 {
            let text = String(decoding: Self.bytes(&generator), as: UTF8.self)
            _ = SoftwareVersion(text)
            _ = JSONPointer(text)
            _ = SerialNumber(hexadecimal: text)
            let handshake = Handshake(
                chain: [["Subject:" + text, "Expire date:" + text, text], [text]], cluster: "c",
                address: "a", host: text, at: 0)
            #expect(!handshake.problems.isEmpty)
        }
    }
}
