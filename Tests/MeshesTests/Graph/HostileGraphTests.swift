import Meshes
import Testing

@Suite("Hostile reports") struct HostileGraphTests {
    private func report(_ caller: String, _ callee: String, rate: Double = 1) -> CallReport {
        CallReport(
            source: CallEnd(cluster: "eu-1", namespace: "shop", workload: caller, app: caller),
            destination: CallEnd(
                cluster: "eu-1", namespace: "shop", workload: callee, app: callee, service: callee),
            reporter: .destination, reportedBy: "eu-1", dialect: .istio,
            measure: .http(code: 200, flags: "-"), rate: rate)
    }

    @Test("A chain of thirty thousand calls is walked without recursion")
    func longChain() {
        var ledger = CallLedger(clusters: ["eu-1"])
        let count = 30_000
        for place in 0..<count { ledger.add(report("s\(place)", "s\(place + 1)")) }
        let map = ledger.map(
            GraphShape(focus: GraphShape.Focus(name: "s0", depth: .max))
        ).map
        #expect(map.edges.count == count)
        #expect(map.criticalEdges(atMost: 1).first?.requestRate == Double(count))
        let first = map.nodes.firstIndex { $0.name == "s0" } ?? 0
        let last = map.nodes.firstIndex { $0.name == "s\(count)" } ?? 0
        #expect(map.shortestPath(from: first, to: last)?.edges.count == count)
        #expect(map.shortestPath(from: last, to: first) == nil)
    }

    @Test("Rates that are none are rejected, and sums stay finite")
    func absurdRates() {
        var ledger = CallLedger(clusters: ["eu-1"])
        for rate in [.nan, .infinity, -.infinity, -1, 1e300, 0x1.8p60] {
            ledger.add(report("a", "b", rate: rate))
        }
        #expect(ledger.rejected == 6)
        for _ in 0..<40 { ledger.add(report("a", "b", rate: 0x1p60)) }
        #expect(ledger.map(GraphShape()).map.totals.requestRate == 0x1p64)
    }

    @Test("Reports past the limit are rejected and counted")
    func tooManyReports() {
        var ledger = CallLedger(clusters: ["eu-1"], maximumReports: 2)
        ledger.add([report("a", "b"), report("a", "b"), report("a", "b")])
        #expect(ledger.rejected == 1)
        #expect(ledger.map(GraphShape()).map.totals.requestRate == 2)
    }

    @Test("Clusters that are listed twice, or not at all, are no trouble")
    func strangeInventories() {
        var twice = CallLedger(clusters: ["eu-1", "eu-1"], missing: ["mars": "far away"])
        twice.add(report("a", "b"))
        #expect(twice.map(GraphShape()).map.boxes.map(\.name) == ["eu-1", "mars"])
        var none = CallLedger(clusters: [])
        none.add(report("a", "b"))
        #expect(none.map(GraphShape()).map.nodes.map(\.cluster) == ["eu-1", "eu-1"])
    }

    @Test("Nothing gives an empty map")
    func nothing() {
        let map = CallLedger(clusters: []).map(GraphShape(top: 0)).map
        #expect(map.nodes.isEmpty && map.edges.isEmpty && map.boxes.isEmpty)
        #expect(map.criticalEdges(atMost: 5).isEmpty)
        #expect(map.shortestPath(from: 0, to: 0) == nil)
    }
}
