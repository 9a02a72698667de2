import Meshes
import Testing

@Suite("Edge places") struct EdgePlacesTests {
    private let caller = CallEnd(cluster: "eu-1", namespace: "shop", workload: "cart", app: "cart")
    private let callee = CallEnd(
        cluster: "us-1", namespace: "shop", workload: "stock", app: "stock", service: "stock")

    private func report(
        _ reporter: CallReport.Reporter, _ cluster: String, code: Int = 200, flags: String = "-"
    ) -> CallReport {
        CallReport(
            source: caller, destination: callee, reporter: reporter, reportedBy: cluster,
            dialect: .istio, measure: .http(code: code, flags: flags), rate: 1)
    }

    private func place(
        _ mapped: CallLedger.Mapped, _ reporter: CallReport.Reporter, _ cluster: String
    ) -> EdgePlaces.Place? {
        mapped.places.place(
            source: caller, destination: callee, reporter: reporter, reportedBy: cluster,
            dialect: .istio)
    }

    @Test("Only the latencies of the side that counts may be summed; both can be compared")
    func onlyOneSideCounts() {
        var ledger = CallLedger(clusters: ["eu-1", "us-1"])
        ledger.add([report(.source, "eu-1"), report(.destination, "us-1")])
        let mapped = ledger.map(GraphShape())
        #expect(
            place(mapped, .destination, "us-1")
                == EdgePlaces.Place(edge: 0, counts: true, isSeenTwice: true))
        #expect(
            place(mapped, .source, "eu-1")
                == EdgePlaces.Place(edge: 0, counts: false, isSeenTwice: true))
    }

    @Test("A source that reports alone counts, and cannot be compared")
    func aSourceAloneCounts() {
        var ledger = CallLedger(clusters: ["eu-1", "us-1"])
        ledger.add(report(.source, "eu-1"))
        #expect(
            place(ledger.map(GraphShape()), .source, "eu-1")
                == EdgePlaces.Place(edge: 0, counts: true, isSeenTwice: false))
    }

    @Test("What is filtered away, or was never reported, has no place")
    func whatIsNotShownHasNoPlace() {
        var ledger = CallLedger(clusters: ["eu-1", "us-1"])
        ledger.add(report(.source, "eu-1"))
        let elsewhere = ledger.map(GraphShape(namespaces: ["bank"]))
        #expect(place(elsewhere, .source, "eu-1") == nil)
        #expect(place(ledger.map(GraphShape()), .destination, "us-1") == nil)
    }
}
