import Meshes
import PromQL
import Testing
import TimeSeries

@Suite("Which subjects are shown")
struct SignalRankingTests {
    private typealias Row = (dialect: Dialect, fact: Fact, labels: [String: String], rate: Double)

    /// What an Istio proxy of `cluster` has counted of calls to a service.
    private static func istio(
        _ service: String, _ rate: Double, in cluster: String = "eu-1", from source: String = "web",
        namespace: String = "shop", _ fact: Fact = .requests
    ) -> Row {
        var labels = CannedSignals.istio(
            "destination", from: cluster, to: cluster,
            [
                "cluster": cluster, "destination_service_name": service,
                "destination_service_namespace": namespace, "destination_workload": service,
                "source_workload": source, "source_canonical_service": source,
            ])
        if fact == .tcpRequestBytes { labels["request_protocol"] = "tcp" }
        return (.istio, fact, labels, rate)
    }

    private static func linkerd(
        _ labels: [String: String], _ rate: Double
    ) -> Row {
        let own = ["cluster": "us-1", "namespace": "shop"]
        return (.linkerd, .requests, own.merging(labels) { $1 }, rate)
    }

    private static let clusters = [
        ClusterDialects(
            cluster: "eu-1", dialects: [.istio],
            metrics: [
                "istio_requests_total", "istio_tcp_received_bytes_total",
                "container_cpu_usage_seconds_total",
            ]),
        ClusterDialects(cluster: "eu-2", dialects: [.istio], metrics: ["istio_requests_total"]),
        ClusterDialects(cluster: "us-1", dialects: [.linkerd], metrics: ["response_total"]),
    ]

    private static func ranked(
        _ rows: [Row], _ change: (inout SignalQuestion) -> Void = { _ in }
    ) throws -> SignalRanking.Ranked {
        var question = SignalQuestion(end: 0)
        change(&question)
        var ranking = try #require(SignalRanking(question, clusters: clusters))
        for query in ranking.plan.queries {
            guard case .fact(let fact) = query.content else { continue }
            let series = rows.filter { row in
                row.dialect == fact.dialect && row.fact == fact.fact
                    && query.clusters.contains(row.labels["cluster"] ?? "")
            }.map { GridSeries(labels: Labels($0.labels.map { ($0, $1) }), values: [$0.rate]) }
            ranking.add(series, of: query)
        }
        return ranking.ranked()
    }

    private static func names(_ ranked: SignalRanking.Ranked) -> [String] {
        ranked.subjects.map { subject in
            let name = subject.namespace + "/" + subject.service
            return subject.source.map { "\($0.service)>" + name } ?? name
        }
    }

    @Test("The busiest services come first, those of TCP alone after them")
    func ordersByRequests() throws {
        let ranked = try Self.ranked([
            Self.istio("cart", 5), Self.istio("cart", 4, in: "eu-2"), Self.istio("db", 8),
            Self.istio("pay", .nan), Self.istio("cache", 1e6, .tcpRequestBytes),
        ])
        #expect(Self.names(ranked).prefix(3) == ["shop/cart", "shop/db", "shop/cache"])
    }

    @Test("Services of one name in two namespaces are two")
    func tellsNamespacesApart() throws {
        let ranked = try Self.ranked([
            Self.istio("api", 1), Self.istio("api", 2, namespace: "bank"),
        ])
        #expect(Self.names(ranked) == ["bank/api", "shop/api"])
        // They are asked for by their name, and so together.
        let batches = ranked.batches(top: 2, rows: 1)
        #expect(batches.map(\.choice) == [.init(names: ["api"], namespaces: ["bank", "shop"])])
        #expect(batches[0].subjects.count == 2)
    }

    @Test("In chosen clusters the busiest of these come first")
    func ranksWithinClusters() throws {
        let ranked = try Self.ranked([
            Self.istio("cart", 1), Self.istio("cart", 9, in: "eu-2"), Self.istio("db", 2),
        ]) { $0.clusters = ["eu-1"] }
        #expect(Self.names(ranked) == ["shop/db", "shop/cart"])
    }

    @Test("Edges are ranked one by one, and asked for by those whom they lead to")
    func ranksEdges() throws {
        let ranked = try Self.ranked([
            Self.istio("cart", 1, from: "web"), Self.istio("cart", 3, from: "app"),
            Self.istio("db", 2, from: "cart"),
        ]) { $0.grouping = .edge }
        #expect(Self.names(ranked) == ["app>shop/cart", "cart>shop/db", "web>shop/cart"])
        let batches = ranked.batches(top: 2, rows: 2)
        #expect(batches.map(\.choice.names) == [["cart"], ["db"]])
        #expect(batches.map(\.subjects.count) == [1, 1])
    }

    @Test("A batch is as large as it may be, and no subject is in two")
    func fillsBatches() throws {
        let ranked = try Self.ranked((1...50).map { Self.istio("s\($0)", Double($0)) })
        // Each service is a row, and the buckets of two subjects: everywhere, and in its cluster.
        let batches = ranked.batches(top: 25, rows: 10 * (1 + 2 * 40))
        #expect(batches.map(\.subjects.count) == [10, 10, 5])
        let all = batches.flatMap(\.subjects).map(\.service)
        #expect(Set(all) == Set((26...50).map { "s\($0)" }))
        #expect(all.count == 25)
    }

    @Test("A service of Linkerd's is asked for by its workloads, and with whom they work for too")
    func asksForWorkloads() throws {
        let ranked = try Self.ranked([
            Self.linkerd(
                [
                    "direction": "outbound", "deployment": "web", "dst_service": "cart",
                    "dst_namespace": "shop", "dst_deployment": "cart-v1",
                ], 5),
            Self.linkerd(
                [
                    "direction": "outbound", "deployment": "web", "dst_service": "basket",
                    "dst_namespace": "shop", "dst_deployment": "cart-v1",
                ], 1),
            Self.linkerd(["direction": "inbound", "deployment": "cart-v1"], 6),
        ])
        let first = try #require(ranked.batches(top: 1, rows: 100).first)
        #expect(first.choice.names.isSuperset(of: ["cart-v1"]))
        let cart = ranked.batches(top: 3, rows: 1).first { batch in
            batch.subjects.contains { $0.service == "cart" }
        }
        #expect(cart?.choice.names == ["cart", "cart-v1", "basket"])
    }

    @Test("What only another label names is asked for by what the first one says")
    func asksByTheLabelThatIsAsked() throws {
        var row = Self.istio("unknown", 3)
        row.labels["destination_service"] = "cart.shop.svc.cluster.local"
        let ranked = try Self.ranked([row])
        #expect(Self.names(ranked) == ["shop/cart"])
        #expect(ranked.batches(top: 1, rows: 1)[0].choice.names == ["cart", "unknown"])
    }

    @Test("Nothing is ranked where there cannot be many", arguments: 0..<4)
    func doesNotRankFew(_ index: Int) {
        var question = SignalQuestion(end: 0)
        switch index {
        case 0: question.grouping = .mesh
        case 1: question.grouping = .cluster
        case 2: question.service = ServiceName(name: "cart")
        default:
            question.grouping = .edge
            question.source = ServiceName(name: "web")
            question.destination = ServiceName(name: "cart")
        }
        #expect(SignalRanking(question, clusters: Self.clusters) == nil)
    }

    @Test("The ranking asks for no buckets and nothing of proxies, at one time")
    func ranksCheaply() throws {
        var question = SignalQuestion(end: 0)
        question.range = 3_600_000
        let ranking = try #require(SignalRanking(question, clusters: Self.clusters))
        for query in ranking.plan.queries {
            #expect(!query.text.contains("bucket") && !query.text.contains("container_"))
        }
        #expect(ranking.plan.question.range == nil)
    }

    @Test("Questions about many services are PromQL, and name them", arguments: [true, false])
    func choiceParses(_ isOfEdges: Bool) throws {
        var question = SignalQuestion(end: 0)
        question.grouping = isOfEdges ? .edge : .service
        question.choice = SignalChoice(
            names: ["cart", "odd\"name\\.*", "a|b"], namespaces: ["shop", "bank"])
        let clusters = Dialect.allCases.map { dialect in
            ClusterDialects(
                cluster: dialect.rawValue, dialects: [dialect], metrics: Set(SignalPlan.metrics))
        }
        let plan = SignalPlan(question, clusters: clusters)
        for query in plan.queries {
            let expression = try parse(query.text)
            #expect(expression.type == .vector)
            if case .resource = query.content {
                #expect(query.text.contains(#"namespace=~"bank|shop""#), "\(query.text)")
            } else {
                #expect(query.text.contains(#"a\\|b|cart|odd"#), "\(query.text)")
            }
        }
        #expect(plan.queries.count >= 20)
    }

    @Test("A choice keeps what was asked for beside it")
    func choiceKeepsTheRest() {
        var question = SignalQuestion(end: 0)
        question.grouping = .edge
        question.source = ServiceName(namespace: "shop", name: "web")
        question.choice = SignalChoice(names: ["cart", "db"], namespaces: [])
        let scope = question.scope
        #expect(scope.alternatives.count == 1)
        #expect(scope.alternatives[0].source?.names == ["web"])
        #expect(scope.alternatives[0].destination?.names == ["cart", "db"])
        question.source = nil
        question.namespace = "shop"
        #expect(question.scope.alternatives[0].destination?.namespace == "shop")
        // The calls to a service that is named are asked for as they are; those from it to some.
        question.service = ServiceName(name: "cart")
        question.choice = SignalChoice(names: ["db"], namespaces: [])
        #expect(
            question.scope.alternatives.map { $0.destination?.names } == [["cart"], ["db"]])
    }

    // MARK: Reports

    private static func report(_ rates: [(String, String?, Double?)]) -> SignalReport {
        SignalReport(
            grid: TimeGrid(instant: 0), hasSeries: false, window: 300_000,
            subjects: rates.map { name, cluster, rate in
                var subject = SubjectSignals(
                    subject: SignalSubject(
                        kind: .service, cluster: cluster, namespace: "shop", service: name))
                subject.signals[.requestRate] = SignalValue(value: rate)
                return subject
            })
    }

    @Test("A service is shown with all its clusters or not at all, and the totals say how many are")
    func cutsWholeServices() {
        let report = Self.report([
            ("cart", nil, 5), ("cart", "eu-1", 4), ("cart", "eu-2", 1), ("db", nil, 4.5),
            ("db", "eu-1", 4.5), ("pay", nil, nil),
        ])
        #expect(report.totals == .init(subjects: 3, shown: 3))
        let shown = report.shown(top: 1)
        #expect(shown.subjects.map(\.subject.service) == ["cart", "cart", "cart"])
        #expect(shown.totals == .init(subjects: 3, shown: 1))
        #expect(report.shown(top: 3) == report)
        let other = report.shown(top: 1, first: [report.subjects[3].subject])
        #expect(other.subjects.map(\.subject.service) == ["db", "db"])
    }

    @Test("What is told of some subjects is added in order")
    func addsReports() {
        var report = Self.report([("b", nil, 1)])
        let other = Self.report([("a", nil, 1), ("a", "eu-1", 1), ("c", nil, 1)])
        report.add(other, only: [other.subjects[0].subject])
        #expect(report.subjects.map(\.subject.service) == ["a", "a", "b"])
    }
}
