import Meshes
import TestSupport
import Testing
import TimeSeries

/// Where only clusters or the mesh are wanted, clusters add up what they can.
@Suite("Sums over services") struct JoinedServicesTests {
    private static let grid = TimeGrid(
        start: EvaluatedSignals.now - 120_000, end: EvaluatedSignals.now, step: 60_000)

    /// Reports and their durations, at three times at which calls come and go.
    static func fleet(seed: UInt64, isDamaged: Bool) -> EvaluatedSignals {
        let mesh = GeneratedMesh(seed: seed, labelsAreDamaged: isDamaged)
        var random = SeededGenerator(seed: seed)
        var rates: [(labels: [String: String], values: [Double])] = []
        for (place, report) in mesh.reports.enumerated() {
            guard let labels = ReportLabels.istio(report) else { continue }
            // Some services have no proxy, so that their callers alone tell of them.
            let isSilent = isDamaged && report.destination.service.hasSuffix("3")
            if isSilent, report.reporter == .destination { continue }
            let values = (0..<3).map { _ in
                Int.random(in: 0..<6, using: &random) == 0 ? 0 : report.rate
            }
            rates.append((labels, values))
            for bucket in ReportLabels.buckets(labels, rate: 1, seed: place) {
                rates.append((bucket.labels, values.map { $0 * bucket.rate }))
            }
        }
        return EvaluatedSignals(rates, on: grid)
    }

    @Test(
        "A cluster's and the mesh's signals are those of their services' calls",
        arguments: 1...12 as ClosedRange<UInt64>, [false, true])
    func areThoseOfServices(seed: UInt64, isDamaged: Bool) throws {
        let fleet = Self.fleet(seed: seed, isDamaged: isDamaged)
        for grouping in [SignalQuestion.Grouping.cluster, .mesh] {
            for clusters in [[], ["eu-1"], ["us-1", "ap-1"]] {
                for range in [nil, 120_000] as [Int64?] {
                    func ask(_ question: inout SignalQuestion) {
                        question.grouping = grouping
                        question.clusters = clusters
                        question.range = range
                    }
                    let joined = try fleet.told(ask)
                    // A choice of all services asks for durations service by service.
                    let apart = try fleet.told {
                        ask(&$0)
                        $0.choice = SignalChoice(names: [], namespaces: [])
                    }
                    #expect(
                        joined.report.differences(from: apart.report.subjects) == [],
                        "seed \(seed), \(grouping) of \(clusters)")
                }
            }
        }
    }

    @Test("Durations of many services are as many rows as those of a few")
    func durationsAreFew() throws {
        func rows(services: Int) throws -> (requests: Int, durations: Int) {
            var rates: [(labels: [String: String], values: [Double])] = []
            for place in 0..<services {
                for reporter in [CallReport.Reporter.source, .destination] {
                    let source = CallEnd(
                        cluster: "eu-1", namespace: "shop", workload: "web", app: "web")
                    let destination = CallEnd(
                        cluster: "eu-1", namespace: "shop", workload: "w\(place)",
                        app: "s\(place)", service: "s\(place)")
                    let report = CallReport(
                        source: source, destination: destination, reporter: reporter,
                        reportedBy: "eu-1", dialect: .istio,
                        measure: .http(code: 200, flags: "-"), rate: 1)
                    let labels = try #require(ReportLabels.istio(report))
                    rates.append((labels, [1, 1, 1]))
                    for bucket in ReportLabels.buckets(labels, rate: 1, seed: 0) {
                        rates.append((bucket.labels, [1, 1, 1].map { $0 * bucket.rate }))
                    }
                }
            }
            let told = try EvaluatedSignals(rates, on: Self.grid).told {
                $0.grouping = .cluster
            }
            #expect(told.report.subjects.first?.signals[.latencyP50]?.value == 5)
            #expect(told.report.subjects.first?.value(.requestRate) == Double(services))
            return (told.rows(ofMetric: "requests"), told.rows(ofMetric: "_bucket"))
        }
        let (few, many) = (try rows(services: 3), try rows(services: 60))
        #expect(few.durations == 2 * 4)
        #expect(many.durations == few.durations)
        #expect(many.requests == 20 * few.requests)
    }

    @Test("What only some of a cluster's calls count of is asked for by their services")
    func mixedAreAskedAgain() throws {
        let mixed = Self.fleet(seed: 4, isDamaged: true)
        let told = try mixed.told { $0.grouping = .mesh }
        let buckets = told.rows.filter { $0.query.text.contains("_bucket") }
        #expect(buckets.count == 2)
        #expect(buckets.last?.query.text.contains("destination_service_name=") == true)
        #expect(told.report.queries.count == told.rows.count)
    }

    @Test("What proxies use is added up, and what Envoys do not tell of clusters is not asked for")
    func proxiesAreAddedUp() throws {
        var question = SignalQuestion(end: 0)
        question.grouping = .cluster
        let cluster = ClusterDialects(
            cluster: "eu-1", dialects: [.istio], metrics: Set(SignalPlan.metrics))
        let plan = SignalPlan(question, clusters: [cluster])
        let resources = plan.queries.filter { $0.text.contains("container_") }
        #expect(resources.count == 2)
        #expect(resources.allSatisfy { $0.text.hasPrefix("sum by (cluster) (") })
        #expect(!plan.queries.contains { $0.text.contains("envoy_cluster_upstream_rq_retry") })
    }
}
