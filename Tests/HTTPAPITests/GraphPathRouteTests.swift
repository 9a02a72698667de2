import Federation
import HTTPAPI
import Meshes
import ServiceGraph
import Testing

/// `/mesh/v1/graph/path`.
@Suite struct GraphPathRouteTests {
    private static let path = "/mesh/v1/graph/path"

    /// `web` calls `cart` and `db` itself, `cart` calls `db` more: in east, and `db` in west.
    private static let content: CannedMeshes.Content = {
        var map = ServiceMap(view: .service, box: .none)
        for (cluster, name) in [("east", "web"), ("east", "cart"), ("west", "db")] {
            map.nodes.append(
                ServiceMap.Node(
                    id: "\(cluster)/shop/\(name)", kind: .service, cluster: cluster,
                    namespace: "shop", name: name))
        }
        for (source, destination, rate) in [(0, 1, 30.0), (1, 2, 20), (0, 2, 5)] {
            map.edges.append(
                ServiceMap.Edge(
                    source: source, destination: destination, crossesClusters: destination == 2,
                    traffic: .init(http: .init(rate: rate, serverErrors: rate / 10)),
                    latency: .init(p50: rate, p90: 2, p95: 3, p99: 4),
                    incomplete: destination == 2 ? "west did not answer" : nil,
                    health: .init(.failing, because: "10% fail")))
        }
        var content = CannedMeshes.Content()
        content.map = map
        return content
    }()

    private static func call(
        _ source: String, _ destination: String, _ rate: Int, crosses: Bool
    ) -> String {
        #"{"id":"\#(source)\u003e\#(destination)","source":"\#(source)","#
            + #""destination":"\#(destination)","crossesClusters":\#(crosses),"#
            + #""requestRate":\#(rate),"errorRatio":0.1,"#
            + #""latency":{"p50":\#(rate),"p90":2,"p95":3,"p99":4},"#
            + #""health":{"status":"failing","because":"10% fail"},"#
            + #""incomplete":\#(crosses ? #""west did not answer""# : "null")}"#
    }

    @Test func theShortestAndTheBusiestPathAreToldCallByCall() async throws {
        let meshes = CannedMeshes(Self.content)
        try await withServer(dependencies: Canned.dependencies(meshes)) { server in
            let answer = try await server.get(Self.path + "?from=shop/web&to=db&range=1m")
            #expect(answer.status == 200)
            #expect(answer["x-isthmus-clusters-ok"] == "east,west")
            #expect(
                answer.text
                    == [
                        #"{"status":"success","data":{"time":1700000000,"range":60,"#,
                        #""shortest":{"nodes":["east/shop/web","west/shop/db"],"edges":["#,
                        Self.call("east/shop/web", "west/shop/db", 5, crosses: true),
                        #"],"leastRequestRate":5},"busiest":{"#,
                        #""nodes":["east/shop/web","east/shop/cart","west/shop/db"],"edges":["#,
                        Self.call("east/shop/web", "east/shop/cart", 30, crosses: false), ",",
                        Self.call("east/shop/cart", "west/shop/db", 20, crosses: true),
                        #"],"leastRequestRate":20}}}"#,
                    ].joined())
        }
        // How long calls take is asked of the edges of the paths only.
        var question = GraphQuestion(
            shape: GraphShape(box: .none), range: 60_000, percentiles: .none)
        #expect(meshes.questions.first == .graph(question))
        question.time = Canned.now
        question.timedEdges = [
            "east/shop/web>west/shop/db", "east/shop/web>east/shop/cart",
            "east/shop/cart>west/shop/db",
        ]
        #expect(meshes.questions.last == .graph(question))
        #expect(meshes.questions.count == 2)
    }

    @Test(arguments: ["web", "shop/web", "east/shop/web"])
    func anEndIsNamedAsBrieflyAsItIsAlone(_ name: String) async throws {
        let meshes = CannedMeshes(Self.content)
        try await withServer(dependencies: Canned.dependencies(meshes)) { server in
            let answer = try await server.get(Self.path + "?from=\(name)&to=west/shop/db")
            #expect(answer.status == 200)
            #expect(answer.text.contains(#""nodes":["east/shop/web","west/shop/db"]"#))
        }
    }

    @Test(arguments: [
        ("from=db&to=web", #"no calls lead from \"db\" to \"web\""#),
        ("from=web&to=west/shop/web", #"nobody calls \"west/shop/web\""#),
    ])
    func noPathIsNotFoundUnlessClustersAreMissing(
        _ query: String, _ words: String
    ) async throws {
        var content = Self.content
        try await withServer(dependencies: Canned.dependencies(CannedMeshes(content))) { server in
            let answer = try await server.get(Self.path + "?" + query)
            #expect(answer.status == 404)
            #expect(answer.text.contains(words))
        }
        content.missing = [CannedMeshes.missingWest]
        try await withServer(dependencies: Canned.dependencies(CannedMeshes(content))) { server in
            let answer = try await server.get(Self.path + "?" + query)
            #expect(answer.status == 502)
            #expect(answer["x-isthmus-clusters-missing"] == "west")
            #expect(answer.text.contains("cluster west is missing: it took too long"))
        }
    }

    @Test(arguments: ["", "from=a", "to=a", "from=a/&to=b", "from=web&to=db&depth=1"])
    func aBadQuestionIsRefused(_ query: String) async throws {
        let meshes = CannedMeshes(Self.content)
        try await withServer(dependencies: Canned.dependencies(meshes)) { server in
            let answer = try await server.get(Self.path + "?" + query)
            #expect(answer.status == 400)
        }
        #expect(meshes.questions == [])
    }
}
