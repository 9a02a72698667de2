import Foundation
import TestSupport
import Testing

extension Conformance {
    /// What real TLS servers show, and that it changes while they are watched.
    @Suite("Truth of handshakes", .timeLimit(.minutes(10)))
    struct HandshakeTruthTests {
        private static let name = "IP:127.0.0.1"

        /// A gateway that looks at the certificates of some servers.
        private struct Watch {
            var server: PrometheusServer
            var gateway: IsthmusServer

            init(_ listeners: [TLSListener], trusting authority: String) async throws {
                server = try await PrometheusServer("tls-1", .init())
                var member = IsthmusServer.Member("tls-1", urls: [server.address])
                member.lines =
                    [
                        "control_plane:", "  - kind: tls", "    component: edge",
                        "    tls_config: {ca_file: \(authority)}", "    timeout: 5s", "    urls:",
                    ] + listeners.map { "      - \($0.url)" }
                gateway = try await IsthmusServer(
                    [member], configuration: "control_plane: {interval: 1s, timeout: 1s}\n")
            }

            /// Waits until a server is in a state, with a leaf that ends in so many days.
            func awaitState(
                of listener: TLSListener, _ state: String, _ severity: String,
                days: ClosedRange<Double>
            ) async throws {
                let what = "\(state), \(severity) at \(listener.url)"
                try await awaitProcess(gateway.process, what) {
                    guard let view = try? await ControlPlaneView(of: gateway),
                        let list = try? await CertificateView.all(of: gateway)
                    else { return false }
                    let instances = view.component("edge", in: "tls-1")?.instances ?? []
                    let port = ":\(listener.port)"
                    let now = Date().timeIntervalSince1970
                    return instances.contains { $0.instance.contains(port) && $0.state == state }
                        && list.contains { certificate in
                            // The leaf: authorities between are told, too.
                            certificate.cluster == "tls-1" && certificate.kind == "server"
                                && certificate.instance?.contains(port) == true
                                && certificate.severity == severity
                                && days.contains(((certificate.expiry ?? 0) - now) / 86_400)
                        }
                }
            }

            func end() async {
                await gateway.end()
                await server.end()
            }
        }

        @Test func eachCertificateIsToldForWhatItIs() async throws {
            let certificates = try await Certificates()
            defer { certificates.remove() }
            let valid = try await TLSListener(
                certificates.chainedPair("valid", for: Self.name, .valid))
            let expiring = try await TLSListener(
                certificates.pair("expiring", for: Self.name, .expiring))
            let expired = try await TLSListener(
                certificates.pair("expired", for: Self.name, .expired))
            let wrong = try await TLSListener(
                certificates.pair("elsewhere", for: "DNS:other.example", .valid))
            let own = try await TLSListener(certificates.selfSignedPair("own", for: Self.name))
            let listeners = [valid, expiring, expired, wrong, own]
            let watch = try await Watch(listeners, trusting: certificates.authority)
            try await watch.awaitState(of: valid, "healthy", "ok", days: 59...60.1)
            try await watch.awaitState(of: expiring, "healthy", "critical", days: 1.9...2.1)
            try await watch.awaitState(of: expired, "unhealthy", "expired", days: -1.1 ... -0.9)
            try await watch.awaitState(of: wrong, "unhealthy", "ok", days: 59...60.1)
            // Of thirty days the first is not near the end, whatever the limit in days.
            try await watch.awaitState(of: own, "degraded", "ok", days: 29...30.1)
            await watch.end()
            for listener in listeners { await listener.end() }
        }

        @Test func aRotationIsSeenAndSoIsAServerThatIsGone() async throws {
            let certificates = try await Certificates()
            defer { certificates.remove() }
            let old = try await certificates.pair("old", for: Self.name, .expiring)
            let new = try await certificates.chainedPair("new", for: Self.name, .valid)
            let listener = try await TLSListener(old)
            let watch = try await Watch([listener], trusting: certificates.authority)
            try await watch.awaitState(of: listener, "healthy", "critical", days: 1.9...2.1)
            try await listener.rotate(to: new)
            try await watch.awaitState(of: listener, "healthy", "ok", days: 59...60.1)
            try await awaitProcess(watch.gateway.process, "the old one forgotten") {
                let list = try? await CertificateView.all(of: watch.gateway)
                return list?.contains { $0.severity == "critical" } == false
            }
            await listener.kill()
            try await awaitProcess(watch.gateway.process, "gone") {
                let view = try? await ControlPlaneView(of: watch.gateway)
                return view?.component("edge", in: "tls-1")?.state == "unreachable"
            }
            try await listener.restart()
            try await watch.awaitState(of: listener, "healthy", "ok", days: 59...60.1)
            await watch.end()
            await listener.end()
        }
    }
}
