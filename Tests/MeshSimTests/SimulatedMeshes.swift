// The first file to read in MeshSimTests: what the simulated control planes answer, read by those who
// read it of real ones. One process for each cluster, all of a time: faults are switched one by one.

import Foundation
import MeshHealth
import TestSupport
import Testing

/// All suites that share processes: one test at a time.
@Suite("Simulated control planes", .serialized)
enum SimulatedControlPlanes {}

/// The clusters, each made when a test first asks for it, and ended with the test runner.
actor SimulatedMeshes {
    static let shared = SimulatedMeshes()

    private var meshes: [String: Task<MeshSimulator, any Error>] = [:]

    func mesh(of cluster: String) async throws -> MeshSimulator {
        // How old certificates are depends on the seed and the time since the origin: both are the
        // same each time.
        let origin = Int(Date().timeIntervalSince1970) - 3600
        let task =
            meshes[cluster]
            ?? Task {
                try await MeshSimulator(
                    cluster: cluster, arguments: ["--seed", "3", "--origin", "\(origin)"])
            }
        meshes[cluster] = task
        return try await task.value
    }
}

/// A replica of a simulated control plane.
struct SimulatedReplica: Sendable {
    var cluster: String
    var name: String

    /// `eu-1/istiod-0`.
    init(_ text: String) {
        let parts = text.split(separator: "/").map(String.init)
        cluster = parts[0]
        name = parts[1]
    }

    func mesh() async throws -> MeshSimulator {
        try await SimulatedMeshes.shared.mesh(of: cluster)
    }

    /// What a probe finds, now. What is slow once may be the machine's fault; what is slow always
    /// is the answer's.
    func reading(_ probe: Probe) async throws -> ProbeReading {
        var reading = try await oneReading(probe)
        for _ in 0..<2 where reading.finding.problem == .slow {
            reading = try await oneReading(probe)
        }
        return reading
    }

    private func oneReading(_ probe: Probe) async throws -> ProbeReading {
        let mesh = try await mesh()
        let target = ProbeTarget(probe.kind, cluster: cluster, instance: name)
        var call = HTTPCall(port: mesh.port, path: "/control-plane/\(name)\(probe.path)")
        call.timeout = 5
        let begin = ContinuousClock.now
        let reply: ProbeReply
        do {
            let answer = try await call.answer()
            reply = .answered(
                ProbeAnswer(
                    status: answer.status, contentType: answer.header("Content-Type"),
                    body: Array(answer.body)))
        } catch {
            let isLate = begin.duration(to: .now) >= .seconds(5)
            reply = .failed(ProbeFailure(isLate ? .timeout : .interrupted, "\(error)"))
        }
        return ProbeReading(
            probe, of: target, reply, took: begin.duration(to: .now),
            at: Int64(Date().timeIntervalSince1970 * 1000))
    }

    /// Switches a fault at this replica, or at all of a component of its cluster.
    func fault(_ method: String, _ name: String, at place: String? = nil) async throws {
        let answer = try await mesh().fault(
            method, name, at: "replica=\(place ?? self.name)&cluster=\(cluster)")
        guard answer.status == 200 else { throw ProcessFailure(answer.text) }
    }
}
