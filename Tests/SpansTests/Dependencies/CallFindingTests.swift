import Foundation
import Spans
import Testing

@Suite struct CallFindingTests {
    private static func calls(_ lines: String...) throws -> [ServiceCall] {
        Trace(id: .none, spans: try lines.map { try MergeText.span($0) }).serviceCalls
    }

    @Test func aParentInTheTraceIsACallWithinAServiceToo() throws {
        let calls = try Self.calls(
            "a1 server frontend / 0s 9ns", "b1<a1 client frontend call 1ns 5ns",
            "c1<b1 server cart Get 2ns 3ns", "d1<99 server cart lost 2ns 3ns")
        #expect(
            calls.map { "\($0.caller)>\($0.callee)" } == ["frontend>frontend", "frontend>cart"])
        #expect(calls.allSatisfy { $0.evidence == .parent && !$0.crossesClusters })
    }

    @Test func aCallWhoseSpansNoClusterHoldsBothCrossesClusters() throws {
        let calls = try Self.calls(
            "a1 client frontend / 0s 9ns @cluster=east",
            "b1<a1 server cart Get 1ns 5ns @cluster=west",
            "c1<a1 server cart Get 1ns 5ns isthmus.clusters=east,west @cluster=east")
        #expect(calls.map(\.crossesClusters) == [true, false])
    }

    @Test func aLinkToAnotherSpanOfTheTraceIsACallOnce() throws {
        let calls = try Self.calls(
            "a1 producer frontend send 0s 9ns",
            "b1 consumer search receive 5ns 9ns ~abc/a1 ~abc/a1 ~def/a1 ~abc/99",
            "c1<a1 consumer search receive 5ns 9ns ~abc/a1")
        #expect(calls.map(\.evidence) == [.link, .parent])
        #expect(calls.dependencies == [.init(parent: "frontend", child: "search", callCount: 2)])
    }

    @Test func aLeafNamesTheDatabaseOrThePeerThatItAsks() throws {
        let calls = try Self.calls(
            "a1 client cart SELECT 0s 9ns db.system=postgresql db.namespace=carts "
                + "server.address=pg-1",
            "b1 client cart GET 0s 9ns db.system=redis",
            "c1 client cart call 0s 9ns peer.service=billing",
            "d1 client cart call 0s 9ns peer.service=inner", "e1<d1 server inner run 1ns 2ns",
            "f1 server cart run 0s 9ns peer.service=caller")
        #expect(calls.map(\.callee) == ["pg-1", "redis", "billing", "inner"])
        #expect(calls.map(\.evidence) == [.database, .database, .peer, .parent])
    }

    // MARK: Recordings

    private static func recorded(_ store: String) throws -> [ServiceDependency]? {
        guard let folder = RecordedTraces.folder else { return nil }
        let exchanges = try String(
            contentsOf: folder.appending(path: "\(store).exchanges.jsonl"), encoding: .utf8)
        for line in exchanges.split(separator: "\n")
        where line.contains("/api/dependencies?endTs=1") {
            let exchange =
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            var body = exchange?["body"]
            if let text = body as? String {
                body = try JSONSerialization.jsonObject(with: Data(text.utf8))
            }
            let data = (body as? [String: Any])?["data"] as? [[String: Any]] ?? []
            return data.map {
                ServiceDependency(
                    parent: $0["parent"] as? String ?? "", child: $0["child"] as? String ?? "",
                    callCount: UInt64($0["callCount"] as? Int ?? 0))
            }
            .sorted { ($0.parent, $0.child) < ($1.parent, $1.child) }
        }
        return nil
    }

    private static let hasRecordings = RecordedTraces.folder != nil

    @Test(.enabled(if: hasRecordings), arguments: ["east", "west", "union"])
    func parentsAreCountedAsTheRecordedJaegersCount(store: String) throws {
        let traces = try RecordedTraces(store).sent.values
        let calls = traces.flatMap(\.serviceCalls).filter { $0.evidence == .parent }
        #expect(try calls.dependencies == Self.recorded(store))
    }

    @Test(.enabled(if: hasRecordings))
    func crossingsAreWhatTheUnionKnowsAndItsPartsDoNot() throws {
        let east = try RecordedTraces("east").sent
        let west = try RecordedTraces("west").sent
        let merger = TraceMerger(.init(clusters: ["east", "west"]))
        let calls = Set(east.keys).union(west.keys).flatMap { id in
            let fragments = [("east", east[id]), ("west", west[id])].compactMap { name, trace in
                trace.map { TraceFragment(cluster: name, trace: $0) }
            }
            return merger.merge(fragments).serviceCalls.filter { $0.evidence == .parent }
        }
        #expect(try calls.dependencies == Self.recorded("union"))
        let crossings = calls.filter(\.crossesClusters).dependencies
        #expect(
            crossings.map { "\($0.parent)>\($0.child)" } == [
                "frontend>payment", "frontend>search",
            ])
        #expect(crossings.map(\.callCount) == [13, 8])
    }
}
