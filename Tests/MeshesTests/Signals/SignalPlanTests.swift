import Meshes
import PromQL
import Testing

@Suite("Queries of signals")
struct SignalPlanTests {
    /// A cluster of each dialect, with all metrics of it and what Envoys and Kubernetes add.
    private static func clusters(recorded: Bool) -> [ClusterDialects] {
        Dialect.allCases.map { dialect in
            var metrics = Set(dialect.row.metrics).union(SignalPlan.metrics.filter(isShared))
            if !recorded { metrics = metrics.filter { !$0.hasPrefix("mesh:") } }
            return ClusterDialects(
                cluster: "of-\(dialect.rawValue)", dialects: [dialect], metrics: metrics)
        }
    }

    private static func isShared(_ metric: String) -> Bool {
        metric.hasPrefix("envoy_cluster_") || metric.hasPrefix("container_")
    }

    private static let questions: [SignalQuestion] = SignalQuestion.Grouping.allCases.flatMap {
        grouping in
        (0..<6).map { index in
            var question = SignalQuestion(end: 0)
            question.grouping = grouping
            switch index {
            case 1: question.service = ServiceName(namespace: "shop", name: "cart")
            case 2: question.service = ServiceName(name: "odd\"name\\.*")
            case 3: question.source = ServiceName(namespace: "shop", name: "web")
            case 4:
                question.destination = ServiceName(name: "cart")
                question.clusters = ["of-istio"]
            case 5: question.namespace = "shop"
            default: break
            }
            return question
        }
    }

    @Test("Every query is PromQL, recorded rates or not", arguments: [true, false])
    func parses(recorded: Bool) throws {
        for question in Self.questions {
            let plan = SignalPlan(question, clusters: Self.clusters(recorded: recorded))
            #expect(!plan.queries.isEmpty)
            for query in plan.queries {
                let expression = try parse(query.text)
                #expect(expression.type == .vector, "\(query.text)")
            }
        }
    }

    @Test("The number of queries does not grow with clusters that are alike")
    func isBounded() {
        let one = Self.clusters(recorded: false)
        let many = (0..<20).flatMap { index in
            one.map { cluster in
                var cluster = cluster
                cluster.cluster += "-\(index)"
                return cluster
            }
        }
        let question = SignalQuestion(end: 0)
        let (few, all) = (
            SignalPlan(question, clusters: one), SignalPlan(question, clusters: many)
        )
        #expect(few.queries.count == all.queries.count)
        #expect(all.queries.allSatisfy { $0.clusters.count >= 20 })
    }

    @Test("Recorded rates are used where a cluster has them, and only over their window")
    func usesRecordedRates() {
        let name = "mesh:istio_requests:rate5m"
        let clusters = [
            ClusterDialects(
                cluster: "eu-1", dialects: [.istio], metrics: ["istio_requests_total", name]),
            ClusterDialects(
                cluster: "us-1", dialects: [.istio], metrics: ["istio_requests_total"]),
        ]
        var question = SignalQuestion(end: 0)
        question.signals = [.requestRate]
        let texts = SignalPlan(question, clusters: clusters).queries
        #expect(texts.map(\.clusters) == [["eu-1"], ["us-1"]])
        #expect(texts.first?.text.contains("(\(name){cluster=\"eu-1\"})") == true)
        #expect(
            texts.last?.text.contains("rate(istio_requests_total{cluster=\"us-1\"}[5m])") == true)
        question.window = 60_000
        let raw = SignalPlan(question, clusters: clusters).queries
        #expect(raw.map(\.clusters) == [["eu-1", "us-1"]])
        #expect(raw.first?.text.contains("[1m]") == true)
    }

    @Test("A cluster whose metrics nobody knows is asked nothing")
    func unknownClusters() {
        let silent = ClusterDialects(cluster: "eu-1", missing: "refused")
        #expect(SignalPlan(SignalQuestion(end: 0), clusters: [silent]).queries.isEmpty)
    }

    @Test("A service's name and namespace are asked for, whichever labels have them")
    func scopes() {
        var question = SignalQuestion(end: 0)
        question.service = ServiceName(namespace: "shop", name: "cart")
        question.signals = [.requestRate]
        let texts = SignalPlan(question, clusters: Self.clusters(recorded: false)).queries.map(
            \.text)
        func asks(_ metric: String, _ condition: String) -> Bool {
            texts.contains { $0.contains(metric) && $0.contains(condition) }
        }
        #expect(asks("istio_requests_total", #"destination_service_name="cart""#))
        #expect(asks("response_total", #"direction="outbound",dst_service="cart""#))
        #expect(asks("response_total", #"direction="inbound",deployment="cart""#))
        #expect(asks("envoy_cluster_upstream_rq_xx", #"exported_cluster=~"#))
        #expect(asks("traces_span_metrics_calls_total", #"service_name="cart""#))
    }
}
