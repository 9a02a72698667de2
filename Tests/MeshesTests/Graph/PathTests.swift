import Meshes
import Testing

@Suite("Paths") struct PathTests {
    /// Calls `a>b 5`, one after another.
    private func map(_ calls: [(String, String, Double)]) -> ServiceMap {
        var ledger = CallLedger(clusters: ["eu-1"])
        for (caller, callee, rate) in calls {
            ledger.add(
                CallReport(
                    source: CallEnd(
                        cluster: "eu-1", namespace: "shop", workload: caller, app: caller),
                    destination: CallEnd(
                        cluster: "eu-1", namespace: "shop", workload: callee, app: callee,
                        service: callee),
                    reporter: .destination, reportedBy: "eu-1", dialect: .istio,
                    measure: .http(code: 200, flags: "-"), rate: rate))
        }
        return ledger.map(GraphShape()).map
    }

    private func names(_ path: ServiceMap.Path?, _ map: ServiceMap) -> [String]? {
        path.map { $0.nodes.map { map.nodes[$0].name } }
    }

    private let calls = [
        ("a", "b", 1.0), ("b", "z", 100), ("a", "c", 20), ("c", "d", 30), ("d", "z", 10),
        ("a", "e", 1), ("e", "z", 1),
    ]

    @Test("The shortest path has the fewest calls; of several the first by name is taken")
    func shortest() throws {
        let map = map(calls)
        let path = map.shortestPath(from: 0, to: 5)
        #expect(names(path, map) == ["a", "b", "z"])
        #expect(path?.leastRequestRate == 1)
        #expect(
            path?.edges.map { map.id(of: map.edges[$0]) }
                == ["eu-1/shop/a>eu-1/shop/b", "eu-1/shop/b>eu-1/shop/z"])
    }

    @Test("The busiest path is the one whose least call is made most")
    func busiest() {
        let map = map(calls)
        let path = map.busiestPath(from: 0, to: 5)
        #expect(names(path, map) == ["a", "c", "d", "z"])
        #expect(path?.leastRequestRate == 10)
    }

    @Test("There is no path against the calls, and an empty one from a node to itself")
    func none() {
        let map = map(calls)
        #expect(map.busiestPath(from: 5, to: 0) == nil)
        #expect(map.shortestPath(from: 3, to: 3) == ServiceMap.Path(nodes: [3], edges: []))
        #expect(map.shortestPath(from: 3, to: 99) == nil)
    }
}
