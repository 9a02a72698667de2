import Foundation
import TestSupport
import Testing

extension Conformance {
    /// What proxies do to the calls of an edge is what the simulated mesh did: retries, timeouts, circuit
    /// breakers.
    @Suite("The truth of traffic shaping")
    struct ShapingTruthTests {
        private func edges() async throws -> (truth: TrueCalls, found: [MeshEnds: GraphAnswer.Edge])
        {
            let mesh = try await MixedMesh.shared.running()
            let gateway = try await mesh.gateway()
            let answer = try await MeshEnvelope<GraphAnswer>.asked(
                gateway, "graph",
                [
                    .init("time", "\(MixedMesh.end)"), .init("range", "5m"),
                    .init("view", "service"), .init("top", "100000"),
                    .init("percentiles", "all"),
                ])
            await gateway.end()
            return (mesh.truth, answer.data.edgesByEnds)
        }

        /// Whether the caller's calls of the service all go over this edge: an upstream of Istio's has
        /// the endpoints of all clusters, Consul has one for each.
        private func isAlone(_ edge: TrueEdge, _ truth: TrueCalls) -> Bool {
            edge.source.mesh == "consul"
                || truth.edges.allSatisfy { other in
                    other.source != edge.source || other.calls == 0
                        || other.destination.service != edge.destination.service
                        || other.destination.cluster == edge.destination.cluster
                }
        }

        @Test func anEdgesShapingIsEnvoysWhereItsUpstreamIsOneEdge() async throws {
            let (truth, found) = try await edges()
            var compared = 0
            var busy = 0
            var isOpen = false
            for edge in truth.edges
            where edge.isRequests && edge.calls > 0
                && ["istio", "consul"].contains(edge.source.mesh) && isAlone(edge, truth)
            {
                let shaping = try #require(found[edge.ends]?.shaping, "\(edge.ends)")
                #expect(shaping.derivedFrom == "envoy", "\(edge.ends)")
                // Retries are counted in two parts, of what failed and of all.
                let slack = 2 * edge.tolerance
                func expect(_ rate: Double?, _ truly: Double, _ what: String) throws {
                    let told = try #require(rate, "\(edge.ends) \(what)") * truth.seconds
                    #expect(
                        abs(told - truly) <= slack, "\(edge.ends): \(told) \(what) of \(truly)")
                }
                try expect(shaping.retryRate, edge.retries, "retries")
                try expect(shaping.timeoutRate, edge.timeouts, "timeouts")
                try expect(shaping.circuitBreakerTripRate, edge.breakerTrips, "trips")
                #expect(shaping.outlierEjections != nil)
                // The simulated Envoys do not count them.
                #expect(shaping.poolOverflowRate == nil)
                if edge.breakerTrips > edge.calls / 5 {
                    #expect(shaping.circuitBreakerOpen == true, "\(edge.ends)")
                    isOpen = true
                }
                compared += 1
                guard edge.retries > 10 * slack else { continue }
                let tries = edge.calls - edge.breakerTrips
                let amplification = try #require(shaping.retryAmplification, "\(edge.ends)")
                #expect(
                    abs(amplification - 1 - edge.retries / tries) <= 2 * slack / tries,
                    "\(edge.ends): \(amplification)")
                // Of the simulated retries 62 % end well.
                let success = try #require(shaping.retrySuccessRatio, "\(edge.ends)")
                #expect(abs(success - 0.62) <= 2 * slack / edge.retries, "\(edge.ends): \(success)")
                busy += 1
            }
            #expect(compared > 20)
            #expect(busy >= 2)
            #expect(isOpen)
        }

        @Test func anUpstreamOfSeveralEdgesLeavesTheWordToFlags() async throws {
            let (truth, found) = try await edges()
            var compared = 0
            for edge in truth.edges
            where edge.isRequests && edge.calls > 0 && edge.source.mesh == "istio"
                && !isAlone(edge, truth)
            {
                let shaping = try #require(found[edge.ends]?.shaping, "\(edge.ends)")
                #expect(shaping.derivedFrom == "flags", "\(edge.ends)")
                #expect(shaping.retryRate == nil)
                let timeouts = try #require(shaping.timeoutRate) * truth.seconds
                #expect(
                    abs(timeouts - edge.timeouts) <= edge.tolerance,
                    "\(edge.ends): \(timeouts) timeouts of \(edge.timeouts)")
                let trips = try #require(shaping.circuitBreakerTripRate) * truth.seconds
                #expect(
                    abs(trips - edge.breakerTrips) <= edge.tolerance,
                    "\(edge.ends): \(trips) trips of \(edge.breakerTrips)")
                compared += 1
            }
            #expect(compared > 3)
        }

        @Test func ofMeshesWithoutEitherNothingIsTold() async throws {
            let (truth, found) = try await edges()
            let edges = truth.edges.filter { edge in
                edge.isRequests && edge.calls > 0 && edge.source.mesh == "linkerd"
            }
            #expect(!edges.isEmpty)
            for edge in edges {
                let shown = try #require(found[edge.ends], "\(edge.ends)")
                #expect(shown.shaping == nil, "\(edge.ends)")
            }
        }
    }
}
