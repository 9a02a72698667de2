import Foundation
import TestSupport
import Testing

extension Conformance {
    /// What is wrong with simulated control planes and certificates, the gateway names, and takes
    /// back. The table is `StateCase.all`; its courses are run side by side when the first is asked for.
    @Suite("Truth of control planes", .timeLimit(.minutes(10)))
    struct ControlPlaneTruthTests {
        @Test(arguments: StateCase.all)
        func aStateIsNamedAndTakenBack(_ course: StateCase) async throws {
            let outcome = try #require(await StateCourses.shared.outcome(of: course))
            if let failure = outcome.failure { Issue.record("\(failure)") }
        }

        @Test func everyStateOfTheReferenceIsACase() {
            let cases = Set(StateCase.all.map(\.state))
            #expect(ReferenceState.allCases.filter { !cases.contains($0) } == [])
            let names = StateCase.all.map(\.name)
            #expect(Set(names).count == names.count)
        }

        @Test func everyFaultOfSimulatedControlPlanesIsACase() async throws {
            let mesh = try await MeshSimulator(cluster: "eu-1")
            let answer = try await HTTPCall(port: mesh.port, path: "/faults").answer()
            await mesh.end()
            let faults = try JSONDecoder().decode([Fault].self, from: answer.body)
            let ofControlPlanes = faults.filter { $0.standardReplica != nil }.map(\.name)
            #expect(ofControlPlanes.count > 40)
            let cases = Set(StateCase.all.compactMap(\.fault))
            #expect(ofControlPlanes.filter { !cases.contains($0) } == [])
            #expect(cases.subtracting(faults.map(\.name)) == [])
        }

        private struct Fault: Decodable {
            var name: String
            var standardReplica: String?
        }

        @Test func proxiesOfAllReplicasAreCountedOnce() async throws {
            let mesh = try await MeshSimulator(cluster: "eu-1")
            let server = try await PrometheusServer("eu-1", .init())
            var member = IsthmusServer.Member("eu-1", urls: [server.address])
            member.lines = WatchedFleet.controlPlaneLines(
                [.init(kind: "istiod", replicas: ["istiod-0", "istiod-1"])], of: mesh)
            let gateway = try await IsthmusServer(
                [member],
                configuration: "control_plane: {interval: 1s, timeout: 1s, max_proxies: 5}\n")
            let connected = Int(try await mesh.scrape().sum("pilot_xds"))
            #expect(connected > 10)
            try await awaitProcess(gateway.process, "all proxies, of which five are kept") {
                let told = try? await ControlPlaneView(of: gateway).proxies.first
                return told?.connected == connected && told?.omitted == connected - 5
            }
            let metrics = try await HTTPCall(port: gateway.port, path: "/metrics").answer().text
            let omitted = "isthmus_control_plane_omitted{what=\"proxies\"} \(connected - 5)\n"
            #expect(metrics.contains(omitted))
            await gateway.end()
            await server.end()
            await mesh.end()
        }
    }

    /// What is killed shows within two intervals, and what comes back does too.
    @Suite("Killed endpoints", .timeLimit(.minutes(10)))
    struct KilledEndpointTests {
        /// Between two looks, seconds: long enough that what one look takes counts little.
        private static let interval = 10.0

        /// Clusters and the components in them that are watched, one of each kind.
        private static let watched: [(cluster: String, endpoint: WatchedFleet.Endpoint)] = [
            ("ap-1", .init(kind: "istiod", replicas: ["istiod-0", "istiod-1"])),
            (
                "eu-1",
                .init(kind: "envoy", component: "egress-envoy", replicas: ["egress-envoy-0"])
            ),
            (
                "linkerd-1",
                .init(
                    kind: "linkerd", component: "linkerd-identity",
                    replicas: ["linkerd-identity-0"])
            ),
            ("consul-1", .init(kind: "consul", replicas: ["consul-server-0", "consul-server-1"])),
        ]

        private struct Watch {
            var meshes: [String: MeshSimulator] = [:]
            var server: PrometheusServer
            var gateway: IsthmusServer

            init() async throws {
                server = try await PrometheusServer("killed", .init())
                var members: [IsthmusServer.Member] = []
                for (cluster, endpoint) in KilledEndpointTests.watched {
                    let mesh = try await MeshSimulator(cluster: cluster)
                    meshes[cluster] = mesh
                    var member = IsthmusServer.Member(cluster, urls: [server.address])
                    member.lines = WatchedFleet.controlPlaneLines([endpoint], of: mesh)
                    members.append(member)
                }
                gateway = try await IsthmusServer(
                    members, configuration: "control_plane: {interval: 10s, timeout: 5s}\n")
            }

            func end() async {
                await gateway.end()
                await server.end()
                for mesh in meshes.values { await mesh.end() }
            }

            /// When each component was first known to be in a state, Unix seconds: the time of the
            /// last look that led to it.
            func times(of state: String) async throws -> [String: Double] {
                var times: [String: Double] = [:]
                try await awaitProcess(gateway.process, "all are \(state)") {
                    guard let view = try? await ControlPlaneView(of: gateway) else { return false }
                    for (cluster, _) in KilledEndpointTests.watched where times[cluster] == nil {
                        let component = view.cluster(cluster)?.components.first
                        guard let component, component.state == state else { continue }
                        let probes = component.instances.flatMap { $0.probes.map(\.at) }
                        times[cluster] = probes.max()
                    }
                    return times.count == KilledEndpointTests.watched.count
                }
                return times
            }

            /// How many looks came late, for want of a processor.
            func late() async throws -> Double {
                let text = try await HTTPCall(port: gateway.port, path: "/metrics").answer().text
                let name = "isthmus_control_plane_late_probes_total "
                let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
                return line.flatMap { Double($0.dropFirst(name.count)) } ?? 0
            }
        }

        /// The bound is about the schedule. Where the machine has not kept that, which the gateway
        /// counts, it is tried again.
        @Test func whatIsKilledShowsWithinTwoIntervalsAndItsReturnToo() async throws {
            let watch = try await Watch()
            _ = try await watch.times(of: "healthy")
            var isOnTime = false
            for _ in 0..<5 where !isOnTime {
                let late = try await watch.late()
                var delays: [Double] = []
                for (state, isUp) in [("unreachable", false), ("healthy", true)] {
                    var changed: [String: Double] = [:]
                    for (cluster, mesh) in watch.meshes {
                        if isUp { try await mesh.restart() } else { await mesh.kill() }
                        changed[cluster] = Date().timeIntervalSince1970
                    }
                    for (cluster, time) in try await watch.times(of: state) {
                        delays.append(time - (changed[cluster] ?? 0))
                    }
                }
                guard try await watch.late() == late else { continue }
                isOnTime = true
                #expect(delays.allSatisfy { $0 < 2 * Self.interval }, "\(delays)")
            }
            if !isOnTime { print("the machine never kept the schedule: nothing is said of times") }
            await watch.end()
        }
    }
}
