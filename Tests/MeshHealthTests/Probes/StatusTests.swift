import MeshHealth
import Testing

/// What statuses, failures and bodies mean whatever is asked.
@Suite struct StatusTests {
    @Test(arguments: Probe.allCases)
    func refusalIsNotDownWhateverIsAsked(_ probe: Probe) {
        Asking.expect(Asking.read(probe, 401, ""), .unauthorized, .unauthorized)
        Asking.expect(Asking.read(probe, 403, "RBAC: denied"), .unauthorized, .forbidden)
    }

    @Test(arguments: [
        (ProbeFailure.Kind.timeout, ComponentState.unreachable, ProbeProblem.timeout),
        (.connection, .unreachable, .connection), (.resolution, .unreachable, .resolution),
        (.tls, .unreachable, .tls), (.proxy, .unreachable, .proxy),
        (.interrupted, .unreachable, .interrupted), (.malformed, .unknown, .malformed),
        (.tooLarge, .unknown, .tooLarge), (.configuration, .unknown, .configuration),
    ])
    func noAnswerIsNotAnUnhealthyOne(
        _ kind: ProbeFailure.Kind, _ state: ComponentState, _ problem: ProbeProblem
    ) {
        let reading = Asking.read(.istiodReady, .failed(ProbeFailure(kind, "why")))
        Asking.expect(reading.finding, state, problem)
        #expect(reading.status == nil)
        #expect(reading.finding.detail.hasSuffix(": why"))
    }

    @Test(arguments: [
        (404, ComponentState.unknown, ProbeProblem.notFound), (301, .unknown, .redirect),
        (302, .unknown, .redirect), (407, .unreachable, .proxy), (429, .unknown, .rateLimited),
        (502, .unreachable, .proxy), (504, .unreachable, .timeout),
        (500, .degraded, .serverError), (204, .unknown, .unexpectedStatus),
        (418, .unknown, .unexpectedStatus), (0, .unknown, .unexpectedStatus),
    ])
    func statusesMeanTheSameForDetails(
        _ status: Int, _ state: ComponentState, _ problem: ProbeProblem
    ) {
        Asking.expect(Asking.read(.istiodSync, status, "x"), state, problem)
    }

    @Test func anErrorOfTheEssentialEndpointIsWorse() {
        Asking.expect(Asking.read(.istiodReady, 500, "panic"), .unhealthy, .serverError)
    }

    @Test func aRedirectNamesItsPlace() {
        let finding = Asking.read(
            .istiodReady, .answered(ProbeAnswer(status: 302, location: "https://sso/login"))
        ).finding
        Asking.expect(finding, .unknown, .redirect)
        #expect(finding.detail.contains("https://sso/login"))
        #expect(
            ProbeProblem.redirect.isMisconfiguration && !ProbeProblem.timeout.isMisconfiguration)
    }

    /// Whatever sends a page with 200 stands in the way.
    @Test(arguments: Probe.allCases.filter { $0 != .http && $0 != .handshake })
    func aPageOfHTMLIsAMisconfiguration(_ probe: Probe) {
        for type in ["text/html; charset=utf-8", nil] {
            let finding = Asking.read(
                probe, 200, "\n<!DOCTYPE html><html>Log in</html>", type: type)
            Asking.expect(finding, .unknown, .html)
        }
        #expect(ProbeProblem.html.isMisconfiguration)
    }

    static let json: [Probe] = [
        .istiodSync, .istiodClusters, .consulLeader, .consulPeers, .consulAutopilot, .consulRoots,
        .envoyServerInfo, .envoyCertificates, .envoyClusters, .istiodPushStatus,
    ]

    @Test(arguments: json)
    func aBodyThatEndsEarlyIsToldFromOneThatIsNoJSON(_ probe: Probe) {
        Asking.expect(Asking.read(probe, 200, #"[{"a":"#), .unknown, .truncated)
        Asking.expect(Asking.read(probe, 200, "OK then"), .unknown, .notJSON)
        Asking.expect(Asking.read(probe, 200, "17"), .unknown, .wrongShape)
        let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        Asking.expect(Asking.read(probe, 200, deep), .unknown, .tooLarge)
    }

    @Test(arguments: json.filter { $0 != .istiodPushStatus })
    func anEmptyBodySaysNothing(_ probe: Probe) {
        Asking.expect(Asking.read(probe, 200, " \n"), .unknown, .empty)
    }

    @Test func aBodyLargerThanTheProbeTakesIsNotRead() {
        let text = String(repeating: " ", count: Probe.istiodReady.maximumBytes + 1)
        Asking.expect(Asking.read(.istiodReady, 200, text), .unknown, .tooLarge)
    }

    @Test func aSlowAnswerIsDegradedWhereItIsEssential() {
        let answer = ProbeReply.answered(ProbeAnswer(status: 200))
        let slow = Asking.read(.istiodReady, answer, took: .seconds(3)).finding
        Asking.expect(slow, .degraded, .slow)
        #expect(slow.detail.contains("3000 ms"))
        Asking.expect(
            Asking.read(.istiodReady, answer, took: .milliseconds(1999)).finding, .healthy, nil)
        let detail = ProbeReply.answered(ProbeAnswer(status: 200, text: "[]"))
        Asking.expect(
            Asking.read(.istiodSync, detail, took: .seconds(9)).finding, .healthy, nil)
    }

    @Test func wordsOfABodyAreShownInOneShortLine() {
        let finding = Asking.read(
            .istiodSync, 500, "a\u{7}\nb" + String(repeating: "c", count: 500))
        #expect(finding.detail.contains("a  bccc"))
        #expect(finding.detail.utf8.count < 200)
    }
}
