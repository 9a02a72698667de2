import Clusters
import Federation
import Meshes
import MetricsTestKit
import ServiceGraph
import Testing

/// The graph as it is asked of clusters, which tell of each call from both of its sides.
@Suite struct GraphServiceTests {
    private typealias Series = MeshFleet.Series

    /// `front` in east calls `back` in west, and in west `back` calls `store`.
    private static let east: [Series] =
        [
            .istio("source", from: "front", "east", to: "back", "west", rate: 11),
            .istio(
                "source", from: "front", "east", to: "back", "west", rate: 1, code: "503",
                flags: "UF,URX"),
        ]
        + Series.istioLatency(
            "source", from: "front", "east", to: "back", "west", rate: 11,
            [("100", 0), ("200", 1)])
    private static let west: [Series] =
        [
            .istio("destination", from: "front", "east", to: "back", "west", rate: 10),
            .istio("destination", from: "back", "west", to: "store", "west", rate: 4),
            .istio(
                "destination", from: "back", "west", to: "store", "west", rate: 1, code: "500",
                policy: "none"),
            .istio("source", from: "back", "west", to: "store", "west", rate: 5),
        ]
        + Series.istioLatency(
            "destination", from: "front", "east", to: "back", "west", rate: 10,
            [("50", 0), ("100", 1)])
        + Series.istioLatency(
            "destination", from: "back", "west", to: "store", "west", rate: 5,
            [("10", 0.5), ("20", 0.9), ("40", 1)])
        + Series.istioLatency(
            "source", from: "back", "west", to: "store", "west", rate: 5, [("10", 0.5), ("40", 1)])

    private static let crossing = "east/shop/front>west/shop/back"
    private static let local = "west/shop/back>west/shop/store"

    /// A busy machine is none of a test's business.
    private static let patient = {
        var settings = GraphSettings()
        settings.timeout = .seconds(60)
        return settings
    }()

    private static func withFleet<Result: Sendable>(
        _ clusters: [(String, MeshFleet.Conduct)] = [
            ("east", .series(east)), ("west", .series(west)),
        ], settings: GraphSettings = Self.patient, traces: [String: String] = [:],
        dialects: [ClusterDialects]? = nil, timeouts: [String: Duration] = [:],
        metrics: MeshMetrics = MeshMetrics(),
        _ body: (MeshFleet) async throws -> Result
    ) async throws -> Result {
        let fleet = try MeshFleet(
            clusters, settings: settings, traces: traces, dialects: dialects, timeouts: timeouts,
            metrics: metrics)
        do {
            let result = try await body(fleet)
            await fleet.end()
            return result
        } catch {
            await fleet.end()
            throw error
        }
    }

    // MARK: Both sides

    @Test func aCallThatTwoClustersReportIsCountedOnce() async throws {
        try await Self.withFleet { fleet in
            let answer = try await fleet.graphs.graph(GraphQuestion())
            let map = answer.value.map
            #expect(map.edges.map { map.id(of: $0) }.sorted() == [Self.crossing, Self.local])
            let crossing = try #require(map.edge(Self.crossing))
            // What arrived, and what cannot have.
            #expect(crossing.traffic.requestRate == 11)
            #expect(crossing.crossesClusters)
            #expect(crossing.witnesses == [.source, .destination])
            #expect(answer.coverage.missing.isEmpty)
            #expect(answer.coverage.present.map(\.name) == ["east", "west"])
            #expect(answer.value.time == MeshFleet.now - MeshFleet.now % 15_000)
        }
    }

    @Test func percentilesAreOfTheSideThatCountsAndTransitIsBetweenBoth() async throws {
        try await Self.withFleet { fleet in
            let map = try await fleet.graphs.graph(GraphQuestion()).value.map
            let crossing = try #require(map.edge(Self.crossing))
            #expect(crossing.latency?.p50 == 75)
            #expect(crossing.latency?.p99 == 99.5)
            #expect(crossing.transit == 75)
            let local = try #require(map.edge(Self.local))
            #expect(local.latency?.p50 == 10)
            #expect(local.latency?.p90 == 20)
            #expect(local.latency?.p95 == 30)
        }
    }

    @Test func sharesOfMutualTLSAndPrincipalsAreToldOfEachEdge() async throws {
        try await Self.withFleet { fleet in
            let map = try await fleet.graphs.graph(GraphQuestion()).value.map
            let local = try #require(map.edge(Self.local))
            #expect(local.mutualTLS.ratio == 0.8)
            #expect(local.mutualTLS.isPlaintext)
            let crossing = try #require(map.edge(Self.crossing))
            #expect(
                crossing.mutualTLS.sourcePrincipals == ["spiffe://east.mesh/ns/shop/sa/front"])
            #expect(crossing.mutualTLS.trustDomains == ["east.mesh", "west.mesh"])
        }
    }

    @Test func collapsedEdgesHaveThePercentilesOfAllTheyStandFor() async throws {
        try await Self.withFleet { fleet in
            let question = GraphQuestion(shape: GraphShape(collapse: .cluster))
            let map = try await fleet.graphs.graph(question).value.map
            let crossing = try #require(map.edges.first { $0.crossesClusters })
            #expect(crossing.latency?.p50 == 75)
        }
    }

    // MARK: What is asked

    @Test func everyQueryIsPushedWholeAndNothingRawIsFetched() async throws {
        try await Self.withFleet { fleet in
            let answer = try await fleet.graphs.graph(GraphQuestion())
            #expect(!fleet.asked.isEmpty)
            for asked in fleet.asked {
                #expect(asked.query.hasPrefix("sum by ("), "\(asked.query)")
                #expect(!asked.query.contains("(cluster, "), "\(asked.query)")
            }
            // In this fleet: requests, buckets and principals, each once in each cluster.
            #expect(fleet.asked.count == 6)
            #expect(answer.value.queries.map(\.signal) == ["requests", "latency", "principals"])
            #expect(answer.value.queries.allSatisfy { $0.clusters == ["east", "west"] })
        }
    }

    @Test func recordedRatesAreUsedWhereAClusterHasThem() async throws {
        let recorded = Self.west.map { series in
            var series = series
            if series.metric == "istio_requests_total" {
                series.metric = "mesh:istio_requests:rate5m"
            }
            return series
        }
        try await Self.withFleet([("east", .series(Self.east)), ("west", .series(recorded))]) {
            fleet in
            let map = try await fleet.graphs.graph(GraphQuestion(percentiles: .none)).value.map
            #expect(map.edge(Self.crossing)?.traffic.requestRate == 11)
            let asked = fleet.asked
            #expect(asked.count == 2)
            #expect(
                asked.contains { $0.cluster == "west" && !$0.query.contains("rate(") })
            #expect(
                asked.contains {
                    $0.cluster == "east" && $0.query.contains("rate(istio_requests_total")
                })
        }
    }

    @Test func recordedRatesOfAnotherWindowAreNotUsed() async throws {
        let both = Self.west + [Series("mesh:istio_requests:rate5m", [:], 1)]
        try await Self.withFleet([("west", .series(both))]) { fleet in
            _ = try await fleet.graphs.graph(GraphQuestion(range: 600_000, percentiles: .none))
            #expect(fleet.asked.map { $0.query.contains("istio_requests_total[10m]") } == [true])
        }
    }

    @Test func onlyTheBusiestEdgesHavePercentilesUnlessAllAreWanted() async throws {
        var settings = Self.patient
        settings.shownEdges = 1
        try await Self.withFleet(settings: settings) { fleet in
            var map = try await fleet.graphs.graph(GraphQuestion()).value.map
            #expect(map.edge(Self.crossing)?.latency != nil)
            #expect(map.edge(Self.local)?.latency == nil)
            map = try await fleet.graphs.graph(GraphQuestion(percentiles: .all)).value.map
            #expect(map.edge(Self.local)?.latency?.p50 == 10)
        }
    }

    @Test func manyEdgesAreAskedAboutInPieces() async throws {
        var settings = Self.patient
        settings.edgesAtATime = 1
        try await Self.withFleet(settings: settings) { fleet in
            let answer = try await fleet.graphs.graph(GraphQuestion(percentiles: .all))
            #expect(answer.value.map.edges.allSatisfy { $0.latency != nil })
            #expect(answer.value.queries.count { $0.signal == "latency" } == 2)
        }
    }

    @Test func whatHasNoRoomIsWithoutPercentilesAndSaidToBe() async throws {
        var settings = Self.patient
        settings.shownReports = 3
        try await Self.withFleet(settings: settings) { fleet in
            let answer = try await fleet.graphs.graph(GraphQuestion())
            #expect(answer.value.map.edge(Self.crossing)?.latency != nil)
            #expect(answer.value.map.edge(Self.local)?.latency == nil)
            #expect(answer.warnings.count == 1)
            #expect(answer.warnings.first?.hasPrefix("1 of the 2 edges") == true)
        }
    }

    // MARK: Piece by piece

    private static func pieces(_ details: EdgePieces) async -> [EdgePieces.Piece] {
        var pieces: [EdgePieces.Piece] = []
        while let piece = await details.next() { pieces.append(piece) }
        return pieces
    }

    @Test func detailsThatArriveInPiecesAreThoseOfAllAtOnce() async throws {
        var settings = Self.patient
        settings.edgesAtATime = 1
        try await Self.withFleet(settings: settings) { fleet in
            var question = GraphQuestion(percentiles: .all)
            let whole = try await fleet.graphs.graph(question)
            question.streamsDetails = true
            question.time = MeshFleet.now
            let answer = try await fleet.graphs.graph(question)
            // Nothing is asked of edges before somebody takes them.
            let count = fleet.asked.count
            #expect(answer.value.map.edges.allSatisfy { $0.latency == nil })
            let pieces = await Self.pieces(try #require(answer.value.details))
            #expect(pieces.map(\.places) == [0..<1, 1..<2])
            #expect(pieces.flatMap { Array($0.edges) } == whole.value.map.edges)
            #expect(fleet.asked.count > count)
            let remarks = await answer.value.details?.remarks()
            #expect(remarks?.warnings == [])
            #expect(remarks?.coverage.missing.isEmpty == true)
        }
    }

    @Test func aClusterThatFailsAboutDetailsIsNamedAfterThem() async throws {
        try await Self.withFleet([
            ("east", .series(Self.east)),
            ("west", .failingAbout("istio_request_duration", Self.west)),
        ]) { fleet in
            var question = GraphQuestion(percentiles: .all)
            question.streamsDetails = true
            let answer = try await fleet.graphs.graph(question)
            #expect(answer.coverage.missing.isEmpty)
            let details = try #require(answer.value.details)
            let edges = await Self.pieces(details).flatMap { Array($0.edges) }
            #expect(edges.map(\.traffic) == answer.value.map.edges.map(\.traffic))
            #expect(edges.allSatisfy { $0.latency == nil })
            #expect(await details.remarks().coverage.missing.map(\.cluster.name) == ["west"])
        }
    }

    @Test(arguments: [false, true])
    func queriesOfDetailsInPiecesAreToldWhereThatIsWanted(_ isWanted: Bool) async throws {
        try await Self.withFleet { fleet in
            var question = GraphQuestion(time: MeshFleet.now, percentiles: .all)
            let whole = try await fleet.graphs.graph(question)
            question.streamsDetails = true
            question.tellsDetailQueries = isWanted
            let answer = try await fleet.graphs.graph(question)
            let details = try #require(answer.value.details)
            _ = await Self.pieces(details)
            let told = await details.remarks().queries
            #expect(answer.value.queries + told == (isWanted ? whole : answer).value.queries)
            #expect(told.isEmpty != isWanted)
        }
    }

    /// What has been counted of graphs: how they ended, who was missing, and how many were timed.
    private static func counted(_ metrics: TestMetrics) -> (outcomes: [String: Int64], [String]) {
        var outcomes: [String: Int64] = [:]
        var missing: [String] = []
        for counter in metrics.counters {
            func label(_ name: String) -> String {
                counter.dimensions.first { $0.0 == name }?.1 ?? ""
            }
            if counter.label == MeshMetric.requests.name {
                outcomes[label("outcome")] = counter.totalValue
            } else if counter.label == MeshMetric.missing.name {
                missing.append(label("cluster"))
            }
        }
        return (outcomes, missing)
    }

    @Test func anAnswerInPiecesIsCountedAtItsEnd() async throws {
        let metrics = TestMetrics()
        try await Self.withFleet(
            [
                ("east", .series(Self.east)),
                ("west", .failingAbout("istio_request_duration", Self.west)),
            ], metrics: MeshMetrics(factory: metrics)
        ) { fleet in
            var question = GraphQuestion(percentiles: .all)
            question.streamsDetails = true
            var answer: MeshAnswer<GraphAnswer>? = try await fleet.graphs.graph(question)
            #expect(Self.counted(metrics).outcomes.isEmpty)
            _ = await Self.pieces(try #require(answer?.value.details))
            answer = nil
            let counted = Self.counted(metrics)
            #expect(counted.outcomes == ["partial": 1])
            #expect(counted.1 == ["west"])
            let graph = [("question", "graph")]
            #expect(try metrics.expectTimer(MeshMetric.duration.name, graph).values.count == 1)
        }
    }

    @Test func anAnswerThatNobodyTakesToItsEndWasCancelled() async throws {
        let metrics = TestMetrics()
        var settings = Self.patient
        settings.edgesAtATime = 1
        try await Self.withFleet(settings: settings, metrics: MeshMetrics(factory: metrics)) {
            fleet in
            var question = GraphQuestion(percentiles: .all)
            question.streamsDetails = true
            var answer: MeshAnswer<GraphAnswer>? = try await fleet.graphs.graph(question)
            _ = await answer?.value.details?.next()
            #expect(Self.counted(metrics).outcomes.isEmpty)
            answer = nil
            #expect(Self.counted(metrics).outcomes == [QueryFailure.cancelled.kind: 1])
        }
    }

    // MARK: Other dialects

    @Test func tcpIsToldByTheBytesThatTheSourceSends() async throws {
        var labels = Self.west[1].labels
        labels["request_protocol"] = "tcp"
        let series = [
            Series("istio_tcp_received_bytes_total", labels, 100),
            Series("istio_tcp_sent_bytes_total", labels, 3000),
            Series("istio_tcp_connections_opened_total", labels, 2),
        ]
        try await Self.withFleet([("west", .series(series))]) { fleet in
            let map = try await fleet.graphs.graph(GraphQuestion()).value.map
            let tcp = try #require(map.edge(Self.local)?.traffic.tcp)
            #expect(tcp.sentRate == 100)
            #expect(tcp.receivedRate == 3000)
            #expect(tcp.connectionRate == 2)
        }
    }

    @Test func linkerdsProxiesTellOfBothSides() async throws {
        let series = [
            Series(
                "response_total",
                [
                    "direction": "outbound", "namespace": "shop", "deployment": "front",
                    "dst_namespace": "shop", "dst_service": "back", "dst_deployment": "back",
                    "status_code": "200", "classification": "success", "tls": "true",
                ], 6),
            Series(
                "response_total",
                [
                    "direction": "inbound", "namespace": "shop", "deployment": "back",
                    "client_id": "front.shop.serviceaccount.identity.linkerd.cluster.local",
                    "status_code": "200", "classification": "success", "tls": "true",
                ], 6),
        ]
        try await Self.withFleet([("west", .series(series))]) { fleet in
            let answer = try await fleet.graphs.graph(GraphQuestion())
            let edge = try #require(answer.value.map.edge("west/shop/front>west/shop/back"))
            #expect(edge.traffic.requestRate == 6)
            #expect(edge.traffic.errorRatio == 0)
            #expect(answer.value.clusters.map(\.dialects) == [[.linkerd]])
        }
    }

    @Test func envoysNameWhatTheySendTo() async throws {
        func series(_ digit: String, _ rate: Double) -> Series {
            Series(
                "envoy_cluster_upstream_rq_xx",
                [
                    "consul_source_service": "front", "consul_source_namespace": "default",
                    "consul_destination_service": "back",
                    "consul_destination_namespace": "default", "envoy_response_code_class": digit,
                ], rate)
        }
        try await Self.withFleet([("west", .series([series("2", 3), series("5", 1)]))]) { fleet in
            let map = try await fleet.graphs.graph(GraphQuestion()).value.map
            let edge = try #require(map.edge("west/default/front>west/default/back"))
            #expect(edge.traffic.requestRate == 4)
            #expect(edge.traffic.errorRatio == 0.25)
        }
    }

    @Test func pairsOfSpansAreEdgesAndTheirFailuresErrors() async throws {
        let ends = ["client": "front", "server": "back"]
        let series = [
            Series("traces_service_graph_request_total", ends, 3),
            Series("traces_service_graph_request_failed_total", ends, 1),
        ]
        try await Self.withFleet([("west", .series(series))]) { fleet in
            let map = try await fleet.graphs.graph(GraphQuestion()).value.map
            let edge = try #require(map.edges.first)
            #expect(map.nodes[edge.source].name == "front")
            #expect(map.nodes[edge.destination].name == "back")
            #expect(edge.traffic.requestRate == 4)
            #expect(edge.traffic.errorRatio == 0.25)
        }
    }

    @Test func spansOfServersAreCallsOfNobodyKnown() async throws {
        let series = [
            Series(
                "traces_span_metrics_calls_total",
                ["service_name": "back", "span_kind": "SPAN_KIND_SERVER"], 3)
        ]
        try await Self.withFleet([("west", .series(series))]) { fleet in
            let map = try await fleet.graphs.graph(GraphQuestion()).value.map
            let edge = try #require(map.edges.first)
            #expect(map.nodes[edge.source].kind == .unknown)
            #expect(map.nodes[edge.destination].name == "back")
            #expect(edge.traffic.requestRate == 3)
        }
    }

    @Test func meshesMayCallTheClustersOtherNames() async throws {
        func renamed(_ series: [Series]) -> [Series] {
            series.map { series in
                var series = series
                for label in ["source_cluster", "destination_cluster"] {
                    series.labels[label] = series.labels[label].map { "mesh-" + $0 }
                }
                return series
            }
        }
        try await Self.withFleet([
            ("east", .series(renamed(Self.east))), ("west", .series(renamed(Self.west))),
        ]) { fleet in
            let map = try await fleet.graphs.graph(GraphQuestion()).value.map
            #expect(map.edge(Self.crossing)?.traffic.requestRate == 11)
            #expect(map.edges.count == 2)
        }
    }

    // MARK: Missing clusters

    @Test func withoutAClusterEveryNumberIsUnchangedOrMarked() async throws {
        try await Self.withFleet([("east", .series(Self.east)), ("west", .refusal)]) { fleet in
            let answer = try await fleet.graphs.graph(GraphQuestion())
            #expect(answer.coverage.missing.map(\.cluster.name) == ["west"])
            let map = answer.value.map
            let crossing = try #require(map.edge(Self.crossing))
            #expect(crossing.incomplete?.contains("west") == true)
            #expect(crossing.witnesses == [.source])
            #expect(crossing.traffic.requestRate == 12)
            #expect(map.nodes.first { $0.cluster == "west" }?.isMissing == true)
            #expect(map.boxes.first { $0.name == "west" }?.missing != nil)
        }
    }

    @Test func aClusterThatLacksOneAnswerIsLeftOutOfAll() async throws {
        let series = Self.west + [Series("istio_tcp_sent_bytes_total", Self.west[0].labels, 1)]
        try await Self.withFleet([
            ("east", .series(Self.east)),
            ("west", .failingAbout("istio_tcp_sent_bytes_total", series)),
        ]) { fleet in
            let answer = try await fleet.graphs.graph(GraphQuestion())
            #expect(answer.coverage.missing.map(\.cluster.name) == ["west"])
            #expect(answer.value.map.edge(Self.local) == nil)
            #expect(answer.value.map.edge(Self.crossing)?.incomplete != nil)
        }
    }

    @Test func percentilesThatLackAClusterAreNoneAndSaidToBe() async throws {
        try await Self.withFleet([
            ("east", .series(Self.east)),
            ("west", .failingAbout("istio_request_duration", Self.west)),
        ]) { fleet in
            let answer = try await fleet.graphs.graph(GraphQuestion())
            let crossing = try #require(answer.value.map.edge(Self.crossing))
            #expect(crossing.traffic.requestRate == 11)
            #expect(crossing.latency == nil)
            #expect(crossing.transit == nil)
            #expect(answer.coverage.missing.map(\.cluster.name) == ["west"])
        }
    }

    @Test func aClusterWhoseDialectNobodyKnowsIsMissing() async throws {
        let known = ClusterDialects(
            cluster: "east", dialects: [.istio], metrics: ["istio_requests_total"])
        let unknown = ClusterDialects(cluster: "west", missing: "it did not say")
        try await Self.withFleet(dialects: [known, unknown]) { fleet in
            let answer = try await fleet.graphs.graph(GraphQuestion(percentiles: .none))
            #expect(answer.coverage.missing.map(\.message) == ["it did not say"])
            #expect(fleet.asked.allSatisfy { $0.cluster == "east" })
        }
    }

    @Test func whoeverWantsAllClustersGetsAnErrorWithoutOne() async throws {
        try await Self.withFleet([("east", .series(Self.east)), ("west", .refusal)]) { fleet in
            let failure = await #expect(throws: QueryFailure.self) {
                try await fleet.graphs.graph(GraphQuestion(partialResponse: false))
            }
            guard case .unavailable(_, let coverage) = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
            #expect(coverage.missing.map(\.cluster.name) == ["west"])
        }
    }

    @Test func withoutAnyClusterThereIsNoGraph() async throws {
        try await Self.withFleet([("east", .refusal), ("west", .refusal)]) { fleet in
            let failure = await #expect(throws: QueryFailure.self) {
                try await fleet.graphs.graph(GraphQuestion())
            }
            guard case .unavailable = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
        }
    }

    // MARK: Time

    @Test func aSilentClusterIsMissingAndTheOthersAreToldOf() async throws {
        try await Self.withFleet(
            [("east", .series(Self.east)), ("west", .silence)], timeouts: ["west": .seconds(1)]
        ) { fleet in
            let answer = try await fleet.graphs.graph(GraphQuestion())
            #expect(answer.coverage.missing.map(\.cluster.name) == ["west"])
            #expect(answer.value.map.edge(Self.crossing) != nil)
        }
    }

    @Test func silentClustersDoNotTakeLongerThanThereIs() async throws {
        try await Self.withFleet([("east", .silence), ("west", .silence)]) { fleet in
            let start = ContinuousClock.now
            await #expect(throws: QueryFailure.self) {
                try await fleet.graphs.graph(GraphQuestion(), by: start + .seconds(1))
            }
            // The clusters' own patience, and the settings', would end later.
            #expect(ContinuousClock.now < start + .seconds(30))
        }
    }

    @Test func aClusterThatIsSilentAboutLatencyLeavesTheRatesAsTheyAre() async throws {
        try await Self.withFleet(
            [
                ("east", .series(Self.east)),
                ("west", .silentAbout("istio_request_duration", Self.west)),
            ], timeouts: ["west": .seconds(4)]
        ) { fleet in
            let answer = try await fleet.graphs.graph(GraphQuestion())
            #expect(answer.value.map.edge(Self.crossing)?.traffic.requestRate == 11)
            #expect(answer.value.map.edge(Self.crossing)?.latency == nil)
            #expect(answer.coverage.missing.map(\.cluster.name) == ["west"])
        }
    }

    @Test func whoLeavesEndsTheQuestion() async throws {
        try await Self.withFleet([("east", .series(Self.east)), ("west", .silence)]) { fleet in
            let outcome = await withTaskGroup(of: QueryFailure?.self) { group in
                group.addTask { await Self.failure(of: fleet) }
                while fleet.asked.count < 2 { await Task.yield() }
                group.cancelAll()
                return await group.next()
            }
            #expect(outcome == .cancelled)
        }
    }

    private static func failure(of fleet: MeshFleet) async -> QueryFailure? {
        do throws(QueryFailure) {
            _ = try await fleet.graphs.graph(GraphQuestion())
            return nil
        } catch {
            return error
        }
    }

    @Test func theSameIsNotAskedAgainForAMoment() async throws {
        try await Self.withFleet { fleet in
            let first = try await fleet.graphs.graph(GraphQuestion())
            let count = fleet.asked.count
            let second = try await fleet.graphs.graph(GraphQuestion())
            #expect(first.value.map == second.value.map)
            #expect(fleet.asked.count == count)
            // Another view is drawn of the same reports.
            _ = try await fleet.graphs.graph(
                GraphQuestion(shape: GraphShape(view: .workload), percentiles: .none))
            #expect(fleet.asked.count == count)
            _ = try await fleet.graphs.graph(GraphQuestion(skipsMemory: true))
            #expect(fleet.asked.count == 2 * count)
        }
    }

    // MARK: Two times

    @Test func whatIsNewAndWhatVanishedIsToldOfTwoTimes() async throws {
        let now = MeshFleet.now / 1000
        let before = Self.west.filter { $0.labels["destination_service_name"] == "back" }
        try await Self.withFleet([
            ("east", .series(Self.east)),
            ("west", .varying("\(now)", Self.west, otherwise: before)),
        ]) { fleet in
            let question = GraphQuestion(
                time: MeshFleet.now, percentiles: .none, compare: 3_600_000)
            let map = try await fleet.graphs.graph(question).value.map
            #expect(map.edge(Self.local)?.change?.kind == .new)
            #expect(map.edge(Self.crossing)?.change == nil)
            #expect(Set(fleet.asked.map(\.time)).count == 2)
        }
    }

    // MARK: Traces

    @Test func tracesTellOfCallsToo() async throws {
        let dependencies = #"{"data":[{"parent":"front","child":"back","callCount":17}]}"#
        try await Self.withFleet(traces: ["east": dependencies]) { fleet in
            let both = try await fleet.graphs.graph(
                GraphQuestion(evidence: .both, percentiles: .none))
            let crossing = try #require(both.value.map.edge(Self.crossing))
            #expect(crossing.evidence == [.metrics, .traces])
            #expect(crossing.calls == 17)
            #expect(crossing.traffic.requestRate == 11)
            #expect(both.value.map.edge(Self.local)?.evidence == [.metrics])

            let count = fleet.asked.count
            let traced = try await fleet.graphs.graph(GraphQuestion(evidence: .traces))
            #expect(traced.value.map.edges.map(\.calls) == [17])
            #expect(fleet.asked.count == count)
        }
    }
}

extension ServiceMap {
    fileprivate func edge(_ id: String) -> Edge? { edges.first { self.id(of: $0) == id } }
}
