import Spans
import Testing

@Suite struct CriticalPathTotalsTests {
    private static func trace(_ lines: String...) throws -> Trace {
        Trace(id: .none, spans: try lines.map { try MergeText.span($0) })
    }

    @Test func ownTimeIsAddedUpByServiceAndOperationAndCluster() throws {
        var totals = CriticalPathTotals()
        totals.add(
            try Self.trace(
                "a1 server frontend / 0s 100ns @cluster=east",
                "b1<a1 server cart Get 10ns 30ns @cluster=west",
                "b2<a1 server cart Get 50ns 40ns @cluster=east"))
        totals.add(try Self.trace("a1 server frontend / 0s 10ns @cluster=east"))
        #expect(totals.traces == 2 && totals.tracesInPieces == 0 && totals.time == 110)
        let rows = totals.rows
        #expect(rows.map(\.subject.service) == ["cart", "frontend"])
        #expect(rows.map(\.time) == [70, 40])
        #expect(rows.map(\.spans) == [2, 2] && rows.map(\.traces) == [1, 2])
        #expect(rows[0].timeByCluster == ["west": 30, "east": 40] && rows[0].mean == 35)
        #expect(totals.share(of: rows[0]) == 70.0 / 110 && totals.reach(of: rows[0]) == 0.5)
    }

    @Test func contextsAreTheWaysOfCallsByTime() throws {
        var totals = CriticalPathTotals()
        let trace = try Self.trace(
            "a1 server frontend / 0s 100ns", "b1<a1 server cart Get 10ns 70ns",
            "c1<b1 client cart SELECT 20ns 20ns")
        totals.add(trace)
        totals.add(trace)
        let contexts = totals.contexts(most: 2)
        #expect(contexts.map { $0.calls.map(\.operation) } == [["/", "Get"], ["/"]])
        #expect(contexts.map(\.time) == [100, 60])
        let cut = totals.contexts(most: 9, depth: 1)
        #expect(cut.map { $0.calls.map(\.operation) } == [["Get"], ["/"], ["SELECT"]])
        #expect(cut.map(\.isCut) == [true, false, true])
    }

    @Test func aTraceInPiecesIsCountedOnceAndSaid() throws {
        var totals = CriticalPathTotals()
        totals.add(
            try Self.trace("a1 server frontend / 0s 100ns", "b1<99 server cart Get 10ns 30ns"))
        totals.add(Trace(id: .none))
        #expect(totals.traces == 1 && totals.tracesInPieces == 1 && totals.time == 130)
    }
}
