import Federation
import HTTPAPI
import Meshes
import Testing

/// `/mesh/v1/signals`.
@Suite struct SignalRouteTests {
    private static let path = "/mesh/v1/signals"

    /// What the route asks where nothing is said.
    private static func question(
        _ change: (inout SignalQuestion) -> Void = { _ in }
    ) -> SignalQuestion {
        var question = SignalQuestion(end: Canned.now)
        change(&question)
        return question
    }

    /// What one request asks.
    private func asked(_ query: String, _ headers: [String] = []) async throws
        -> [CannedMeshes.Question]
    {
        let meshes = CannedMeshes()
        try await withServer(dependencies: Canned.dependencies(meshes)) { server in
            let answer = try await server.get(Self.path + query, headers)
            #expect(answer.status == 200, "\(answer.text)")
        }
        return meshes.questions
    }

    // MARK: Answers

    @Test func signalsAreToldWithTheirUnitsAndWhatIsNotKnownIsNull() async throws {
        let meshes = CannedMeshes()
        try await withServer(dependencies: Canned.dependencies(meshes)) { server in
            let answer = try await server.get(Self.path)
            #expect(answer["content-type"] == "application/json")
            #expect(
                answer.text
                    == [
                        #"{"status":"success","data":{"start":1700000000,"end":1700000000,"#,
                        #""step":null,"window":300,"#,
                        #""units":{"requestRate":"requests/s","latencyP95":"ms"},"#,
                        #""totals":{"subjects":2,"shown":2},"subjects":["#,
                        #"{"kind":"service","cluster":null,"namespace":"shop","service":"cart","#,
                        #""source":null,"destination":null,"dialects":["istio","linkerd"],"#,
                        #""missing":["west"],"signals":{"#,
                        #""requestRate":{"value":12.5,"derivedFrom":"istio_requests_total"},"#,
                        #""latencyP95":{"value":null,"derivedFrom":null,"because":"no buckets"}},"#,
                        #""mutualTLS":{"ratio":1,"principals":{"source":["spiffe://a/web"],"#,
                        #""destination":["spiffe://a/cart"]},"trustDomains":["a"]},"#,
                        #""health":{"status":"degraded","because":"1% of requests fail"}},"#,
                        #"{"kind":"edge","cluster":"east","namespace":"shop","service":"cart","#,
                        #""source":{"cluster":null,"namespace":"shop","service":"web"},"#,
                        #""destination":{"cluster":"east","namespace":"shop","service":"cart"},"#,
                        #""dialects":[],"missing":[],"#,
                        #""signals":{"requestRate":{"value":1,"derivedFrom":null}},"#,
                        #""mutualTLS":null,"health":null}],"clusters":["#,
                        #"{"cluster":"east","dialects":["istio"],"recorded":true,"missing":null},"#,
                        #"{"cluster":"west","dialects":[],"recorded":null,"#,
                        #""missing":"it took too long"}]}}"#,
                    ].joined())
        }
        #expect(
            meshes.questions == [
                .signals(.init(Self.question(), partialResponse: true, cacheUse: .allowed))
            ])
    }

    @Test func whatMakesAPercentileLessExactIsNamed() async throws {
        var content = CannedMeshes.Content()
        content.report.subjects[0].signals[.latencyP95]?.limits = [.lastBucket, .commonBounds]
        try await withServer(dependencies: Canned.dependencies(CannedMeshes(content))) { server in
            let answer = try await server.get(Self.path)
            #expect(
                answer.text.contains(
                    #""because":"no buckets","limits":["commonBounds","lastBucket"]}"#))
        }
    }

    @Test func valuesOverTimeStandBesideTheirTimes() async throws {
        var content = CannedMeshes.Content()
        content.report = CannedMeshes.series
        try await withServer(dependencies: Canned.dependencies(CannedMeshes(content))) { server in
            let answer = try await server.get(Self.path + "?range=1m&explain=true")
            #expect(answer.text.contains(#""start":60,"end":120.5,"step":60.5,"window":300"#))
            #expect(
                answer.text.contains(
                    #""requestRate":{"value":2,"values":[[60,null],[120.5,2]],"#))
            #expect(
                answer.text.contains(
                    #""queries":[{"signal":"requestRate","query":"sum(a)","clusters":["east"]}]"#))
        }
    }

    @Test func missingClustersAreInHeadersAndWarnings() async throws {
        var content = CannedMeshes.Content()
        content.missing = [CannedMeshes.missingWest]
        try await withServer(dependencies: Canned.dependencies(CannedMeshes(content))) { server in
            let answer = try await server.get(Self.path)
            #expect(answer.status == 200)
            #expect(answer["x-isthmus-clusters-ok"] == "east")
            #expect(answer["x-isthmus-clusters-missing"] == "west")
            #expect(
                answer.text.hasSuffix(
                    #","warnings":["cluster west is missing: it took too long"]}"#))
        }
    }

    @Test func whatTheWarningsSayOfAClusterIsNotSaidTwice() async throws {
        var content = CannedMeshes.Content()
        content.missing = [CannedMeshes.missingWest]
        content.warnings = ["west is slow"]
        try await withServer(dependencies: Canned.dependencies(CannedMeshes(content))) { server in
            let answer = try await server.get(Self.path)
            #expect(answer.text.hasSuffix(#","warnings":["west is slow"]}"#))
        }
    }

    @Test func whoeverWantsAllOrNothingIsRefused() async throws {
        var coverage = Coverage()
        coverage.missing = [CannedMeshes.missingWest]
        var content = CannedMeshes.Content()
        content.failure = .unavailable("clusters are missing: west", coverage)
        let meshes = CannedMeshes(content)
        try await withServer(dependencies: Canned.dependencies(meshes)) { server in
            let answer = try await server.get(Self.path + "?partial_response=false")
            #expect(answer.status == 503)
            #expect(answer["x-isthmus-clusters-missing"] == "west")
        }
        #expect(
            meshes.questions == [
                .signals(.init(Self.question(), partialResponse: false, cacheUse: .allowed))
            ])
    }

    // MARK: Questions

    @Test func allParametersAreUnderstood() async throws {
        let questions = try await asked(
            "?service=shop/cart&namespace=shop&cluster=west,east&by=edge&source=web"
                + "&destination=shop/db&end=1700000100&range=1h&step=30s&window=1m"
                + "&signal=requestRate,latencyP99&top=20", ["Cache-Control: no-cache"])
        let question = Self.question {
            $0.service = ServiceName(namespace: "shop", name: "cart")
            $0.namespace = "shop"
            $0.clusters = ["east", "west"]
            $0.grouping = .edge
            $0.source = ServiceName(name: "web")
            $0.destination = ServiceName(namespace: "shop", name: "db")
            $0.end = 1_700_000_100_000
            $0.range = 3_600_000
            $0.step = 30_000
            $0.window = 60_000
            $0.signals = [.requestRate, .latencyP99]
            $0.top = 20
        }
        #expect(
            questions == [
                .signals(.init(question, partialResponse: true, cacheUse: .refresh))
            ])
    }

    @Test func aRangeThatEndsNowHasTheSameStepsForAll() async throws {
        let questions = try await asked("?range=2h")
        let question = Self.question {
            $0.range = 7_200_000
            $0.step = 30_000
            $0.end = Canned.now - Canned.now % 30_000
        }
        #expect(
            questions == [
                .signals(.init(question, partialResponse: true, cacheUse: .allowed))
            ])
    }

    @Test(arguments: [
        ("?service=a/b/c", #"\"service\": \"a/b/c\" is neither"#), ("?service=/a", "neither"),
        ("?by=pod", #"\"pod\" is none of service, edge, cluster, mesh"#),
        ("?source=web", "give by=edge too"), ("?by=edge&destination=", ""),
        ("?end=x", #"\"end\": cannot parse"#), ("?range=0s", #"\"range\""#),
        ("?range=-1m", #"\"range\""#), ("?step=1m", #"give \"range\" too"#),
        ("?range=1y&step=1s", "the most there may be"), ("?window=x", #"\"window\""#),
        ("?cluster=north", #"there is no cluster \"north\""#),
        ("?top=0", #"\"top\": a number from 1 to"#), ("?top=all", "a number from 1"),
        ("?by=mesh&top=3", "is of services and edges"), ("?by=edge&top=3", ""),
        ("?signal=speed", #"\"speed\" is none of requestRate,"#), ("?explain=maybe", "explain"),
        ("?partial_response=2", "partial_response"),
        ("?servise=cart", #"unknown parameter \"servise\"; there are by, cluster,"#),
    ])
    func aBadQuestionIsRefused(_ query: String, _ words: String) async throws {
        let meshes = CannedMeshes()
        try await withServer(dependencies: Canned.dependencies(meshes)) { server in
            let answer = try await server.get(Self.path + query)
            #expect(answer.status == (words.isEmpty ? 200 : 400))
            #expect(answer.text.contains(words))
            if !words.isEmpty { #expect(answer.text.contains(#""errorType":"bad_data""#)) }
        }
        #expect(meshes.questions.isEmpty == !words.isEmpty)
    }

    @Test func itIsOnlyRead() async throws {
        try await withServer(dependencies: Canned.dependencies(CannedMeshes())) { server in
            let answer = try await server.ask("POST", Self.path)
            #expect(answer.status == 405)
        }
    }
}
