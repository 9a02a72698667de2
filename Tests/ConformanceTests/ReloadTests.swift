import Foundation
import Glibc
import TestSupport
import Testing

extension Conformance {
    @Suite("Reading the inventory again")
    struct ReloadTests {
        /// How the gateway learns that a file has changed.
        enum Way: String, CaseIterable, Sendable {
            case request
            case signal
            /// It notices by itself.
            case change
        }

        @Test(arguments: Way.allCases)
        func aClusterThatIsAddedIsAsked(_ way: Way) async throws {
            let (gateway, files) = try await twoOfThree()
            #expect(try await clusters(gateway) == ["eu-1", "eu-2"])
            try gateway.clusters.write(files[2].file, to: "us-1.yaml")
            try await tell(gateway, way)
            try await awaitProcess(gateway.process, "the new cluster in the answer") {
                (try? await clusters(gateway)) == ["eu-1", "eu-2", "us-1"]
            }
            await gateway.end()
        }

        @Test func aClusterThatIsTakenAwayIsAskedNoMore() async throws {
            let (gateway, _) = try await twoOfThree()
            #expect(try await clusters(gateway) == ["eu-1", "eu-2"])
            try FileManager.default.removeItem(atPath: gateway.clusters.file("eu-2.yaml"))
            try await tell(gateway, .request)
            try await awaitProcess(gateway.process, "the cluster out of the answer") {
                (try? await clusters(gateway)) == ["eu-1"]
            }
            await gateway.end()
        }

        @Test(arguments: Way.allCases)
        func aBadFileIsRefusedAndTheOldInventoryStays(_ way: Way) async throws {
            let (gateway, _) = try await twoOfThree()
            try gateway.clusters.write(
                "cluster: us-1\nprometheus:\n  url: http://127.0.0.1:9\n", to: "us-1.yaml")
            if way == .request {
                var call = HTTPCall(port: gateway.port, path: "/-/reload")
                call.method = "POST"
                let answer = try await call.answer()
                #expect(answer.status == 500, "\(answer.text)")
                #expect(answer.text.contains("us-1.yaml:3"), "\(answer.text)")
                #expect(answer.text.contains("prometheus.url"), "\(answer.text)")
            } else {
                try await tell(gateway, way)
            }
            let metric = "isthmus_config_last_reload_successful"
            try await awaitProcess(gateway.process, "\(metric) of 0") {
                let metrics = try? await HTTPCall(port: gateway.port, path: "/metrics").answer()
                return metrics?.text.contains("\n\(metric) 0") == true
            }
            #expect(gateway.process.logTail().contains("us-1.yaml"))
            #expect(try await clusters(gateway) == ["eu-1", "eu-2"])
            await gateway.end()
        }

        @Test func aGatewayDoesNotStartWithMistakesAndTellsThemAll() async throws {
            let files = try await UnionServers.shared.running().memberFiles()
            let directory = try TemporaryDirectory("mistakes")
            defer { directory.remove() }
            try directory.write(files[0].file, to: "a.yaml")
            try directory.write(files[0].file, to: "b.yaml")
            try directory.write("cluster: c\nprometheus:\n  timeout: soon\n", to: "c.yaml")
            let outputs = try TemporaryDirectory("output")
            defer { outputs.remove() }
            let process = try ChildProcess(
                "isthmus", executable: try IsthmusServer.binary(),
                arguments: [
                    "serve", "--clusters", directory.path, "--listen",
                    "127.0.0.1:\(try Loopback.freePort())",
                ],
                outputPath: outputs.file("log"))
            #expect(await process.ended() != 0)
            let log = process.logTail(lines: 100)
            #expect(log.contains("b.yaml"), "the name that two files have: \(log)")
            #expect(log.contains("c.yaml:3"), "the timeout: \(log)")
            #expect(log.contains("urls"), "the missing key: \(log)")
        }

        // MARK: Pieces

        /// A gateway before two of the clusters, and the files of all three.
        private func twoOfThree() async throws -> (IsthmusServer, [IsthmusServer.Member]) {
            let files = try await UnionServers.shared.running().memberFiles()
            let gateway = try await IsthmusServer(Array(files.prefix(2)))
            try await gateway.awaitWhole(query: "count(up)", at: "\(UnionData.start + 1800)")
            return (gateway, files)
        }

        private func tell(_ gateway: IsthmusServer, _ way: Way) async throws {
            switch way {
            case .request:
                var call = HTTPCall(port: gateway.port, path: "/-/reload")
                call.method = "POST"
                let answer = try await call.answer()
                #expect(answer.status == 200, "\(answer.text)")
            case .signal: gateway.process.signal(SIGHUP)
            case .change: break
            }
        }

        /// The clusters that have `up`.
        private func clusters(_ gateway: IsthmusServer) async throws -> [String] {
            let answer = try await ask(
                port: gateway.port, "count by (cluster) (up)", QueryTime.instants[0])
            return answer.series.map(\.labels).sorted().compactMap { labels in
                labels.split(separator: "\"").dropFirst().first.map(String.init)
            }
        }
    }
}
