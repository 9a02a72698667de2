import Clusters
import ControlPlane
import MeshHealth
import Synchronization
import TestSupport
import Testing

/// What endpoints that answer in one way or another are found to be, over real sockets.
@Suite(.timeLimit(.minutes(10)))
struct ProbeStateTests {
    typealias Behaviour = ScriptedServer.Behaviour

    /// How a replica behaves: by path, and to all other paths.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var kind: ControlPlaneKind
        var component: String
        var paths: [String: Behaviour]
        var others: Behaviour
        var state: ComponentState
        var problem: ProbeProblem?
        /// What a sentence about the replica has.
        var said = ""

        var testDescription: String { name }

        init(
            _ name: String, _ kind: ControlPlaneKind, _ component: String,
            _ paths: [String: Behaviour] = [:],
            others: Behaviour = .text(404, "not here"), _ state: ComponentState,
            _ problem: ProbeProblem? = nil, said: String = ""
        ) {
            self.name = name
            self.kind = kind
            self.component = component
            self.paths = paths
            self.others = others
            self.state = state
            self.problem = problem
            self.said = said
        }
    }

    static let istiod: [String: Behaviour] = [
        "/ready": .text(200, ""), "/version": .text(200, "1.24.2-abc-Clean"),
        "/debug/syncz": .json(200, "[]"), "/debug/clusterz": .json(200, "[]"),
        "/debug/push_status": .json(200, "{}"),
    ]

    private static func istiod(but changes: [String: Behaviour]) -> [String: Behaviour] {
        istiod.merging(changes) { $1 }
    }

    private static let autopilot = """
        {"Healthy":false,"FailureTolerance":0,"Servers":[
        {"Name":"a","Healthy":true,"Voter":true,"Leader":true,"Version":"1.18.2"},
        {"Name":"b","Healthy":true,"Voter":true},{"Name":"c","Healthy":false,"Voter":true}]}
        """

    private static func consul(_ autopilot: Behaviour) -> [String: Behaviour] {
        [
            "/v1/status/leader": .json(200, #""10.0.0.1:8300""#),
            "/v1/status/peers": .json(200, #"["10.0.0.1:8300","10.0.0.2:8300","10.0.0.3:8300"]"#),
            "/v1/operator/autopilot/health": autopilot,
        ]
    }

    private static let login = Behaviour.answer(
        status: 200, type: "text/html", body: "<html>Log in</html>")

    static let cases: [Case] = [
        Case("istiod is ready", .istiod, "istiod", istiod, .healthy),
        Case(
            "istiod is not ready", .istiod, "istiod", istiod(but: ["/ready": .text(503, "")]),
            .unhealthy, .notReady),
        Case(
            "istiod tells nothing of its proxies", .istiod, "istiod",
            istiod(but: [
                "/debug/syncz": .text(401, ""), "/debug/clusterz": .text(403, ""),
                "/debug/push_status": .text(401, ""),
            ]), .healthy),
        Case(
            "a remote cluster is out of sync", .istiod, "istiod",
            istiod(but: [
                "/debug/clusterz": .json(200, #"[{"id":"us","syncStatus":"timeout"}]"#)
            ]), .degraded, said: "us"),
        Case(
            "everything wants credentials", .istiod, "istiod", others: .text(401, ""),
            .unauthorized, .unauthorized),
        Case("a login page answers", .istiod, "istiod", others: login, .unknown, .html),
        Case(
            "a login page is pointed to", .http, "endpoint",
            others: .answer(status: 302, type: "text/plain", body: ""), .unknown, .redirect),
        Case(
            "Linkerd is ready", .linkerd, "linkerd-control-plane",
            ["/ping": .text(200, "pong\n"), "/ready": .text(200, "ok\n")], .healthy),
        Case(
            "Linkerd is not ready and says so by 500", .linkerd, "linkerd-control-plane",
            ["/ping": .text(200, "pong\n"), "/ready": .text(500, "not ready\n")], .unhealthy,
            .notReady, said: "not ready"),
        Case(
            "Consul's 429 is a degraded answer with a body", .consul, "consul-server",
            consul(.json(429, autopilot)), .degraded, said: "not healthy: c"),
        Case(
            "a 429 without a body is nothing but that", .consul, "consul-server",
            consul(.text(429, "slow down")), .healthy),
        Case(
            "Consul has no leader", .consul, "consul-server",
            ["/v1/status/leader": .json(200, #""""#)], .unhealthy, .noLeader),
        Case(
            "an Envoy is draining", .envoy, "envoy", ["/ready": .text(503, "DRAINING\n")],
            .degraded, .draining),
        Case(
            "an Envoy is live that leaves its state out", .envoy, "envoy",
            [
                "/ready": .text(200, "LIVE\n"),
                "/server_info": .json(
                    200, #"{"version":"61b9d1c/1.32.1/Clean/RELEASE/BoringSSL"}"#),
            ], .healthy),
        Case("nothing is said", .istiod, "istiod", others: .silence(), .unreachable, .timeout),
        Case(
            "an answer breaks off", .http, "endpoint", others: .reset(afterBytes: 100),
            .unreachable, .interrupted),
        Case(
            "half an answer", .http, "endpoint", others: .half(body: "half"), .unreachable,
            .interrupted),
        Case(
            "an answer drips", .http, "endpoint", others: .drip(interval: .milliseconds(20)),
            .unreachable, .timeout),
        Case(
            "an answer is too large", .http, "endpoint", others: .flood(bytes: 2 << 20), .unknown,
            .tooLarge),
    ]

    @Test(arguments: cases)
    func whatAnEndpointAnswersIsWhatItIsFoundToBe(_ one: Case) async throws {
        let requests = Mutex<[ScriptedServer.Request]>([])
        let server = try ScriptedServer { request in
            requests.withLock { $0.append(request) }
            return one.paths[request.path] ?? one.others
        }
        defer { server.end() }
        let settings = WatchedFleet.settings(
            timeout: one.problem == .timeout ? .milliseconds(300) : .seconds(20))
        let cluster = Cluster.watched("eu", .of(one.kind, server.address))
        try await withFleet([cluster], settings: settings) { fleet in
            await fleet.watch.lookOnce()
            let component = try #require(await fleet.component(one.component))
            #expect(component.state == one.state)
            let instance = try #require(component.instances.first)
            let essential = try #require(instance.readings.first)
            #expect(essential.finding.problem == one.problem)
            #expect(
                instance.readings.contains { $0.finding.detail.contains(one.said) }
                    || one.said.isEmpty)
            #expect(instance.target.instance == server.address)
        }
        // Nothing is asked but what the table has, and nothing but by GET.
        let paths = Set(
            Probe.all(of: one.kind).map { $0.path.prefix { $0 != "?" } }.map(String.init))
        let asked = requests.withLock { $0 }
        #expect(!asked.isEmpty)
        #expect(
            asked.allSatisfy {
                $0.method == "GET" && (paths.contains($0.path) || one.kind == .http)
            })
    }

    @Test func theQueryOfAPathIsSentAsOne() async throws {
        let forms = Mutex<[String: String]>([:])
        let server = try ScriptedServer { request in
            forms.withLock { $0[request.path] = request.form }
            return .text(200, "LIVE\n")
        }
        defer { server.end() }
        try await withFleet([.watched("eu", .of(.envoy, server.address))]) { fleet in
            await fleet.watch.lookOnce()
        }
        #expect(forms.withLock { $0["/clusters"] } == "format=json&")
    }

    @Test func whereNobodyListensNothingElseIsTried() async throws {
        let port = try Loopback.freePort()
        try await withFleet([.watched("eu", .of(.istiod, "http://127.0.0.1:\(port)"))]) { fleet in
            await fleet.watch.lookOnce()
            let component = try #require(await fleet.component("istiod"))
            #expect(component.state == .unreachable)
            let readings = try #require(component.instances.first).readings
            // Of no probe an older answer stays that would say something better.
            #expect(readings.map(\.finding.problem) == Array(repeating: .connection, count: 5))
        }
    }

    @Test func anExpectationIsHeldAgainstTheAnswer() async throws {
        let server = try ScriptedServer { _ in .json(503, #"{"status":{"ready":false}}"#) }
        defer { server.end() }
        var endpoint = ControlPlaneEndpoint.of(.http, server.address)
        endpoint.status = 503
        endpoint.pointer = JSONPointer("/status/ready")
        endpoint.component = "gate"
        var other = endpoint
        endpoint.value = "false"
        other.value = "true"
        other.component = "other"
        try await withFleet([.watched("eu", endpoint, other)]) { fleet in
            await fleet.watch.lookOnce()
            #expect(await fleet.state("gate") == .healthy)
            #expect(await fleet.state("other") == .unhealthy)
        }
    }

    @Test func aSecretInARedirectIsNotShown() async throws {
        let server = try FaultServer { _ in
            .answer(
                status: 302, headers: ["Location: https://user:word@login.example/in?token=secret"],
                body: [])
        }
        defer { server.stop() }
        try await withFleet([.watched("eu", .of(.http, server.url))]) { fleet in
            await fleet.watch.lookOnce()
            let detail = try #require(await fleet.reading(.http)).finding.detail
            #expect(detail.contains("https://login.example/in "))
        }
    }
}

extension ScriptedServer.Behaviour {
    static func text(_ status: Int, _ body: String) -> Self {
        .answer(status: status, type: "text/plain", body: body)
    }

    static func json(_ status: Int, _ body: String) -> Self {
        .answer(status: status, type: "application/json", body: body)
    }
}
