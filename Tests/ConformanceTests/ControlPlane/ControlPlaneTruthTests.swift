import Foundation
import TestSupport
import Testing

extension Conformance {
    /// What is wrong with simulated control planes, the gateway names, and takes back.
    @Suite("Truth of control planes")
    struct ControlPlaneTruthTests {
        /// A fault, and what it makes of a component and of one of its replicas.
        struct Course: Sendable, CustomTestStringConvertible {
            var fault: String
            var place: String
            var cluster = "eu-1"
            var component = "istiod"
            /// The component's.
            var state: String
            var instance: String
            /// The replica's.
            var instanceState: String

            var testDescription: String { "\(fault) at \(place)" }
        }

        static let ofIstiod = [
            Course(
                fault: "istiod-not-ready", place: "istiod-0", state: "degraded",
                instance: "istiod-0", instanceState: "unhealthy"),
            Course(
                fault: "istiod-not-ready", place: "istiod", state: "unhealthy",
                instance: "istiod-1", instanceState: "unhealthy"),
            Course(
                fault: "no-answers", place: "istiod", state: "unreachable", instance: "istiod-0",
                instanceState: "unreachable"),
            Course(
                fault: "broken-answers", place: "istiod-1", state: "degraded",
                instance: "istiod-1", instanceState: "unreachable"),
            Course(
                fault: "unauthenticated", place: "istiod", state: "unauthorized",
                instance: "istiod-0", instanceState: "unauthorized"),
            Course(
                fault: "html-page", place: "istiod", state: "unknown", instance: "istiod-1",
                instanceState: "unknown"),
            Course(
                fault: "configuration-rejected", place: "istiod", state: "degraded",
                instance: "istiod-0", instanceState: "degraded"),
        ]

        static let ofOthers = [
            Course(
                fault: "linkerd-not-ready", place: "linkerd-destination", cluster: "linkerd-1",
                component: "linkerd-destination", state: "unhealthy",
                instance: "linkerd-destination-1", instanceState: "unhealthy"),
            Course(
                fault: "consul-server-failed", place: "consul-server-2", cluster: "consul-1",
                component: "consul-server", state: "degraded", instance: "consul-server-0",
                instanceState: "degraded"),
            Course(
                fault: "consul-without-leader", place: "consul-server", cluster: "consul-1",
                component: "consul-server", state: "unhealthy", instance: "consul-server-1",
                instanceState: "unhealthy"),
            Course(
                fault: "envoy-draining", place: "egress-envoy-0", component: "egress-envoy",
                state: "degraded", instance: "egress-envoy-0", instanceState: "degraded"),
            Course(
                fault: "envoy-initializing", place: "egress-envoy-0", component: "egress-envoy",
                state: "unhealthy", instance: "egress-envoy-0", instanceState: "unhealthy"),
        ]

        @Test(arguments: ofIstiod + ofOthers)
        func aFaultIsNamedAndTakenBack(_ course: Course) async throws {
            let fleet = try await WatchedFleet.shared.running()
            @Sendable func isSo(_ view: ControlPlaneView, _ state: String, _ one: String) -> Bool {
                let instance = view.instance(
                    course.instance, of: course.component, in: course.cluster)
                let component = view.component(course.component, in: course.cluster)
                return component?.state == state && instance?.state == one
            }
            try await fleet.awaitView("all well before \(course.fault)") {
                isSo($0, "healthy", "healthy")
            }
            try await fleet.fault("POST", course.fault, at: course.place, in: course.cluster)
            try await fleet.awaitView("\(course.fault) named") {
                isSo($0, course.state, course.instanceState)
            }
            let series =
                "mesh_control_plane_state{cluster=\"\(course.cluster)\","
                + "component=\"\(course.component)\",state=\"\(course.state)\"} == 1"
            try await fleet.awaitSeries(series)
            try await fleet.fault("DELETE", course.fault, at: course.place, in: course.cluster)
            try await fleet.awaitView("\(course.fault) gone") { isSo($0, "healthy", "healthy") }
            try await fleet.awaitSeries(series, isThere: false)
        }

        /// That one may not ask everything says nothing of what is asked for.
        @Test(arguments: [
            ("debug-unauthenticated", "eu-1", "istiod"), ("debug-forbidden", "eu-1", "istiod"),
            ("consul-forbidden", "consul-1", "consul-server"),
            ("envoy-state-absent", "eu-1", "egress-envoy"),
        ])
        func whatIsNoFaultIsNone(_ fault: String, _ cluster: String, _ component: String)
            async throws
        {
            let fleet = try await WatchedFleet.shared.running()
            try await fleet.fault("POST", fault, at: component, in: cluster)
            let begin = Date().timeIntervalSince1970
            // Long enough for several looks at everything.
            try await fleet.awaitView("\(fault) seen by all probes and no fault") { view in
                let instances = view.component(component, in: cluster)?.instances ?? []
                let times = instances.flatMap { $0.probes.map(\.at) }
                // What would be a fault stays one; a look that came too late on a busy machine does not.
                return !times.isEmpty && times.allSatisfy { $0 > begin + 3 }
                    && view.component(component, in: cluster)?.state == "healthy"
            }
            try await fleet.fault("DELETE", fault, at: component, in: cluster)
        }

        /// A fault, and the kind of issue that it is, told by endpoints or by metrics.
        struct IssueCourse: Sendable, CustomTestStringConvertible {
            var fault: String
            var place: String
            var cluster: String
            var kind: String
            var source: String
            /// What counters tell stays for ten minutes.
            var goes = true

            var testDescription: String { "\(fault) of \(cluster)" }
        }

        @Test(arguments: [
            IssueCourse(
                fault: "configuration-rejected", place: "istiod", cluster: "eu-1",
                kind: "rejected_configuration", source: "probe"),
            IssueCourse(
                fault: "configuration-stale", place: "istiod", cluster: "eu-1",
                kind: "stale_configuration", source: "probe"),
            IssueCourse(
                fault: "duplicate-domain", place: "istiod", cluster: "eu-1",
                kind: "duplicate_domain", source: "probe"),
            IssueCourse(
                fault: "remote-cluster-lost", place: "istiod", cluster: "eu-1",
                kind: "remote_cluster_not_synced", source: "probe"),
            IssueCourse(
                fault: "duplicate-domain", place: "istiod", cluster: "us-1",
                kind: "duplicate_domain", source: "metric"),
            IssueCourse(
                fault: "proxies-outdated", place: "istiod", cluster: "us-1", kind: "version_skew",
                source: "metric"),
            IssueCourse(
                fault: "configuration-rejected", place: "istiod", cluster: "us-1",
                kind: "rejected_configuration", source: "metric", goes: false),
            IssueCourse(
                fault: "configuration-invalid", place: "istiod", cluster: "us-1",
                kind: "validation_failed", source: "metric", goes: false),
            IssueCourse(
                fault: "remote-cluster-lost", place: "istiod", cluster: "us-1",
                kind: "remote_cluster_not_synced", source: "metric", goes: false),
            IssueCourse(
                fault: "linkerd-gateway-lost", place: "linkerd-service-mirror",
                cluster: "linkerd-1", kind: "remote_cluster_not_synced", source: "metric"),
        ])
        func anIssueIsNamedWithWhatItMeans(_ course: IssueCourse) async throws {
            let fleet = try await WatchedFleet.shared.running()
            @Sendable func found(_ view: ControlPlaneView) -> [ControlPlaneView.Issue] {
                view.issues(course.kind, in: course.cluster, from: course.source)
            }
            let series =
                "mesh_config_issues{cluster=\"\(course.cluster)\",kind=\"\(course.kind)\"} > 0"
            try await fleet.awaitView("without \(course.kind)") { found($0).isEmpty }
            try await fleet.fault("POST", course.fault, at: course.place, in: course.cluster)
            try await fleet.awaitView("\(course.kind) named") { view in
                found(view).contains { !$0.meaning.isEmpty && !$0.action.isEmpty }
            }
            try await fleet.awaitSeries(series)
            try await fleet.fault("DELETE", course.fault, at: course.place, in: course.cluster)
            guard course.goes else { return }
            try await fleet.awaitView("\(course.kind) gone") { found($0).isEmpty }
            try await fleet.awaitSeries(series, isThere: false)
        }

        @Test func proxiesOfAllReplicasAreCountedOnce() async throws {
            let fleet = try await WatchedFleet.shared.running()
            let connected = Int(try await fleet.mesh("eu-1").scrape().sum("pilot_xds"))
            #expect(connected > 0)
            try await fleet.awaitView("all proxies") { view in
                view.proxies.contains { $0.cluster == "eu-1" && $0.connected == connected }
            }
        }

        /// The time between two looks at a replica is ten seconds here, so that what one look takes
        /// counts little, and what a machine adds that does much else.
        @Test func aKilledEndpointShowsWithinTwoIntervalsAndItsReturnToo() async throws {
            let interval = 10.0
            let mesh = try await MeshSimulator(cluster: "ap-1")
            let server = try await PrometheusServer("ap-1", .init())
            var member = IsthmusServer.Member("ap-1", urls: [server.address])
            member.lines = WatchedFleet.controlPlaneLines(
                [.init(kind: "istiod", replicas: ["istiod-0", "istiod-1"])], of: mesh)
            let gateway = try await IsthmusServer(
                [member], configuration: "control_plane: {interval: 10s, timeout: 5s}\n")
            /// When the probe was that led to the state, seconds since the Unix epoch.
            func time(of state: String) async throws -> Double {
                try await awaitProcess(gateway.process, state) {
                    let view = try? await ControlPlaneView(of: gateway)
                    return view?.component("istiod", in: "ap-1")?.state == state
                }
                let instances = try await ControlPlaneView(of: gateway)
                    .component("istiod", in: "ap-1")?.instances
                let times = instances?.flatMap { $0.probes.map(\.at) } ?? []
                return try #require(times.min())
            }
            _ = try await time(of: "healthy")
            await mesh.kill()
            let killed = Date().timeIntervalSince1970
            #expect(try await time(of: "unreachable") - killed < 2 * interval + 1)
            try await mesh.restart()
            let restarted = Date().timeIntervalSince1970
            #expect(try await time(of: "healthy") - restarted < 2 * interval + 1)
            await gateway.end()
            await server.end()
            await mesh.end()
        }
    }
}
