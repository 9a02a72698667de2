import Federation
import HTTPAPI
import Meshes
import ServiceGraph
import Testing

/// `/mesh/v1/graph`.
@Suite struct GraphRouteTests {
    private static let path = "/mesh/v1/graph"

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

    // MARK: JSON

    @Test func theGraphIsToldInFull() async throws {
        try await withServer(dependencies: Canned.dependencies(CannedMeshes())) { server in
            let answer = try await server.get(Self.path + "?time=1700000000&from=both")
            #expect(answer["content-type"] == "application/json")
            #expect(answer["x-isthmus-clusters-ok"] == "east,west")
            #expect(
                answer.text.hasPrefix(
                    #"{"status":"success","data":{"time":1700000000,"range":300,"#
                        + #""view":"service","box":"cluster","from":"both","nodes":["#))
            #expect(answer.text.contains(Self.node))
            #expect(answer.text.contains(Self.nobody))
            #expect(answer.text.contains(Self.edge))
            #expect(answer.text.hasSuffix(Self.rest))
        }
    }

    private static let idle = #"{"requestRate":null,"errorRatio":null}"#
    private static let http =
        #""http":{"rate":10,"3xx":0,"4xx":1,"5xx":2,"noResponse":0}"#
    private static let node =
        [
            #"{"id":"east/shop/web","kind":"service","cluster":"east","namespace":"shop","#,
            #""name":"web","workloads":["web-v1"],"dialects":["istio"],"box":"east","#,
            #""traffic":{"in":\#(idle),"out":{"requestRate":10,"errorRatio":0.2,\#(http)}},"#,
            #""health":{"status":"healthy","because":"no errors"},"collapsed":0,"missing":false,"#,
            #""incomplete":null}"#,
        ].joined()
    private static let nobody =
        [
            #"{"id":"unknown:","kind":"unknown","cluster":null,"namespace":null,"name":"","#,
            #""version":"v2","workloads":[],"dialects":[],"box":null,"#,
            #""traffic":{"in":\#(idle),"out":\#(idle)},"#,
            #""health":{"status":"unknown","because":""},"collapsed":0,"missing":true,"#,
            #""incomplete":"west did not answer"}"#,
        ].joined()
    private static let edge =
        [
            #""edges":[{"id":"east/shop/web\u003eunknown:","source":"east/shop/web","#,
            #""destination":"unknown:","crossesClusters":true,"protocols":["http"],"#,
            #""traffic":{"requestRate":11,"errorRatio":0.22727272727272727,\#(http),"#,
            #""grpc":{"rate":1,"errors":0.5,"noResponse":0},"#,
            #""tcp":{"sentRate":3,"receivedRate":4,"connectionRate":5}},"#,
            #""latency":{"p50":1.5,"p90":null,"p95":null,"p99":null},"transit":2,"#,
            #""loss":{"rate":1,"ratio":0.1},"mutualTLS":{"ratio":0.5,"#,
            #""principals":{"source":[],"destination":[]},"trustDomains":["a","b"],"#,
            #""plaintext":true},"shaping":{"retryRate":null,"retrySuccessRatio":null,"#,
            #""retryOverflowRate":null,"retryAmplification":null,"timeoutRate":1,"#,
            #""circuitBreakerTripRate":null,"circuitBreakerOpen":true,"outlierEjections":null,"#,
            #""poolOverflowRate":null,"derivedFrom":"envoy and flags","#,
            #""evidence":{"circuitBreakerOpen":"envoy","timeoutRate":"flags"}},"#,
            #""witnesses":["source","destination"],"#,
            #""incomplete":"west did not answer","evidence":["metrics","traces"],"calls":17,"#,
            #""health":{"status":"failing","because":"20% of requests fail"},"members":1,"#,
            #""change":{"kind":"changed","requestRateBefore":9,"errorRatioBefore":null}}],"#,
        ].joined()
    private static let rest =
        [
            #""boxes":[{"id":"east","kind":"cluster","name":"east","parent":null,"missing":null},"#,
            #"{"id":"west","kind":"cluster","name":"west","parent":null,"#,
            #""missing":"it took too long"}],"totals":{"nodes":2,"edges":1,"shownNodes":0,"#,
            #""shownEdges":0,"requestRate":11,"errorRatio":null},"#,
            #""criticalEdges":["east/shop/web\u003eunknown:"],"clusters":["#,
            #"{"cluster":"east","dialects":["istio"],"recorded":true,"missing":null},"#,
            #"{"cluster":"west","dialects":[],"recorded":null,"missing":"it took too long"}]}}"#,
        ].joined()

    @Test func aLargeGraphIsStreamed() async throws {
        var content = CannedMeshes.Content()
        content.map = CannedMeshes.large(edges: 2000)
        content.missing = [CannedMeshes.missingWest]
        try await withServer(dependencies: Canned.dependencies(CannedMeshes(content))) { server in
            let answer = try await server.get(Self.path + "?explain=true")
            #expect(answer["transfer-encoding"] == "chunked")
            #expect(answer.chunks.count > 10)
            #expect(answer.chunks.allSatisfy { $0.count < 80_000 })
            #expect(answer.text.split(separator: #"{"id":"east/shop/web\u003e"#).count == 2001)
            #expect(
                answer.text.hasSuffix(
                    #""queries":[{"signal":"requestRate","query":"sum(a)","clusters":["east"]}]},"#
                        + #""warnings":["cluster west is missing: it took too long"]}"#))
            let packed = try await server.get(Self.path, ["Accept-Encoding: gzip"])
            #expect(packed["content-encoding"] == "gzip")
            #expect(packed.body.count < answer.body.count / 20)
        }
    }

    @Test func detailsOfAllEdgesAreWrittenAsTheyArrive() async throws {
        for edges in [1, 700] {
            var content = CannedMeshes.Content()
            content.map = CannedMeshes.large(edges: edges)
            let meshes = CannedMeshes(content)
            try await withServer(dependencies: Canned.dependencies(meshes)) { server in
                let whole = try await server.get(Self.path)
                let answer = try await server.get(Self.path + "?percentiles=all")
                #expect(
                    answer.text == whole.text.dropLast()
                        + #","warnings":["cluster west is missing: it took too long","#
                        + #""some came late"]}"#)
                // An answer that has begun cannot become an error, nor a picture be drawn of pieces.
                for query in ["&partial_response=false", "&format=dot"] {
                    _ = try await server.get(Self.path + "?percentiles=all" + query)
                    guard case .graph(let question) = meshes.questions.last else {
                        Issue.record("nothing was asked")
                        return
                    }
                    #expect(!question.streamsDetails)
                }
            }
        }
    }

    @Test func whatWasAskedForDetailsIsToldAfterThem() async throws {
        var content = CannedMeshes.Content()
        content.map = CannedMeshes.large(edges: 700)
        try await withServer(dependencies: Canned.dependencies(CannedMeshes(content))) { server in
            let answer = try await server.get(Self.path + "?percentiles=all&explain=true")
            // The last piece is taken by an asking of its own, that ends them.
            let queries = CannedMeshes.queries + CannedMeshes.detailQueries(701)
            let told = queries.map { asked in
                #"{"signal":"\#(asked.signal)","query":"\#(asked.query)","clusters":["east"]}"#
            }.joined(separator: ",")
            #expect(answer.text.contains(#","queries":[\#(told)]},"warnings":["#))
        }
    }

    @Test func aGraphOfNothingIsStillAnAnswer() async throws {
        var content = CannedMeshes.Content()
        content.map = ServiceMap(view: .app, box: .none)
        try await withServer(dependencies: Canned.dependencies(CannedMeshes(content))) { server in
            let answer = try await server.get(Self.path)
            #expect(
                answer.text.contains(
                    #""view":"app","box":"none","from":"metrics","nodes":[],"edges":[],"boxes":[],"#
                ))
        }
    }

    // MARK: Drawings

    @Test func aDrawingIsMadeOfTheGraphsText() async throws {
        let meshes = CannedMeshes()
        try await withServer(dependencies: Canned.dependencies(meshes)) { server in
            let dot = try await server.get(Self.path + "?format=dot")
            #expect(dot["content-type"] == "text/vnd.graphviz; charset=utf-8")
            #expect(dot.text.hasPrefix("digraph"))
            let svg = try await server.get(Self.path + "?format=svg")
            #expect(svg["content-type"] == "image/svg+xml")
            #expect(svg.text == "<svg/>")
            #expect(svg["x-isthmus-clusters-ok"] == "east,west")
            // Names in it come from services: nothing in it may run.
            #expect(svg["content-security-policy"]?.contains("default-src 'none'") == true)
            #expect(svg["content-security-policy"]?.contains("sandbox") == true)
            #expect(svg["x-content-type-options"] == "nosniff")
            #expect(meshes.questions.last == .picture(dot.text))
            let mermaid = try await server.get(Self.path + "?format=mermaid")
            #expect(mermaid["content-type"] == "text/plain; charset=utf-8")
            #expect(mermaid.text.contains("flowchart"))
        }
    }

    @Test(arguments: [
        (GraphvizFailure.absent(program: "dot"), 501, "install Graphviz"),
        (.tooLarge(bytes: 9, limit: 8), 422, "too large to draw"),
        (.timeout(.seconds(20)), 503, "longer than"), (.busy(limit: 2), 503, "2 pictures"),
        (.failed(status: 1, complaint: "syntax"), 500, "syntax"),
    ])
    func whatCannotBeDrawnIsAnErrorThatSaysWhy(
        _ failure: GraphvizFailure, _ status: Int, _ words: String
    ) async throws {
        var content = CannedMeshes.Content()
        content.picture = .failure(failure)
        try await withServer(dependencies: Canned.dependencies(CannedMeshes(content))) { server in
            let answer = try await server.get(Self.path + "?format=svg")
            #expect(answer.status == status)
            #expect(answer.text.contains(words))
        }
    }

    // MARK: Questions

    @Test func whatIsNotSaidIsTheUsual() async throws {
        #expect(try await asked("") == [.graph(GraphQuestion())])
    }

    @Test func allParametersAreUnderstood() async throws {
        let questions = try await asked(
            "?view=versioned-app&box=namespace&cluster=west&namespace=shop,pay&service=shop/cart"
                + "&depth=3&time=1700000000.5&range=10m&from=both&percentiles=all"
                + "&collapse=namespace&top=50&idle=true&compare=1h&partial_response=false",
            ["Cache-Control: no-store"])
        #expect(
            questions == [
                .graph(
                    GraphQuestion(
                        shape: GraphShape(
                            view: .versionedApp, box: .namespace, collapse: .namespace, top: 50,
                            focus: .init(namespace: "shop", name: "cart", depth: 3),
                            clusters: ["west"], namespaces: ["shop", "pay"], includesIdle: true),
                        time: 1_700_000_000_500, range: 600_000, evidence: .both,
                        percentiles: .all, compare: 3_600_000, partialResponse: false,
                        skipsMemory: true))
            ])
    }

    @Test func allNodesAreShownWhereThatIsAsked() async throws {
        #expect(try await asked("?top=0") == [.graph(GraphQuestion(shape: GraphShape()))])
    }

    @Test(arguments: [
        ("view=pod", #"\"pod\" is none of service, workload, app, versioned-app"#),
        ("box=pod", #"\"box\""#), ("collapse=all", #"\"collapse\""#), ("from=logs", #"\"from\""#),
        ("percentiles=some", "shown, all, none"), ("format=png", "json, dot, mermaid, svg"),
        ("top=-1", "a number from 0 to"), ("depth=2", "give one too"),
        ("service=a&depth=x", #"\"depth\""#), ("service=a/", "neither"),
        ("time=soon", #"\"time\""#), ("range=0", #"\"range\""#), ("compare=x", #"\"compare\""#),
        ("idle=perhaps", "idle"), ("cluster=north", #"no cluster \"north\""#),
        ("cluter=east", #"unknown parameter \"cluter\""#),
    ])
    func aBadQuestionIsRefused(_ query: String, _ words: String) async throws {
        let meshes = CannedMeshes()
        try await withServer(dependencies: Canned.dependencies(meshes)) { server in
            let answer = try await server.get(Self.path + "?" + query)
            #expect(answer.status == 400)
            #expect(answer.text.contains(words))
        }
        #expect(meshes.questions == [])
    }

    @Test func aPartWhereAllIsWantedIsAnError() async throws {
        var coverage = Coverage()
        coverage.missing = [CannedMeshes.missingWest]
        var content = CannedMeshes.Content()
        content.failure = .unavailable("clusters are missing: west", coverage)
        try await withServer(dependencies: Canned.dependencies(CannedMeshes(content))) { server in
            let answer = try await server.get(Self.path + "?partial_response=false")
            #expect(answer.status == 503)
            #expect(answer["x-isthmus-clusters-missing"] == "west")
            #expect(answer.text.contains("clusters are missing: west"))
        }
    }
}
