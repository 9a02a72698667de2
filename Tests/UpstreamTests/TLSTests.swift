import Clusters
import Foundation
import TestSupport
import Testing
import Upstream

/// TLS against the server of the openssl program, which answers every request with a page about
/// the connection.
@Suite(.timeLimit(.minutes(10)))
struct TLSTests {
    /// A server for one test, killed at its end.
    private func withServer<Result: Sendable>(
        _ pair: Certificates.Pair, _ options: [String] = [],
        _ body: (TLSListener) async throws -> Result
    ) async throws -> Result {
        let server = try await TLSListener(pair, options)
        do {
            let result = try await body(server)
            await server.end()
            return result
        } catch {
            await server.end()
            throw error
        }
    }

    private func withCertificates<Result: Sendable>(
        _ body: (Certificates) async throws -> Result
    ) async throws -> Result {
        let certificates = try await Certificates()
        defer { certificates.remove() }
        return try await body(certificates)
    }

    private func failure(_ service: Service) async throws -> UpstreamError {
        try await withClient { client in
            try await #require(throws: UpstreamError.self) { try await client.answer(service) }
        }
    }

    @Test func aCertificateOfTheConfiguredAuthorityIsAccepted() async throws {
        try await withCertificates { certificates in
            let pair = try await certificates.pair("server", for: "IP:127.0.0.1")
            try await withServer(pair, ["-tlsextdebug"]) { server in
                let service = Service(
                    urls: [server.url], tls: TLS(caFile: certificates.authority))
                let answer = try await withClient { try await $0.answer(service) }
                #expect(answer.status == 200)
                // HTTP/2 is offered.
                let log = try server.log
                #expect(log.contains("h2.http/1.1"))
            }
        }
    }

    @Test func aServerThatSpeaksHTTP1OnlyIsUnderstood() async throws {
        try await withCertificates { certificates in
            let pair = try await certificates.pair("server", for: "IP:127.0.0.1")
            try await withServer(pair, ["-alpn", "http/1.1"]) { server in
                let service = Service(
                    urls: [server.url], tls: TLS(caFile: certificates.authority))
                let answer = try await withClient { try await $0.answer(service) }
                #expect(answer.text.contains("s_server -www"))
            }
        }
    }

    @Test func aCertificateOfAnUnknownAuthorityIsRefused() async throws {
        try await withCertificates { certificates in
            let pair = try await certificates.pair("server", for: "IP:127.0.0.1")
            try await withServer(pair) { server in
                let error = try await failure(Service(urls: [server.url]))
                #expect(error.kind == .tls)
                #expect(error.phase == .handshake)
            }
        }
    }

    @Test func theConfiguredAuthorityReplacesTheOthers() async throws {
        try await withCertificates { certificates in
            try await withCertificates { others in
                let pair = try await certificates.pair("server", for: "IP:127.0.0.1")
                try await withServer(pair) { server in
                    let service = Service(urls: [server.url], tls: TLS(caFile: others.authority))
                    let error = try await failure(service)
                    #expect(error.kind == .tls)
                }
            }
        }
    }

    @Test func anExpiredCertificateIsRefused() async throws {
        try await withCertificates { certificates in
            let pair = try await certificates.pair("server", for: "IP:127.0.0.1", days: -1)
            try await withServer(pair) { server in
                let service = Service(
                    urls: [server.url], tls: TLS(caFile: certificates.authority))
                let error = try await failure(service)
                #expect(error.kind == .tls)
                #expect(error.description.contains("expired"))
            }
        }
    }

    @Test func verificationCanBeSkipped() async throws {
        try await withCertificates { certificates in
            let pair = try await certificates.pair("server", for: "DNS:other.example", days: -1)
            try await withServer(pair) { server in
                let service = Service(urls: [server.url], tls: TLS(insecureSkipVerify: true))
                let answer = try await withClient { try await $0.answer(service) }
                #expect(answer.status == 200)
            }
        }
    }

    @Test func aCertificateForAnotherNameIsRefused() async throws {
        try await withCertificates { certificates in
            let pair = try await certificates.pair("server", for: "DNS:prom.example")
            try await withServer(pair) { server in
                let service = Service(
                    urls: [server.url], tls: TLS(caFile: certificates.authority))
                let error = try await failure(service)
                #expect(error.kind == .tls)
            }
        }
    }

    @Test func aServersNextCertificateIsWhatCounts() async throws {
        try await withCertificates { certificates in
            let name = "IP:127.0.0.1"
            let expired = try await certificates.pair("ended", for: name, .expired)
            let chained = try await certificates.chainedPair("next", for: name, .expiring)
            let own = try await certificates.selfSignedPair("own", for: name)
            try await withServer(expired) { server in
                let service = Service(
                    urls: [server.url], tls: TLS(caFile: certificates.authority))
                let error = try await failure(service)
                #expect(error.kind == .tls)
                try await server.rotate(to: chained)
                let answer = try await withClient { try await $0.answer(service) }
                #expect(answer.status == 200)
                try await server.rotate(to: own)
                let refusal = try await failure(service)
                #expect(refusal.kind == .tls)
            }
        }
    }

    @Test func theServersNameIsTheOneThatIsSentAndChecked() async throws {
        try await withCertificates { certificates in
            let pair = try await certificates.pair("server", for: "DNS:prom.example")
            try await withServer(pair, ["-tlsextdebug"]) { server in
                let service = Service(
                    urls: [server.url],
                    tls: TLS(caFile: certificates.authority, serverName: "prom.example"))
                let answer = try await withClient { try await $0.answer(service) }
                #expect(answer.status == 200)
                #expect(answer.replica == server.url)
                let log = try server.log
                #expect(log.contains("prom.exampl"))
            }
        }
    }

    @Test func anotherServersNameIsRefused() async throws {
        try await withCertificates { certificates in
            let pair = try await certificates.pair("server", for: "IP:127.0.0.1")
            try await withServer(pair) { server in
                let service = Service(
                    urls: [server.url],
                    tls: TLS(caFile: certificates.authority, serverName: "prom.example"))
                let error = try await failure(service)
                #expect(error.kind == .tls)
            }
        }
    }

    @Test func aClientsCertificateIsPresented() async throws {
        try await withCertificates { certificates in
            let pair = try await certificates.pair("server", for: "IP:127.0.0.1")
            let client = try await certificates.pair("isthmus-client", for: "DNS:isthmus")
            let options = [
                "-Verify", "1", "-verify_return_error", "-CAfile", certificates.authority,
            ]
            try await withServer(pair, options) { server in
                let service = Service(
                    urls: [server.url],
                    tls: TLS(
                        caFile: certificates.authority, certFile: client.certificate,
                        keyFile: client.key))
                let answer = try await withClient { try await $0.answer(service) }
                #expect(answer.text.contains("isthmus-client"))
            }
        }
    }

    @Test func aMissingClientsCertificateIsAFailureOfTLS() async throws {
        try await withCertificates { certificates in
            let pair = try await certificates.pair("server", for: "IP:127.0.0.1")
            let options = [
                "-Verify", "1", "-verify_return_error", "-CAfile", certificates.authority,
            ]
            try await withServer(pair, options) { server in
                let service = Service(
                    urls: [server.url], tls: TLS(caFile: certificates.authority))
                let error = try await failure(service)
                #expect(error.kind == .tls)
            }
        }
    }

    @Test func aChangedCertificateIsUsedForTheNextRequest() async throws {
        try await withCertificates { certificates in
            let pair = try await certificates.pair("server", for: "IP:127.0.0.1")
            let first = try await certificates.pair("first-client", for: "DNS:isthmus")
            let second = try await certificates.pair("second-client", for: "DNS:isthmus")
            let options = ["-Verify", "1", "-CAfile", certificates.authority]
            try await withServer(pair, options) { server in
                let service = Service(
                    urls: [server.url],
                    tls: TLS(
                        caFile: certificates.authority, certFile: first.certificate,
                        keyFile: first.key))
                try await withClient { client in
                    let answer = try await client.answer(service)
                    #expect(answer.text.contains("first-client"))
                    try replace(first.certificate, with: second.certificate)
                    try replace(first.key, with: second.key)
                    let later = try await client.answer(service)
                    #expect(later.text.contains("second-client"))
                }
            }
        }
    }

    private func replace(_ path: String, with other: String) throws {
        try Data(contentsOf: URL(fileURLWithPath: other)).write(
            to: URL(fileURLWithPath: path), options: .atomic)
    }

    @Test func aFileOfCertificatesThatIsMissingIsNamed() async throws {
        let path = "/nowhere/isthmus/ca.pem"
        let error = try await failure(
            Service(urls: ["https://127.0.0.1:1"], tls: TLS(caFile: path)))
        #expect(error.kind == .file(path: path))
    }

    @Test func aFileWithoutCertificatesIsAFailureOfTLS() async throws {
        try await withCertificates { certificates in
            let pair = try await certificates.pair("server", for: "IP:127.0.0.1")
            try await withServer(pair) { server in
                let service = Service(
                    urls: [server.url],
                    tls: TLS(
                        caFile: certificates.authority, certFile: pair.key, keyFile: pair.key))
                let error = try await failure(service)
                #expect(error.kind == .tls)
            }
        }
    }

    @Test func cleartextWhereTLSIsExpectedIsAFailureOfTLS() async throws {
        let steps = [FaultServer.Step.send(Array("HTTP/1.1 400 No\r\n\r\n".utf8)), .close]
        let server = try FaultServer(greeting: steps)
        defer { server.stop() }
        let error = try await failure(Service(urls: ["https://127.0.0.1:\(server.port)"]))
        #expect(error.kind == .tls)
    }
}
