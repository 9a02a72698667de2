import Clusters
import TestSupport
import Testing
import Upstream

/// What servers show of themselves, trusted or not, against the server of the openssl program.
@Suite(.timeLimit(.minutes(10)))
struct CertificateTests {
    private func withTLSServer<Result: Sendable>(
        _ pair: Certificates.Pair, port: Int? = nil, _ body: (TLSListener) async throws -> Result
    ) async throws -> Result {
        let server = try await TLSListener(pair, port: port)
        do {
            let result = try await body(server)
            await server.end()
            return result
        } catch {
            await server.end()
            throw error
        }
    }

    private func shown(_ server: TLSListener, _ tls: TLS) async throws -> ShownCertificates {
        try await withClient { client in
            try await client.certificates(
                cluster: ClusterID("eu"), service: Service(urls: [server.url], tls: tls),
                url: server.url, deadline: .now + .seconds(60))
        }
    }

    private func value(_ name: String, _ certificate: [String]) -> String? {
        certificate.first { $0.hasPrefix("\(name):") }.map { String($0.dropFirst(name.count + 1)) }
    }

    @Test func aTrustedCertificateIsShownWithItsTimes() async throws {
        let certificates = try await Certificates()
        defer { certificates.remove() }
        let pair = try await certificates.pair("server", for: "DNS:shop.example")
        let shown = try await withTLSServer(pair) { server in
            try await self.shown(
                server, TLS(caFile: certificates.authority, serverName: "shop.example"))
        }
        #expect(shown.verification == 0)
        #expect(shown.host == "shop.example")
        let leaf = try #require(shown.chain.first)
        #expect(value("Subject", leaf)?.contains("server") == true)
        #expect(value("Expire date", leaf)?.hasSuffix("GMT") == true)
    }

    @Test func aCertificateIsShownThatNobodyWouldTrust() async throws {
        let certificates = try await Certificates()
        defer { certificates.remove() }
        let expired = try await certificates.pair("server", for: "DNS:other", days: -1)
        let own = try await certificates.selfSignedPair("own", for: "IP:127.0.0.1")
        let trusting = TLS(caFile: certificates.authority)
        let first = try await withTLSServer(expired) { try await shown($0, trusting) }
        let second = try await withTLSServer(own) { try await shown($0, trusting) }
        // OpenSSL: the certificate has expired; it is signed by itself.
        #expect(first.verification == 10 && first.chain.count == 1)
        #expect(second.verification == 18 && second.chain.count == 1)
    }

    @Test func aCertificateThatIsReplacedShowsAtOnce() async throws {
        let certificates = try await Certificates()
        defer { certificates.remove() }
        let first = try await certificates.pair("first", for: "IP:127.0.0.1")
        let second = try await certificates.pair("second", for: "IP:127.0.0.1")
        let port = try Loopback.freePort()
        try await withClient { client in
            var subjects: [String] = []
            for pair in [first, second] {
                let shown = try await withTLSServer(pair, port: port) { server in
                    try await client.certificates(
                        cluster: ClusterID("eu"),
                        service: Service(
                            urls: [server.url], tls: TLS(caFile: certificates.authority)),
                        url: server.url, deadline: .now + .seconds(60))
                }
                subjects.append(value("Subject", shown.chain.first ?? []) ?? "")
            }
            #expect(subjects.map { $0.contains("first") } == [true, false])
            #expect(subjects.map { $0.contains("second") } == [false, true])
        }
    }

    @Test func aServerWithoutTLSShowsNone() async throws {
        let server = try FaultServer(greeting: [
            .send(Array("HTTP/1.1 400 No\r\n\r\n".utf8)), .close,
        ])
        defer { server.stop() }
        let url = "https://127.0.0.1:\(server.port)"
        try await withClient { client in
            let error = await #expect(throws: UpstreamError.self) {
                try await client.certificates(
                    cluster: ClusterID("eu"), service: Service(urls: [url]), url: url,
                    deadline: .now + .seconds(60))
            }
            #expect(error?.kind == .tls)
        }
    }

    @Test func aSilentServerIsGivenUpAndItsConnectionClosed() async throws {
        let server = try FaultServer(greeting: [.silence])
        defer { server.stop() }
        let url = "https://127.0.0.1:\(server.port)"
        try await withClient { client in
            let error = await #expect(throws: UpstreamError.self) {
                try await client.certificates(
                    cluster: ClusterID("eu"),
                    service: Service(urls: [url], timeout: .seconds(2)), url: url,
                    deadline: .now + .seconds(60))
            }
            #expect(error?.kind == .timeout)
            #expect(error?.phase == .handshake)
            // Of what is not trusted there may be a second look, which ends like the first.
            await server.wait { $0.connections > 0 && $0.closedConnections == $0.connections }
        }
    }

    @Test func aCleartextAddressHasNoCertificate() async throws {
        try await withClient { client in
            let error = await #expect(throws: UpstreamError.self) {
                try await client.certificates(
                    cluster: ClusterID("eu"), service: Service(urls: ["http://127.0.0.1:1"]),
                    url: "http://127.0.0.1:1", deadline: .now + .seconds(60))
            }
            #expect(error?.kind == .configuration)
        }
    }

    @Test(arguments: [200, 302, 401, 429, 500, 503])
    func everyStatusIsAnAnswerWhereItIsWanted(_ status: Int) async throws {
        let steps = [FaultServer.Step].answer(status: status, text: "the whole body")
        try await withServer(always: steps) { server in
            var request = UpstreamRequest.plain
            request.readsEveryStatus = true
            let answer = try await withClient { client in
                try await client.answer(server.url, request: request)
            }
            #expect(answer.status == status)
            #expect(answer.text == "the whole body")
        }
    }
}
