import Meshes
import TestSupport
import Testing
import TimeSeries

/// Who asks about a few services has the clusters find only these, and gets what the answer about all
/// tells of them: both sides' reports of an edge, and whatever decides which of them count.
@Suite("Narrow questions about signals") struct NarrowSignalsTests {
    /// Whose reports the services' proxies make.
    enum Mesh: String, CaseIterable {
        case istio, linkerd
        /// Istio in two clusters, Linkerd in the third.
        case both
    }

    private static func fleet(seed: UInt64, isDamaged: Bool, _ meshes: Mesh) -> EvaluatedSignals {
        let mesh = GeneratedMesh(seed: seed, labelsAreDamaged: isDamaged)
        let rates = mesh.reports.compactMap { report -> ([String: String], [Double])? in
            let isLinkerd = meshes == .linkerd || (meshes == .both && report.reportedBy == "ap-1")
            let labels = isLinkerd ? ReportLabels.linkerd(report) : ReportLabels.istio(report)
            return labels.map { ($0, [report.rate]) }
        }
        return EvaluatedSignals(rates, on: TimeGrid(instant: EvaluatedSignals.now))
    }

    /// Of durations a question about many services tells less apart.
    private static let signals = Set(Signal.allCases.filter { $0.quantile == nil })

    @Test(
        "One service, and one namespace, are as in the whole",
        arguments: 1...12 as ClosedRange<UInt64>, Mesh.allCases)
    func servicesAreAsInTheWhole(seed: UInt64, meshes: Mesh) throws {
        for isDamaged in [false, true] {
            let fleet = Self.fleet(seed: seed, isDamaged: isDamaged, meshes)
            let whole = try fleet.told { $0.signals = Self.signals }
            let subjects = whole.report.subjects
            let names = Set(
                subjects.map {
                    ServiceName(namespace: $0.subject.namespace, name: $0.subject.service)
                }
            )
            for name in names where !(name.namespace ?? "").isEmpty {
                let narrow = try fleet.told {
                    $0.signals = Self.signals
                    $0.service = name
                }
                let expected = subjects.filter {
                    $0.subject.namespace == name.namespace && $0.subject.service == name.name
                }
                #expect(
                    narrow.report.differences(from: expected) == [],
                    "seed \(seed), \(meshes), damaged: \(isDamaged), \(name)")
            }
            for namespace in Set(subjects.map(\.subject.namespace)) where !namespace.isEmpty {
                let narrow = try fleet.told {
                    $0.signals = Self.signals
                    $0.namespace = namespace
                }
                let expected = subjects.filter { $0.subject.namespace == namespace }
                #expect(
                    narrow.report.differences(from: expected) == [],
                    "seed \(seed), \(meshes), damaged: \(isDamaged), \(namespace)")
            }
        }
    }

    /// Where two meshes tell of one workload, the one that calls it by its service and the other by itself,
    /// what it is called as a caller depends on reports of other calls too; so that is left out.
    @Test(
        "Edges of one service are as in the whole", arguments: 1...12 as ClosedRange<UInt64>,
        [Mesh.istio, .linkerd])
    func edgesAreAsInTheWhole(seed: UInt64, meshes: Mesh) throws {
        for isDamaged in [false, true] {
            let fleet = Self.fleet(seed: seed, isDamaged: isDamaged, meshes)
            func told(_ change: (inout SignalQuestion) -> Void) throws -> EvaluatedSignals.Told {
                try fleet.told {
                    $0.signals = Self.signals
                    $0.grouping = .edge
                    change(&$0)
                }
            }
            let subjects = try told { _ in }.report.subjects
            let called = Set(subjects.map { [$0.subject.namespace, $0.subject.service] })
            for name in called where !name.contains("") {
                let service = ServiceName(namespace: name[0], name: name[1])
                let expected = subjects.filter {
                    $0.subject.namespace == name[0] && $0.subject.service == name[1]
                }
                #expect(
                    try told { $0.destination = service }.report.differences(from: expected) == [],
                    "seed \(seed), \(meshes), damaged: \(isDamaged), to \(service)")
            }
            let calling = Set(
                subjects.compactMap { $0.subject.source.map { [$0.namespace, $0.service] } })
            for name in calling where !name.contains("") {
                let service = ServiceName(namespace: name[0], name: name[1])
                let expected = subjects.filter {
                    $0.subject.source?.namespace == name[0] && $0.subject.source?.service == name[1]
                }
                #expect(
                    try told { $0.source = service }.report.differences(from: expected) == [],
                    "seed \(seed), \(meshes), damaged: \(isDamaged), from \(service)")
            }
        }
    }
}
