import Foundation
import TestSupport
import Testing

extension Conformance {
    /// The gateway's signals and service graph are what really happened: three clusters of Istio, one
    /// without sidecars, one of Linkerd, one of Consul and one that has only spans, and the calls
    /// between all of them.
    @Suite("The truth of the meshes")
    struct MeshTruthTests {
        private static let time = HTTPCall.Parameter("time", "\(MixedMesh.end)")

        private func graph(
            _ gateway: IsthmusServer, _ further: [HTTPCall.Parameter] = []
        ) async throws -> MeshEnvelope<GraphAnswer> {
            try await .asked(
                gateway, "graph",
                [
                    Self.time, .init("range", "5m"), .init("view", "service"),
                    .init("from", "metrics"), .init("top", "100000"),
                    .init("percentiles", "all"),
                ] + further)
        }

        func signals(_ gateway: IsthmusServer) async throws
            -> MeshEnvelope<SignalsAnswer>
        {
            try await .asked(
                gateway, "signals",
                [.init("end", "\(MixedMesh.end)"), .init("window", "5m"), .init("by", "service")])
        }

        /// Those that somebody can tell of.
        private func told(_ truth: TrueCalls) -> [TrueEdge] {
            truth.edges.filter { !$0.witnesses.isEmpty && $0.told > 0 }
        }

        /// How a mesh counts requests by their ends, and how it calls these.
        struct Count: Sendable {
            var mesh: String
            var query: String
            /// The labels of the caller, of the service and of its cluster; of the last there may be
            /// none, where calls stay within the cluster.
            var labels: [String]
            /// Whether it counts what arrived alone: pairs of spans.
            var isOfArrivals = false
        }

        /// What the gateway is compared with must be right first.
        @Test(arguments: [
            Count(
                mesh: "istio", query: #"istio_requests_total{reporter="source"}"#,
                labels: ["source_workload", "destination_service_name", "destination_cluster"]),
            Count(
                mesh: "linkerd",
                query: #"response_total{direction="outbound",dst_target_cluster!=""}"#,
                labels: ["deployment", "dst_target_service", "dst_target_cluster"]),
            Count(
                mesh: "linkerd",
                query: #"response_total{direction="outbound",dst_target_cluster=""}"#,
                labels: ["deployment", "dst_service"]),
            Count(
                mesh: "consul",
                query: #"envoy_cluster_upstream_rq_xx{envoy_cluster_name!="local_app"}"#,
                labels: [
                    "consul_source_service", "consul_destination_service",
                    "consul_destination_datacenter",
                ]),
            Count(
                mesh: "otel", query: "traces_service_graph_request_total",
                labels: ["client", "server"], isOfArrivals: true),
        ])
        func whatTheClustersCountIsTheTruth(_ count: Count) async throws {
            let mesh = try await MixedMesh.shared.running()
            let labels = count.labels.joined(separator: ", ")
            let query = "sum by (\(labels)) (rate(\(count.query)[5m]))"
            let edges = mesh.truth.edges.filter { edge in
                edge.source.mesh == count.mesh && edge.isRequests && edge.calls > 0
            }
            var compared = 0
            for cluster in Set(edges.map(\.source.cluster)) {
                let server = try #require(mesh.servers[cluster])
                let answer = try await ask(
                    port: server.port, query, .instant("\(MixedMesh.end)"))
                let rates = Dictionary(
                    uniqueKeysWithValues: answer.series.map { ($0.labels, $0.points[0].value) })
                for edge in edges where edge.source.cluster == cluster {
                    guard count.labels.count == 3 ? true : !edge.leavesCluster else { continue }
                    let names = [
                        edge.source.workload, edge.destination.end.name, edge.destination.cluster,
                    ]
                    let key = QueryAnswer.text(
                        of: Dictionary(uniqueKeysWithValues: zip(count.labels, names)))
                    // Of Linkerd's two, each has the edges that the other has not.
                    guard let rate = rates[key].flatMap(Double.init) else {
                        #expect(count.mesh == "linkerd", "\(cluster): \(key) is not there")
                        continue
                    }
                    let told = rate * mesh.truth.seconds
                    let expected = count.isOfArrivals ? edge.arrived : edge.calls
                    #expect(
                        abs(told - expected) <= edge.tolerance, "\(key): \(told) of \(expected)")
                    compared += 1
                }
            }
            #expect(compared > 3)
        }

        @Test func theRateAndTheErrorsOfEveryEdgeAreTheTruth() async throws {
            let mesh = try await MixedMesh.shared.running()
            let gateway = try await mesh.gateway()
            let answer = try await graph(gateway).data
            await gateway.end()
            let found = answer.edgesByEnds
            let seconds = mesh.truth.seconds
            var meshes: Set<[String]> = []
            for edge in told(mesh.truth) where edge.isRequests {
                let shown = try #require(found[edge.ends], "\(edge.ends) is not there")
                let rate = try #require(shown.traffic.requestRate, "\(edge.ends)")
                #expect(
                    abs(rate * seconds - edge.told) <= edge.tolerance,
                    "\(edge.ends): \(rate * seconds) calls of \(edge.told)")
                meshes.insert([edge.source.mesh, edge.destination.mesh])
                // Envoy alone does not look into answers of gRPC, and spans have other rules.
                let seesStatus = !["consul", "otel"].contains(edge.source.mesh)
                guard edge.protocol == "http" || seesStatus else { continue }
                let ratio = try #require(shown.traffic.errorRatio, "\(edge.ends)")
                #expect(
                    abs(ratio * rate * seconds - edge.toldErrors) <= edge.tolerance,
                    "\(edge.ends): \(ratio * rate * seconds) errors of \(edge.toldErrors)")
            }
            // Within each mesh, and from each that names where its calls go to each other.
            #expect(meshes.count >= 12, "\(meshes)")
        }

        @Test func theBytesAndConnectionsOfTCPAreTheTruth() async throws {
            let mesh = try await MixedMesh.shared.running()
            let gateway = try await mesh.gateway()
            let found = try await graph(gateway).data.edgesByEnds
            await gateway.end()
            let seconds = mesh.truth.seconds
            let edges = told(mesh.truth).filter { !$0.isRequests }
            // Nobody in Linkerd's cluster calls a service of TCP; what is called there is.
            #expect(Set(edges.map(\.source.mesh)) == ["istio", "consul"])
            #expect(Set(edges.map(\.destination.mesh)) == ["istio", "linkerd", "ambient"])
            for edge in edges {
                let shown = try #require(found[edge.ends], "\(edge.ends) is not there")
                let tcp = try #require(shown.traffic.tcp, "\(edge.ends)")
                func expect(_ rate: Double?, _ whole: Double?, each: Double) throws {
                    let count = try #require(rate) * seconds / each
                    let expected = try #require(whole) / each
                    #expect(
                        abs(count - expected) <= edge.tolerance,
                        "\(edge.ends): \(count) connections' of \(expected)")
                }
                try expect(tcp.connectionRate, edge.calls, each: 1)
                let (sent, received) = (edge.bytesSent ?? 0, edge.bytesReceived ?? 0)
                try expect(tcp.sentRate, sent, each: sent / edge.calls)
                try expect(tcp.receivedRate, received, each: received / edge.calls)
            }
        }

        /// Nobody can tell more of a latency than in which bucket it is; so the truth is put into
        /// the same buckets. That this is the true latency's own bucket is checked too.
        @Test func theLatencyOfEveryEdgeIsTheTruthInTheBucketsOfItsMesh() async throws {
            let mesh = try await MixedMesh.shared.running()
            let gateway = try await mesh.gateway()
            let found = try await graph(gateway).data.edgesByEnds
            await gateway.end()
            var compared = 0
            for edge in told(mesh.truth) where edge.isRequests {
                guard let durations = edge.toldDurations,
                    // A percentile of a few calls is one call's.
                    durations.count >= 2000
                else { continue }
                let latency = try #require(found[edge.ends]?.latency, "\(edge.ends)")
                for (name, quantile) in [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)] {
                    let told = try #require(latency[name].flatMap { $0 }, "\(edge.ends) \(name)")
                    let slack = edge.tolerance / durations.count
                    let low = durations.estimate(quantile - slack)
                    let high = durations.estimate(min(1, quantile + slack))
                    #expect(
                        (low * 0.999...high * 1.001).contains(told),
                        "\(edge.ends) \(name): \(told) is not in \(low)...\(high)")
                    let very = try #require(durations.quantiles[name])
                    let bounds = [0] + durations.buckets.map { $0[0] }
                    // One bucket to either side: the simulation's own rounding at a bound.
                    let place = bounds.lastIndex { $0 < very } ?? 0
                    let reach =
                        bounds[max(0, place - 1)]...bounds[min(bounds.count - 1, place + 2)]
                    #expect(reach.contains(told), "\(edge.ends) \(name): \(told), truly \(very)")
                    compared += 1
                }
            }
            #expect(compared > 100)
        }

        @Test func whatIsLostBetweenTwoClustersIsTheEdgesLoss() async throws {
            let mesh = try await MixedMesh.shared.running()
            let gateway = try await mesh.gateway()
            let found = try await graph(gateway).data.edgesByEnds
            await gateway.end()
            let seconds = mesh.truth.seconds
            var losing = 0
            // Of which more never arrived than was lost: what did not leave.
            var failing = 0
            for edge in told(mesh.truth)
            where edge.isRequests && edge.leavesCluster
                && edge.source.mesh == "istio" && edge.destination.mesh == "istio"
            {
                let loss = try #require(found[edge.ends], "\(edge.ends)").loss
                let lost = (loss?.rate ?? 0) * seconds
                #expect(
                    abs(lost - edge.lost) <= edge.tolerance,
                    "\(edge.ends): \(lost) lost, truly \(edge.lost)")
                if edge.calls - edge.arrived - edge.lost > edge.tolerance { failing += 1 }
                if edge.lost > edge.tolerance { losing += 1 }
            }
            #expect(losing >= 2)
            #expect(failing >= 2)
        }

        @Test func theShareOfMutualTLSIsTheTruth() async throws {
            let mesh = try await MixedMesh.shared.running()
            let gateway = try await mesh.gateway()
            let found = try await graph(gateway).data.edgesByEnds
            await gateway.end()
            var shares: Set<Int> = []
            // Istio's destination knows it, and in Linkerd both sides do.
            for edge in told(mesh.truth)
            where edge.isRequests
                && (edge.witnesses.contains("destination") && edge.destination.mesh == "istio"
                    || edge.source.mesh == "linkerd" && edge.destination.mesh == "linkerd")
            {
                let expected = try #require(edge.mutualTLS)
                let ratio = try #require(
                    found[edge.ends]?.mutualTLS?.ratio, "\(edge.ends) says nothing")
                #expect(
                    abs(ratio - expected) <= edge.tolerance / edge.arrived + 0.01,
                    "\(edge.ends): \(ratio), truly \(expected)")
                shares.insert(Int((expected * 10).rounded()))
            }
            #expect(shares.isSuperset(of: [0, 4, 10]), "\(shares)")
        }

        /// Proxies do not learn who calls from another mesh, those of Linkerd and Consul not at all.
        /// What other callers say to have sent is not counted again; what is left is that of the
        /// cluster without proxies, whose calls to others nobody names.
        @Test func callersWithoutANameAreCountedOnce() async throws {
            let mesh = try await MixedMesh.shared.running()
            let gateway = try await mesh.gateway()
            let strangers = try await graph(gateway).data.strangers
            await gateway.end()
            let byEnd = Dictionary(
                grouping: mesh.truth.edges.filter {
                    $0.isRequests && $0.destination.mesh != "otel"
                }
            ) { $0.destination.end }
            var unnamed = 0
            for (end, edges) in byEnd {
                let expected = edges.reduce(0) { $0 + ($1.witnesses.isEmpty ? $1.arrived : 0) }
                // Consul's callers cannot tell what never arrived; and a hundredth counts as none.
                let slack = edges.reduce(0) { slack, edge in
                    let untold = edge.source.mesh == "consul" ? edge.calls - edge.arrived : 0
                    return slack + edge.tolerance + untold + edge.arrived / 100
                }
                let told = (strangers[end] ?? 0) * mesh.truth.seconds
                #expect(abs(told - expected) <= slack, "\(end): \(told) calls of \(expected)")
                if expected > slack { unnamed += 1 }
            }
            #expect(unnamed >= 3)
        }

        // MARK: A cluster that is cut off

        /// What the answer without one cluster says differently from the whole one is marked.
        @Test(arguments: MixedMesh.clusters)
        func withAClusterCutOffEveryNumberIsUnchangedOrMarked(_ cut: String) async throws {
            let mesh = try await MixedMesh.shared.running()
            let gateway = try await mesh.gateway()
            let whole = try await graph(gateway)
            let wholeSignals = try await signals(gateway)
            await gateway.end()
            let partialGateway = try await mesh.gateway(without: [cut])
            let partial = try await graph(partialGateway)
            let partialSignals = try await signals(partialGateway)
            await partialGateway.end()
            #expect(whole.warnings?.isEmpty ?? true)
            #expect(partial.warnings?.contains { $0.contains(cut) } == true)
            #expect(partial.data.clusters.first { $0.cluster == cut }?.missing != nil)
            expectMarked(whole.data, partial.data, cut)
            for (end, subject) in partialSignals.data.byEnd {
                guard let before = wholeSignals.data.byEnd[end] else {
                    Issue.record("\(end) was not there before")
                    continue
                }
                guard !subject.missing.contains(cut) else { continue }
                for (name, signal) in subject.signals {
                    #expect(
                        isSame(signal.value, before.value(name)),
                        "\(end) \(name): \(String(describing: signal.value)) unmarked")
                }
            }
        }

        private func expectMarked(_ whole: GraphAnswer, _ partial: GraphAnswer, _ cut: String) {
            let before = whole.edgesByEnds
            let after = partial.edgesByEnds
            for (ends, edge) in after {
                let isMarked = edge.incomplete != nil
                guard let old = before[ends] else {
                    #expect(isMarked, "\(ends) is new, and not marked")
                    continue
                }
                let isSame =
                    isSame(edge.traffic.requestRate, old.traffic.requestRate)
                    && isSame(edge.traffic.errorRatio, old.traffic.errorRatio)
                    && isSame(edge.loss?.rate, old.loss?.rate)
                    && isSame(edge.traffic.tcp?.sentRate, old.traffic.tcp?.sentRate)
                #expect(isSame || isMarked, "\(ends) changed, and is not marked")
            }
            // What is gone altogether only that cluster could tell of.
            for ends in before.keys where after[ends] == nil {
                #expect(
                    ends.source.cluster == cut || ends.destination.cluster == cut,
                    "\(ends) is gone")
            }
            #expect(
                partial.nodes.filter { $0.cluster == cut }.allSatisfy { $0.missing == true },
                "a node of \(cut) is not marked")
        }

        private func isSame(_ one: Double?, _ other: Double?) -> Bool {
            guard let one, let other else { return one == nil && other == nil }
            return abs(one - other) <= 1e-9 * max(abs(one), abs(other), 1)
        }
    }
}
