import Clusters
import ControlPlane
import Federation
import MeshHealth
import PrometheusAPI
import TimeSeries

// `/mesh/v1/control-plane` and `/mesh/v1/certificates`: how what the meshes depend on is doing. Both
// tell of the last complete look, and ask nobody.

extension Handlers {
    func controlPlane(_ call: Call) async throws(ErrorResponse) -> Answer {
        try call.allow(only: ["cluster", "clusters", "mesh", "state", "partial_response"])
        let selection = ControlPlaneSelection(
            clusters: try chosenClusters(call).map { Set($0.map(\.name)) },
            meshes: try call.choices("mesh"), states: try call.choices("state"))
        let partialResponse = try partialResponse(call)
        let report = await dependencies.controlPlane.report()
        let coverage = try coverage(
            of: report, selection.clusters, partialResponse: partialResponse)
        let parts = report.parts(
            selection, clusters: dependencies.clusters().map(\.name), missing: coverage.missing)
        return answer(report, parts, coverage)
    }

    func certificates(_ call: Call) async throws(ErrorResponse) -> Answer {
        try call.allow(
            only: ["cluster", "clusters", "mesh", "kind", "severity", "top", "partial_response"])
        let selection = CertificateSelection(
            clusters: try chosenClusters(call).map { Set($0.map(\.name)) },
            meshes: try call.choices("mesh"), kinds: try call.choices("kind"),
            severities: try call.choices("severity"))
        let top = try call.number("top", standard: .max, atMost: .max)
        let partialResponse = try partialResponse(call)
        let report = await dependencies.controlPlane.report()
        let coverage = try coverage(
            of: report, selection.clusters, partialResponse: partialResponse)
        let certificates = selection.shown(
            report.picture.certificates, at: call.now / 1000)
        let parts = report.parts(certificates, top: top, missing: coverage.missing)
        return answer(report, parts, coverage)
    }

    private func answer(
        _ report: ControlPlaneReport, _ parts: [DocumentChunks.Part], _ coverage: Coverage
    ) -> Answer {
        var annotations = Annotations()
        if report.observedAt == nil { annotations.warn("nothing has been looked at yet") }
        for missing in coverage.missing { annotations.warn(missing.warning) }
        for omission in report.picture.omissions { annotations.warn(omission) }
        return Answer(
            .document(DocumentChunks(parts, annotations: annotations)), type: .json,
            coverage: coverage)
    }

    /// Which clusters of the scope the look is about. That of a cluster whose own server does not
    /// answer lacks what metrics tell; whoever wants all or nothing is refused.
    private func coverage(
        of report: ControlPlaneReport, _ clusters: Set<String>?, partialResponse: Bool
    ) throws(ErrorResponse) -> Coverage {
        var coverage = Coverage()
        guard report.observedAt != nil else { return coverage }
        coverage.missing = report.missing.filter { missing in
            clusters?.contains(missing.cluster.name) ?? true
        }
        let absent = Set(coverage.missing.map(\.cluster.name))
        coverage.present = dependencies.clusters().map(\.name)
            .filter { (clusters?.contains($0) ?? true) && !absent.contains($0) }
            .map { ClusterID($0) }
        if !partialResponse, !coverage.missing.isEmpty {
            let words = coverage.missing.map(\.warning).joined(separator: "; ")
            throw ErrorResponse(kind: .unavailable, message: words, coverage: coverage)
        }
        return coverage
    }
}
