import Meshes
import TestSupport
import Testing
import TimeSeries

/// Signals and the service graph are two views of the same calls.
@Suite("Signals and the graph agree")
struct SignalsAndGraphTests {
    /// The reports as Istio's proxies label them, at some times.
    private func signals(
        _ mesh: GeneratedMesh, _ values: (Int, Double) -> [Double] = { [$1] }
    ) -> CannedSignals {
        var canned = CannedSignals()
        for cluster in GeneratedMesh.clusters {
            canned.cluster(cluster, metrics: ["istio_requests_total"])
        }
        for (place, report) in mesh.reports.enumerated() {
            var labels = [
                "reporter": report.reporter.rawValue, "source_cluster": report.source.cluster,
                "source_workload_namespace": report.source.namespace,
                "source_workload": report.source.workload,
                "source_canonical_service": report.source.app,
                "source_canonical_revision": report.source.version,
                "destination_cluster": report.destination.cluster,
                "destination_service_namespace": report.destination.namespace,
                "destination_service_name": report.destination.service,
                "destination_workload": report.destination.workload,
                "destination_canonical_service": report.destination.app,
                "destination_canonical_revision": report.destination.version,
                "connection_security_policy": report.security,
            ]
            switch report.measure {
            case .http(let code, let flags):
                labels["request_protocol"] = "http"
                labels["response_code"] = "\(code)"
                labels["response_flags"] = flags
            case .grpc(let status, let code, let flags):
                labels["request_protocol"] = "grpc"
                labels["response_code"] = "\(code)"
                labels["grpc_response_status"] = status.map { "\($0)" } ?? ""
                labels["response_flags"] = flags
            case .tcpRequestBytes, .tcpResponseBytes, .tcpConnections: continue
            }
            canned.add(
                .istio, .requests, in: report.reportedBy, labels, values(place, report.rate))
        }
        return canned
    }

    /// Strangers of less than a hundredth are left out of the graph.
    private func isNear(_ one: Double, _ other: Double) -> Bool {
        abs(one - other) <= 1e-9 + 0.0101 * max(one, other)
    }

    @Test(arguments: 1...30 as ClosedRange<UInt64>, [false, true])
    func aServiceHasTheRequestsThatItsNodeReceives(seed: UInt64, labelsAreDamaged: Bool) {
        let mesh = GeneratedMesh(seed: seed, labelsAreDamaged: labelsAreDamaged)
        var ledger = CallLedger(clusters: GeneratedMesh.clusters)
        for report in mesh.reports {
            switch report.measure {
            case .http, .grpc: ledger.add(report)
            default: continue
            }
        }
        let map = ledger.map(GraphShape(view: .service, box: .none)).map
        let report = signals(mesh).report()
        var compared = 0
        for node in map.nodes {
            guard let cluster = node.cluster, let rate = node.incoming.requestRate,
                let subject = report.service(node.name, in: cluster)
            else { continue }
            let told = subject.value(.requestRate) ?? 0
            #expect(isNear(told, rate), "seed \(seed) \(node.id): \(told), not \(rate)")
            compared += 1
        }
        let received = map.nodes.filter {
            $0.cluster != nil && ($0.incoming.requestRate ?? 0) > 0
        }
        #expect(compared >= received.count)
        let all = signals(mesh).report { $0.grouping = .mesh }.subjects.first
        let total = map.edges.reduce(0) { $0 + ($1.traffic.requestRate ?? 0) }
        #expect(isNear(all?.value(.requestRate) ?? 0, total), "seed \(seed)")
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func aValueOfASeriesIsWhatIsToldAtItsTimeAlone(seed: UInt64) {
        let mesh = GeneratedMesh(seed: seed, labelsAreDamaged: true)
        var random = SeededGenerator(seed: seed)
        // Clusters fall silent for a while, calls come and go.
        let rates = mesh.reports.map { report in
            (0..<3).map { _ in
                switch Int.random(in: 0..<5, using: &random) {
                case 0: Absent.value
                case 1: 0.0
                default: report.rate * Double(Int.random(in: 1...3, using: &random))
                }
            }
        }
        let series = signals(mesh) { place, _ in rates[place] }.report {
            $0.range = 120_000
            $0.step = 60_000
        }
        for time in 0..<3 {
            let alone = signals(mesh) { place, _ in [rates[place][time]] }.report()
            #expect(alone.subjects.map(\.subject) == series.subjects.map(\.subject))
            for (one, other) in zip(alone.subjects, series.subjects) {
                for signal in [Signal.requestRate, .errorRatio, .mutualTLSRatio] {
                    let value = other.signals[signal]?.values?[time]
                    #expect(
                        one.value(signal) == value,
                        "seed \(seed) \(one.subject.service) \(signal) at \(time)")
                }
            }
        }
    }
}
