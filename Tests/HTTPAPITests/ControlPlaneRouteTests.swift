import ControlPlane
import Federation
import HTTPAPI
import MeshHealth
import Planning
import Testing

/// `/mesh/v1/control-plane`, and what `/mesh/v1/clusters` tells of control planes.
@Suite struct ControlPlaneRouteTests {
    private static let path = "/mesh/v1/control-plane"

    private func answer(
        _ query: String = "", _ report: ControlPlaneReport = CannedControlPlane.report
    ) async throws -> WireAnswer {
        try await withServer(dependencies: Canned.dependencies(report)) { server in
            try await server.get(Self.path + query)
        }
    }

    /// The answer's text from one member on, up to another.
    private func part(_ text: String, from: String, to: String) -> String {
        guard let start = text.firstRange(of: from),
            let end = text[start.upperBound...].firstRange(of: to)
        else { return text }
        return String(text[start.lowerBound..<end.lowerBound])
    }

    // MARK: Answers

    @Test func theFleetIsSummedUpBeforeItsClusters() async throws {
        let answer = try await answer()
        #expect(answer.status == 200)
        #expect(answer["content-type"] == "application/json")
        #expect(
            answer.text.hasPrefix(
                [
                    #"{"status":"success","data":{"state":"unhealthy","observedAt":1699999998,"#,
                    #""totals":{"clusters":{"healthy":0,"degraded":1,"unhealthy":1,"#,
                    #""unreachable":0,"unauthorized":0,"unknown":1},"#,
                    #""components":{"healthy":0,"degraded":1,"unhealthy":1,"#,
                    #""unreachable":0,"unauthorized":0,"unknown":0},"#,
                    #""issues":{"critical":2,"warning":0,"info":0}},"clusters":[{"cluster":"west","#,
                ].joined()))
        #expect(answer.text.hasSuffix(#","missing":[]}}"#))
    }

    @Test func aComponentIsToldWithItsReplicasAndTheirProbes() async throws {
        let text = try await answer("?cluster=west").text
        #expect(
            part(text, from: #""clusters":[{"#, to: #","issues":["#)
                == [
                    #""clusters":[{"cluster":"west","state":"unhealthy","components":["#,
                    #"{"mesh":"consul","component":"consul-server","state":"unhealthy","#,
                    #""details":["1 unhealthy of 1, 1 needed"],"evidence":["#,
                    #"{"source":"probe","instance":"http://c:8500","path":"/v1/status/leader","#,
                    #""text":"Consul has no leader"}],"unanswered":[],"instances":["#,
                    #"{"instance":"http://c:8500","state":"unhealthy","latestState":"unhealthy","#,
                    #""version":null,"details":["Consul has no leader"],"leader":null,"#,
                    #""servers":[{"name":"s1","address":"10.0.0.1:8300","version":"1.22.0","#,
                    #""leader":false,"voter":true,"healthy":true,"serf":"alive"},"#,
                    #"{"name":"s2","address":null,"version":null,"leader":false,"voter":false,"#,
                    #""healthy":false,"serf":"failed"}],"probes":["#,
                    #"{"probe":"consul-leader","path":"/v1/status/leader","state":"unhealthy","#,
                    #""problem":"no_leader","detail":"Consul has no leader","status":500,"#,
                    #""latencyMilliseconds":1.5,"at":1699999998}]}]}]}]"#,
                ].joined())
    }

    @Test func aReplicaIsInTheStateThatIsBelievedBesideItsLastOne() async throws {
        let text = try await answer("?cluster=east").text
        #expect(
            text.contains(
                #"{"instance":"http://b:15014","state":"healthy","latestState":"unreachable","#
                    + #""version":null,"details":["connection refused"],"probes":["#
                    + #"{"probe":"istiod-ready","path":"/ready","state":"unreachable","#
                    + #""problem":"connection","detail":"connection refused","status":null,"#))
        #expect(
            text.contains(
                #""remoteClusters":[{"cluster":"west","status":"timeout","state":"unhealthy"}]"#))
    }

    @Test func metricsAreEvidenceBesideProbes() async throws {
        let text = try await answer("?cluster=east").text
        #expect(text.contains(#"{"source":"metric","query":"histogram_quantile(0.99, sum by"#))
        #expect(text.contains(#""text":"{cluster=\"east\"} 3"}"#))
        #expect(
            text.contains(
                #"99 of 100: 3 s","How long proxies wait for their push, at 99 of 100: 3 s"],"#))
    }

    @Test func issuesSayWhatTheyMeanAndWhatToDo() async throws {
        let text = try await answer("?mesh=istio").text
        let issues = part(text, from: #""issues":[{"#, to: #","proxies":["#)
        #expect(
            issues.hasPrefix(
                #""issues":[{"kind":"rejected_configuration","severity":"critical","#
                    + #""cluster":"east","mesh":"istio","component":"istiod","subject":"CDS","#
                    + #""count":1,"detail":"web.shop: no such filter","meaning":"Proxies refuse"#))
        #expect(issues.contains(#","action":"Read the proxy's message"#))
        #expect(
            issues.hasSuffix(
                #""evidence":[{"source":"probe","instance":"http://a:15014","#
                    + #""path":"/debug/clusterz","text":"timeout"}]}]"#))
    }

    @Test func proxiesAreCounted() async throws {
        let text = try await answer().text
        #expect(
            text.contains(
                #""proxies":[{"cluster":"east","mesh":"istio","component":"istiod","#
                    + #""connected":3,"stale":1,"rejecting":1,"omitted":0,"slice":false,"#
                    + #""missingReplicas":["http://b:15014"],"#
                    + #""versions":[{"version":"1.29.0","proxies":3}]}]"#))
    }

    @Test func missingClustersAreInHeadersDataAndWarnings() async throws {
        var report = CannedControlPlane.report
        report.missing = [CannedControlPlane.missingWest]
        let answer = try await answer("", report)
        #expect(answer["x-isthmus-clusters-ok"] == "east,north")
        #expect(answer["x-isthmus-clusters-missing"] == "west")
        #expect(
            answer.text.hasSuffix(
                #","missing":[{"cluster":"west","cause":"timeout","message":"it took too long"}]},"#
                    + #""warnings":["cluster west is missing: it took too long"]}"#))
        // What endpoints tell is there all the same.
        #expect(answer.text.contains(#"{"cluster":"west","state":"unhealthy","#))
        let elsewhere = try await self.answer("?cluster=east", report)
        #expect(elsewhere["x-isthmus-clusters-ok"] == "east")
        #expect(elsewhere["x-isthmus-clusters-missing"] == "")
        #expect(elsewhere.text.hasSuffix(#","missing":[]}}"#))
    }

    @Test func whoeverWantsAllOrNothingIsRefused() async throws {
        var report = CannedControlPlane.report
        report.missing = [CannedControlPlane.missingWest]
        let answer = try await answer("?partial_response=false", report)
        #expect(answer.status == 503)
        #expect(answer["x-isthmus-clusters-missing"] == "west")
        #expect(answer.text.contains("cluster west is missing: it took too long"))
        let whole = try await self.answer("?partial_response=false&cluster=east", report)
        #expect(whole.status == 200)
    }

    @Test func beforeTheFirstLookNothingIsKnownOfAnyCluster() async throws {
        let answer = try await answer("", ControlPlaneReport())
        #expect(answer.status == 200)
        #expect(answer["x-isthmus-clusters-ok"] == "")
        #expect(
            answer.text.hasPrefix(
                #"{"status":"success","data":{"state":"unknown","observedAt":null,"totals":"#))
        #expect(
            answer.text.hasSuffix(
                #""clusters":[{"cluster":"east","state":"unknown","components":[]},"#
                    + #"{"cluster":"north","state":"unknown","components":[]},"#
                    + #"{"cluster":"west","state":"unknown","components":[]}],"issues":[],"#
                    + #""proxies":[],"missing":[]},"warnings":["nothing has been looked at yet"]}"#
            ))
    }

    @Test func theSameReportIsTheSameBytes() async throws {
        let first = try await answer()
        let second = try await answer()
        #expect(first.text == second.text)
    }

    // MARK: Questions

    /// The clusters that are told of, in order, and how many components of each.
    private func clusters(_ query: String) async throws -> [String] {
        let text = try await answer(query).text
        return part(text, from: #""clusters":[{"#, to: #","issues":["#)
            .split(separator: #"{"cluster":""#).compactMap { piece in
                guard piece.contains(#""components":["#) else { return nil }
                let name = piece.prefix { $0 != "\"" }
                return "\(name) \(piece.components(of: #""component":""#))"
            }
    }

    @Test(arguments: [
        ("", ["west 1", "east 1", "north 0"]), ("?cluster=east", ["east 1"]),
        ("?clusters=north,west", ["west 1", "north 0"]), ("?mesh=consul", ["west 1"]),
        ("?mesh=istio,consul", ["west 1", "east 1"]), ("?mesh=linkerd", []),
        ("?state=unknown", ["north 0"]), ("?state=degraded,unhealthy", ["west 1", "east 1"]),
        ("?state=unhealthy&mesh=istio", []), ("?state=healthy", []),
    ])
    func whatIsWantedIsTold(_ query: String, _ expected: [String]) async throws {
        #expect(try await clusters(query) == expected)
    }

    @Test func statesAreThoseOfTheScope() async throws {
        let mesh = try await answer("?mesh=istio")
        #expect(mesh.text.contains(#""data":{"state":"degraded","#))
        #expect(mesh.text.contains(#""issues":{"critical":2,"#))
        let other = try await answer("?cluster=west&state=healthy")
        // What is left out counts.
        #expect(other.text.contains(#""data":{"state":"unhealthy","#))
        #expect(other.text.contains(#""issues":[],"proxies":[]"#))
    }

    @Test(arguments: [
        ("?cluster=south", #"there is no cluster \"south\"; there are east, north, west"#),
        ("?mesh=kuma", #"\"kuma\" is none of istio, linkerd, consul, envoy, other"#),
        (
            "?state=down",
            #"\"down\" is none of healthy, degraded, unhealthy, unreachable, unauthorized, unknown"#
        ),
        ("?kind=root", #"unknown parameter \"kind\"; there are cluster, clusters, mesh"#),
        ("?partial_response=2", "partial_response"),
    ])
    func aBadQuestionIsRefused(_ query: String, _ words: String) async throws {
        let answer = try await answer(query)
        #expect(answer.status == 400)
        #expect(answer.text.contains(words), "\(answer.text)")
        #expect(answer.text.contains(#""errorType":"bad_data""#))
    }

    @Test func itIsOnlyRead() async throws {
        try await withServer(dependencies: Canned.dependencies(CannedControlPlane.report)) {
            let answer = try await $0.ask("POST", Self.path)
            #expect(answer.status == 405)
        }
    }

    // MARK: Series

    @Test(arguments: HealthSeries.Metric.allCases)
    func whatIsObservedIsAskedOfNoCluster(_ metric: HealthSeries.Metric) {
        #expect(ObservedMetrics.reservedNames.contains(metric.rawValue))
    }

    // MARK: Clusters

    @Test func clustersAreToldWithTheirControlPlanes() async throws {
        try await withServer(dependencies: Canned.dependencies(CannedControlPlane.report)) {
            let answer = try await $0.get("/mesh/v1/clusters")
            #expect(
                answer.text.contains(
                    #""urls":[],"controlPlane":{"state":"unhealthy","#
                        + #""because":["consul-server: 1 unhealthy of 1, 1 needed"],"#
                        + #""components":1,"issues":0,"expiring":0}}"#))
            #expect(
                answer.text.contains(
                    #""controlPlane":{"state":"unknown","because":[],"components":0,"issues":0,"#
                        + #""expiring":0}},{"name":"west""#))
            #expect(answer.text.contains(#""components":1,"issues":2,"expiring":3}"#))
        }
    }
}

extension Substring {
    /// How often a text is in it.
    fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}
