import TestSupport
import Testing

/// What is told of services, whoever calls them.
extension Conformance.MeshTruthTests {
    @Test func theSignalsOfEveryServiceAreTheTruthInEachCluster() async throws {
        let mesh = try await MixedMesh.shared.running()
        let gateway = try await mesh.gateway()
        let found = try await signals(gateway).data
        await gateway.end()
        let inClusters = found.byEnd
        let byEnd = Dictionary(grouping: mesh.truth.edges.filter(\.isRequests)) {
            $0.destination.end
        }
        var meshes: Set<[String]> = []
        for (end, edges) in byEnd where edges.contains(where: { $0.arrived > 0 }) {
            let subject = try #require(inClusters[end], "\(end) is not there")
            try expectRequests(of: subject, "\(end)", edges, mesh.truth.seconds)
            try expectLatency(of: subject, end, edges)
            meshes.insert(Set(edges.map(\.source.mesh)).sorted())
        }
        // Most are called by several meshes at once.
        #expect(meshes.count { $0.count > 1 } >= 5, "\(meshes)")
        let everywhere = Dictionary(grouping: byEnd.values.flatMap { $0 }) {
            [$0.destination.end.namespace, $0.destination.end.name]
        }
        for (name, edges) in everywhere where edges.contains(where: { $0.arrived > 0 }) {
            let subject = try #require(
                found.subjects.first {
                    $0.cluster == nil && [$0.namespace, $0.service] == name
                }, "\(name) is not there")
            try expectRequests(of: subject, "\(name)", edges, mesh.truth.seconds)
        }
    }

    /// What never arrived is in it as far as somebody has seen that it did not.
    private func expectRequests(
        of subject: SignalsAnswer.Subject, _ name: String, _ edges: [TrueEdge],
        _ seconds: Double
    ) throws {
        #expect(subject.missing.isEmpty)
        let tolerance = edges.reduce(0) { $0 + $1.tolerance }
        let arrived = edges.reduce(0) { $0 + $1.arrived }
        let calls = edges.reduce(0) { $0 + $1.calls }
        let told = try #require(subject.value("requestRate"), "\(name)") * seconds
        #expect(
            (arrived - tolerance...calls + tolerance).contains(told),
            "\(name): \(told) calls, not \(arrived) to \(calls)")
        // Spans have other rules for the statuses of gRPC.
        guard edges.allSatisfy({ $0.protocol == "http" || $0.destination.mesh != "otel" })
        else { return }
        let errors = try #require(subject.value("errorRatio"), "\(name)") * told
        let failed = edges.reduce(0) { $0 + $1.arrivedErrors }
        #expect(
            (failed - tolerance...failed + calls - arrived + tolerance).contains(errors),
            "\(name): \(errors) errors, not \(failed) to \(failed + calls - arrived)")
    }

    /// The times of the side whose word counts, of all calls, whoever made them.
    private func expectLatency(
        of subject: SignalsAnswer.Subject, _ end: MeshEnd, _ edges: [TrueEdge]
    ) throws {
        guard let durations = Durations.sum(edges.compactMap(\.servedDurations)),
            durations.count >= 2000
        else { return }
        let slack = edges.reduce(0) { $0 + $1.tolerance } / durations.count
        for (name, quantile) in [("latencyP50", 0.5), ("latencyP95", 0.95)] {
            let told = try #require(subject.value(name), "\(end) \(name)")
            let low = durations.estimate(quantile - slack)
            let high = durations.estimate(min(1, quantile + slack))
            #expect(
                (low * 0.999...high * 1.001).contains(told),
                "\(end) \(name): \(told) is not in \(low)...\(high)")
        }
    }

    @Test func theBytesAndConnectionsOfEveryServiceAreTheTruthInEachCluster() async throws {
        let mesh = try await MixedMesh.shared.running()
        let gateway = try await mesh.gateway()
        let found = try await signals(gateway).data.byEnd
        await gateway.end()
        let byEnd = Dictionary(grouping: mesh.truth.edges.filter { !$0.isRequests }) {
            $0.destination.end
        }
        #expect(
            Set(byEnd.values.flatMap { $0.map(\.destination.mesh) })
                == ["istio", "linkerd", "ambient"])
        for (end, edges) in byEnd {
            let subject = try #require(found[end], "\(end) is not there")
            let connections = edges.reduce(0) { $0 + $1.calls }
            let tolerance = edges.reduce(0) { $0 + $1.tolerance } / connections
            for (name, expected) in [
                ("tcpConnectionRate", connections),
                ("tcpSentRate", edges.reduce(0) { $0 + ($1.bytesSent ?? 0) }),
                ("tcpReceivedRate", edges.reduce(0) { $0 + ($1.bytesReceived ?? 0) }),
            ] {
                let told = try #require(subject.value(name), "\(end) \(name)")
                let share = told * mesh.truth.seconds / expected
                #expect(abs(share - 1) <= tolerance, "\(end) \(name): \(share) of the truth")
            }
        }
    }
}
