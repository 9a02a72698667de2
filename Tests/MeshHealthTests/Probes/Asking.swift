import MeshHealth
import Testing

/// Reads answers as the feature will.
enum Asking {
    static let now: Int64 = 1_800_000_000_000

    static func read(
        _ probe: Probe, _ reply: ProbeReply, took latency: Duration = .milliseconds(5),
        expecting expectation: HTTPExpectation = HTTPExpectation()
    ) -> ProbeReading {
        let target = ProbeTarget(
            probe.kind, cluster: "east", instance: "http://a", expectation: expectation)
        return ProbeReading(probe, of: target, reply, took: latency, at: now)
    }

    static func read(
        _ probe: Probe, _ status: Int, _ text: String, type: String? = nil
    ) -> ProbeFinding {
        read(probe, .answered(ProbeAnswer(status: status, contentType: type, text: text))).finding
    }

    static func expect(
        _ finding: ProbeFinding, _ state: ComponentState, _ problem: ProbeProblem?,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(finding.state == state, "\(finding.detail)", sourceLocation: sourceLocation)
        #expect(finding.problem == problem, "\(finding.detail)", sourceLocation: sourceLocation)
        #expect(!finding.detail.isEmpty, sourceLocation: sourceLocation)
    }
}
