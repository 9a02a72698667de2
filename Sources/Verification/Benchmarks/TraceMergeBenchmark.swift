import Spans

/// Traces whose spans lie in several clusters, to be merged. Whoever runs it holds the watch.
public struct TraceMergeBenchmark: Sendable {
    private let traces: [[TraceFragment]]
    private let merger: TraceMerger
    /// Spans that the fragments hold, copies included.
    public let spanCount: Int

    /// So many traces with so many spans each over so many clusters; every tenth span is in two.
    public init(traces count: Int, spans: Int, clusters: Int) {
        let names = (0..<clusters).map { "cluster-\($0)" }
        traces = (0..<count).map { Self.trace($0, spans: spans, clusters: names) }
        spanCount = traces.joined().reduce(0) { $0 + $1.trace.spans.count }
        merger = TraceMerger(
            TraceMerger.Settings(
                clusters: names, maximumClockSkewAdjustment: 60_000_000_000))
    }

    /// How many spans the merged traces have, of which one at a time is in memory.
    public func merge() -> Int {
        traces.reduce(0) { $0 + merger.merge($1).spans.count }
    }

    /// Eight calls below each, a fifth of them to another cluster, whose clock is behind; a tenth of
    /// the server spans have their callers' ids.
    private static func trace(_ number: Int, spans: Int, clusters: [String]) -> [TraceFragment] {
        let id = TraceID(high: UInt64(number) + 1, low: 0x5eed)
        let resources = clusters.indices.map { cluster in
            (0..<10).map { service in resource("service-\(service)", cluster: clusters[cluster]) }
        }
        var fragments = clusters.map { TraceFragment(cluster: $0, trace: Trace(id: id)) }
        var home = Array(repeating: 0, count: spans)
        var ids: [SpanID] = []
        for place in 0..<spans {
            let parent = place == 0 ? nil : (place - 1) / 8
            if let parent {
                home[place] = (home[parent] + (place % 5 == 0 ? 1 : 0)) % clusters.count
            }
            let isShared = place % 10 == 3
            // Spread over all numbers, as recorders' are.
            let spread = SpanID((UInt64(place) + 1) &* 0x9e37_79b9_7f4a_7c15)
            ids.append(isShared ? ids[parent ?? 0] : spread)
            let start = 1_700_000_000_000_000_000 + Int64(place) * 1_000
            let clock = Int64(home[place]) * -200_000_000
            let span = Span(
                traceID: id, spanID: ids[place],
                parentSpanID: isShared ? .none : parent.map { ids[$0] } ?? .none,
                name: "GET /api/\(place % 20)", kind: isShared ? .server : .client,
                startTime: start + clock, endTime: start + clock + Int64(spans - place) * 2_000,
                attributes: [
                    Attribute("http.method", .string("GET")),
                    Attribute("http.status_code", .int(200)),
                    Attribute("http.url", .string("http://service.namespace:8080/api/\(place)")),
                    Attribute("net.peer.name", .string("10.1.2.\(place % 256)")),
                ],
                resource: resources[home[place]][place % 10])
            fragments[home[place]].trace.spans.append(span)
            if place % 10 == 7 {
                fragments[(home[place] + 1) % clusters.count].trace.spans.append(span)
            }
        }
        return fragments
    }

    private static func resource(_ service: String, cluster: String) -> Resource {
        Resource(attributes: [
            Attribute("host.name", .string("node-\(service)-\(cluster)")),
            Attribute("k8s.cluster.name", .string(cluster)),
            Attribute("k8s.namespace.name", .string("default")),
            Attribute("service.name", .string(service)),
        ])
    }
}
