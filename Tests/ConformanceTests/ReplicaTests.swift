import Foundation
import Glibc
import TestSupport
import Testing

extension Conformance {
    /// What costs nothing, because another replica of the cluster answers.
    @Suite("A cluster with two replicas")
    struct ReplicaTests {
        static let faults = [
            FaultTests.Fault("500", FaultTests.Fault.page(500), ""),
            FaultTests.Fault("503", FaultTests.Fault.page(503), ""),
            FaultTests.Fault("never answers", .silence(), ""),
            FaultTests.Fault("resets half-way", .reset(afterBytes: 100), ""),
        ]

        @Test(arguments: faults)
        func theSecondIsAskedWhereTheFirstFails(_ fault: FaultTests.Fault) async throws {
            let port = try await FaultyCluster.realPort()
            let server = try ScriptedServer { _ in fault.behaviour }
            defer { server.end() }
            let faulty = try await FaultyCluster(
                urls: [server.address, "http://127.0.0.1:\(port)"], lines: ["timeout: 12s"])
            try await faulty.expectWhole(.whoIsThere, fault.name)
            try await faulty.expectWhole(.init("sum(node_load1{#}) / sum(up{#})"), fault.name)
            await faulty.gateway.end()
        }

        @Test func theSecondIsAskedWhereTheFirstIsNotThere() async throws {
            let port = try await FaultyCluster.realPort()
            let faulty = try await FaultyCluster(
                urls: ["http://127.0.0.1:\(try Loopback.freePort())", "http://127.0.0.1:\(port)"])
            try await faulty.expectWhole()
            await faulty.gateway.end()
        }

        @Test func theClusterIsMissingWhereBothFail() async throws {
            let server = try ScriptedServer { _ in FaultTests.Fault.page(502) }
            defer { server.end() }
            let faulty = try await FaultyCluster(
                urls: ["http://127.0.0.1:\(try Loopback.freePort())", server.address])
            try await faulty.expectMissing("502")
            await faulty.gateway.end()
        }

        /// The two could otherwise be mixed in one answer.
        @Test func aReplicaThatIsWellIsNotLeftForAnother() async throws {
            let port = try await FaultyCluster.realPort()
            let (asked, wasAsked) = AsyncStream<String>.makeStream()
            let server = try ScriptedServer { request in
                if request.path.contains("/query") { wasAsked.yield(request.path) }
                return .forward(port: port)
            }
            defer { server.end() }
            let faulty = try await FaultyCluster(
                urls: ["http://127.0.0.1:\(port)", server.address])
            for _ in 0..<5 { try await faulty.expectWhole() }
            wasAsked.finish()
            for await path in asked { Issue.record("the second was asked \(path)") }
            await faulty.gateway.end()
        }
    }
}
