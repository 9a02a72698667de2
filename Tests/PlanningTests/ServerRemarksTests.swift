import Clusters
import Planning
import PromQL
import Testing
import TimeSeries

/// Where in the query the remarks of servers stand.
@Suite struct ServerRemarksTests {
    private static let fleet = FleetScope([
        ClusterScope(
            id: ClusterID("a"), externalLabels: ["cluster": "a"], capabilities: Capabilities()),
        ClusterScope(
            id: ClusterID("b"), externalLabels: ["cluster": "b", "region": "a rather long one"],
            capabilities: Capabilities(conflictingLabels: ["cluster"])),
        ClusterScope(
            id: ClusterID("c"), externalLabels: ["cluster": "c"],
            capabilities: Capabilities(version: [2, 55, 0])),
    ])

    private static func fragments(of query: String) throws -> [Fragment] {
        let times = QueryTimes(start: 0, end: 60_000, step: 15_000, defaultSubqueryStep: 60_000)
        var planner = Planner(fleet: fleet)
        let expression = try parse(query, options: .ofServers).resolved(in: times)
        let grid = TimeGrid(start: times.start, end: times.end, step: times.step)
        return try planner.plan(expression, grid: grid).fragments
    }

    /// What stands in the query where a cluster's server remarks something on `part` of its question.
    private static func place(
        of part: String, sentTo cluster: String, for query: String
    ) throws -> String? {
        for fragment in try fragments(of: query) {
            for request in fragment.requests where request.cluster.name == cluster {
                guard let range = request.query.firstRange(of: part) else { continue }
                let column = request.query.utf8.distance(
                    from: request.query.startIndex, to: range.lowerBound)
                let remarks = ServerRemarks(infos: ["PromQL info: so it is (1:\(column + 1))"])
                let found = fragment.annotations(of: [(request, remarks)]).located(in: query)
                let text = try #require(found.infos.first)
                let end = text.hasSuffix(")") ? text.dropLast() : ""
                guard let colon = end.lastIndex(of: ":"),
                    let place = Int(end[end.index(after: colon)...]),
                    let line = Int(end[end.index(after: end.lastIndex(of: "(") ?? colon)..<colon])
                else { return nil }
                let lines = query.split(separator: "\n", omittingEmptySubsequences: false)
                return String(lines[line - 1].utf8.dropFirst(place - 1))
            }
        }
        Issue.record("\(part) is in no question to \(cluster)")
        return nil
    }

    @Test(arguments: [
        // Matchers are gone, and spaces are others.
        (#"sum ( rate( x{cluster="a",job="j"} [5m] ) )"#, "a", "x{", #"x{cluster="a""#),
        (#"sum ( rate( x{cluster="a",job="j"} [5m] ) )"#, "a", "rate", "rate( x"),
        // Several pieces of one aggregation.
        ("1 + avg(rate(x[5m]))", "a", "x[5m])), \"__piece__\", \"1\"", "x[5m]))"),
        // The server sets labels, of lengths of their own.
        (
            "sum by (l) (label_replace(rate(x[5m]), 'l', '$1', 'region', '(.*)'))", "b", "x[5m]",
            "x[5m]"
        ),
        (
            "sum by (l) (label_replace(rate(x[5m]), 'l', '$1', 'region', '(.*)'))", "b",
            "label_replace(label_replace(rate", "rate("
        ),
        (
            "sum by (l) (label_replace(rate(x[5m]), 'l', '$1', 'region', '(.*)'))", "b",
            "label_replace(label_replace(label_replace(label_replace(label_replace(",
            "label_replace(rate"
        ),
        // A side is left out for a cluster.
        (#"sum(x{cluster="b"} or rate(y[5m]))"#, "a", "y[5m]", "y[5m]"),
        (#"sum(x{cluster="b"} or rate(y[5m]))"#, "b", "y[5m]", "y[5m]"),
        // One selector becomes two.
        (#"rate(x{exported_cluster!~"b|"}[5m])"#, "b", "rate", "rate("),
        // A window is a little shorter.
        ("sum_over_time(x[5m])", "c", "x[4m59s999ms]", "x[5m]"),
        // On another line, behind letters of several bytes.
        ("sum(x{j=\"äöü\"}) +\n avg(y{j=\"äöü\"} + z)", "a", "z), \"__piece__\", \"1\"", "z)"),
        // Of the same in several places the last counts.
        ("rate(x[5m]) / (sum(y) + on () rate(x[5m]))", "a", "x[5m]", "x[5m]))"),
    ])
    func whatAServerRemarksStandsWhereItIsInTheQuery(
        _ query: String, _ cluster: String, _ part: String, _ wanted: String
    ) throws {
        let found = try Self.place(of: part, sentTo: cluster, for: query)
        #expect(found?.hasPrefix(wanted) == true, "\(found ?? "no place")")
    }

    @Test(arguments: [
        ("PromQL info: so it is (1:3)", "PromQL info: so it is"),
        ("PromQL info: so it is (1:1000)", "PromQL info: so it is"),
        ("PromQL info: so it is (7:1)", "PromQL info: so it is"),
        ("PromQL info: so it is (0:0)", "PromQL info: so it is"),
        ("PromQL info: so it is (-1:-9223372036854775808)", "PromQL info: so it is"),
        ("PromQL info: so it is (unknown position)", "PromQL info: so it is"),
        ("PromQL info: so it is (or not)", "PromQL info: so it is (or not)"),
        ("PromQL info: (", "PromQL info: ("),
        ("PromQL )", "PromQL )"),
        ("3 more info annotations omitted", "cluster a: 3 more info annotations omitted"),
        ("", "cluster a: "),
    ])
    func withoutAPlaceARemarkIsToldAllTheSame(_ text: String, _ wanted: String) throws {
        let fragment = try #require(try Self.fragments(of: "sum(rate(x[5m]))").first)
        let found = fragment.annotations(
            of: [(fragment.requests[0], ServerRemarks(warnings: [text]))])
        #expect(found.located(in: "sum(rate(x[5m]))").warnings == [wanted])
    }

    @Test func aTextThatIsNotWhatWasAskedGivesNoPlace() throws {
        var fragment = try #require(try Self.fragments(of: "sum(rate(x[5m]))").first)
        for query in ["sum(rate(x[5m]", "sum(x)", "sum(irate(x[5m]))", "avg(rate(x[5m]))"] {
            fragment.requests[0].query = query
            let found = fragment.annotations(
                of: [(fragment.requests[0], ServerRemarks(infos: ["PromQL info: it is (1:5)"]))])
            #expect(
                found.located(in: "sum(rate(x[5m]))").infos == ["PromQL info: it is"], "\(query)")
        }
    }
}
