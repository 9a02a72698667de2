import Meshes
import TimeSeries

/// One case of the corpus: reports, a shape, and the map that they give.
struct GraphCase {
    var name: String
    var lines: [String]
    var expected: String
    var clusters = ["eu-1", "us-1"]
    var missing: [String: String] = [:]
    var names: [String: String] = [:]
    var shape = GraphShape(box: .none)
    var reports: [CallReport] = []
    var earlier: [CallReport]?
    var earlierMissing: [String: String] = [:]
    var traces: [TraceCall]?
    var usesMetrics = true
    var counts: [Count] = []

    /// What the Envoys of a workload count of an upstream.
    struct Count {
        var cluster: String
        var caller: CallEnd
        var upstream: String
        var statistic: UpstreamStatistic
        var value: Double
    }

    /// A line that the corpus should not have.
    struct Unreadable: Error {
        var line: String
    }

    static func read(_ text: String) throws -> (comment: String, cases: [GraphCase]) {
        var comment = ""
        var cases: [GraphCase] = []
        var isExpectation = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("> ") {
                cases.append(GraphCase(name: String(line.dropFirst(2)), lines: [], expected: ""))
                isExpectation = false
            } else if cases.isEmpty {
                comment += line + "\n"
            } else if line == "=" {
                isExpectation = true
            } else if isExpectation {
                if !line.isEmpty { cases[cases.count - 1].expected += line + "\n" }
            } else {
                cases[cases.count - 1].lines.append(line)
                try cases[cases.count - 1].read(line)
            }
        }
        return (comment, cases)
    }

    private mutating func read(_ line: String) throws {
        let words = line.split(separator: " ").map(String.init)
        guard let first = words.first, !line.hasPrefix("#") else { return }
        let rest = Array(words.dropFirst())
        switch first {
        case "clusters": clusters = rest
        case "missing": missing[rest[0]] = rest.dropFirst().joined(separator: " ")
        case "called": names[rest[0]] = rest[1]
        case "before" where rest.first == "missing": earlierMissing[rest[1]] = "gone"
        case "before":
            earlier = (earlier ?? []) + [try report(rest, line)]
        case "traces":
            traces =
                (traces ?? []) + [
                    TraceCall(
                        caller: rest[0], callee: rest[1], count: Int(rest[2]) ?? 0,
                        callerClusters: rest.count > 3 ? [rest[3]] : [],
                        calleeClusters: rest.count > 4 ? [rest[4]] : [])
                ]
        case "without-metrics": usesMetrics = false
        case "counts": counts.append(try count(rest, line))
        case "view", "box", "collapse", "top", "near", "in-cluster", "in-namespace", "idle":
            try readShape(first, rest, line)
        default: reports.append(try report(words, line))
        }
    }

    private mutating func readShape(_ word: String, _ rest: [String], _ line: String) throws {
        switch word {
        case "view": shape.view = try GraphView(rawValue: rest[0]).orUnreadable(line)
        case "box": shape.box = try GraphBox(rawValue: rest[0]).orUnreadable(line)
        case "collapse": shape.collapse = try GraphCollapse(rawValue: rest[0]).orUnreadable(line)
        case "top": shape.top = try Int(rest[0]).orUnreadable(line)
        case "in-cluster": shape.clusters = rest
        case "in-namespace": shape.namespaces = rest
        case "idle": shape.includesIdle = true
        default:
            shape.focus = GraphShape.Focus(
                name: rest[0], depth: try Int(rest[1]).orUnreadable(line))
        }
    }

    /// `CLUSTER NAMESPACE/WORKLOAD[/APP] > UPSTREAM STATISTIC VALUE`
    private func count(_ words: [String], _ line: String) throws -> Count {
        guard words.count == 6 else { throw Unreadable(line: line) }
        var caller = end(words[0] + "/" + words[1])
        if words[1].split(separator: "/").count < 3 { caller.app = "" }
        return Count(
            cluster: words[0], caller: caller, upstream: words[3],
            statistic: try UpstreamStatistic(rawValue: words[4]).orUnreadable(line),
            value: try Double(words[5]).orUnreadable(line))
    }

    /// `[DIALECT] REPORTER CLUSTER SOURCE > DESTINATION MEASURE RATE [SECURITY]`
    private func report(_ words: [String], _ line: String) throws -> CallReport {
        var words = words[...]
        var dialect = Dialect.istio
        if let named = Dialect(rawValue: words[0]) {
            dialect = named
            words.removeFirst()
        }
        guard words.count >= 7, let reporter = CallReport.Reporter(rawValue: words.removeFirst())
        else { throw Unreadable(line: line) }
        let cluster = words.removeFirst()
        let source = words.removeFirst()
        words.removeFirst()
        let destination = words.removeFirst()
        let measure = words.removeFirst()
        let rate = try Double(words.removeFirst()).orUnreadable(line)
        return CallReport(
            source: end(source), destination: end(destination), reporter: reporter,
            reportedBy: cluster, dialect: dialect, measure: try self.measure(measure, line),
            security: words.first ?? "", rate: rate)
    }

    /// `[SERVICE=]CLUSTER/NAMESPACE/WORKLOAD[/APP[/VERSION]]`; the app is the workload's name if not
    /// said otherwise.
    private func end(_ text: String) -> CallEnd {
        let sides = text.split(separator: "=", maxSplits: 1).map(String.init)
        let parts = sides[sides.count - 1].split(separator: "/", omittingEmptySubsequences: false)
            .map(String.init)
        var end = CallEnd()
        if sides.count == 2 { end.service = sides[0] }
        end.cluster = parts[0]
        if parts.count > 1 { end.namespace = parts[1] }
        if parts.count > 2 {
            end.workload = parts[2]
            end.app = parts.count > 3 ? parts[3] : parts[2]
        }
        if parts.count > 4 { end.version = parts[4] }
        return end
    }

    /// `http:CODE[:FLAGS]`, `grpc:STATUS[:CODE[:FLAGS]]`, `sent`, `received`, `connections[:FLAGS]`.
    private func measure(_ text: String, _ line: String) throws -> CallReport.Measure {
        let parts = text.split(separator: ":").map(String.init)
        switch parts[0] {
        case "http":
            return .http(
                code: try Int(parts[1]).orUnreadable(line), flags: parts.count > 2 ? parts[2] : "-")
        case "grpc":
            return .grpc(
                status: Int(parts[1]), code: parts.count > 2 ? Int(parts[2]) ?? 0 : 200,
                flags: parts.count > 3 ? parts[3] : "-")
        case "sent": return .tcpRequestBytes
        case "received": return .tcpResponseBytes
        case "connections": return .tcpConnections(flags: parts.count > 1 ? parts[1] : "-")
        default: throw Unreadable(line: line)
        }
    }

    func ledger(_ reports: [CallReport]) -> CallLedger {
        var ledger = CallLedger(clusters: clusters, missing: missing, clusterNames: names)
        ledger.add(reports)
        return ledger
    }

    /// The map of the reports in some order.
    func map(_ reports: [CallReport]) -> ServiceMap {
        var evidence = GraphEvidence(usesMetrics: usesMetrics, traces: traces)
        if let earlier {
            var ledger = CallLedger(
                clusters: clusters, missing: earlierMissing, clusterNames: names)
            ledger.add(earlier)
            evidence.earlier = ledger
        }
        var mapped = ledger(reports).map(shape, evidence: evidence)
        if !counts.isEmpty { shapeEdges(of: &mapped, reports) }
        return mapped.map
    }

    /// Adds what Envoys count.
    private func shapeEdges(of mapped: inout CallLedger.Mapped, _ reports: [CallReport]) {
        let dialects = clusters.map { cluster in
            ClusterDialects(
                cluster: cluster,
                dialects: Set(reports.filter { $0.reportedBy == cluster }.map(\.dialect)).sorted(),
                metrics: Set(
                    counts.filter { $0.cluster == cluster }.flatMap(\.statistic.metrics)))
        }
        var shapings = EdgeShapings(
            of: Set(mapped.map.edges.indices), in: mapped.places, clusters: dialects,
            window: 300_000)
        for count in counts {
            var labels = [
                "cluster": count.cluster, "namespace": count.caller.namespace,
                "workload": count.caller.workload, "cluster_name": count.upstream,
                StatisticsQuery.label: count.statistic.rawValue,
            ]
            if !count.caller.app.isEmpty { labels["app"] = count.caller.app }
            shapings.add(
                GridSeries(labels: Labels(labels.map { ($0, $1) }), values: [count.value]))
        }
        for place in mapped.map.edges.indices {
            mapped.map.edges[place].shaping = shapings.shaping(
                of: place, byFlags: mapped.map.edges[place].shaping)
        }
    }

    var text: String {
        "> \(name)\n" + lines.map { $0 + "\n" }.joined() + "=\n" + MapText.text(map(reports))
    }
}

extension Optional {
    fileprivate func orUnreadable(_ line: String) throws -> Wrapped {
        guard let self else { throw GraphCase.Unreadable(line: line) }
        return self
    }
}
