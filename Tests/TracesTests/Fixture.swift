// The first file to read in TracesTests: traces are asked of small stores in memory behind real
// sockets, which speak both generations of Jaeger's API, and of what real Jaegers answered once.

import Clusters
import Federation
import Spans
import Traces
import Upstream

/// The time of most tests, milliseconds since 1970.
let testTime: Int64 = 1_700_000_000_000

/// A service over clusters for one test, whose client is stopped at its end. Where the settings do
/// not say how long it may take, it may take long: a busy machine is none of a test's business.
@discardableResult
func withTraces<Result: Sendable>(
    of clusters: [Cluster], _ settings: TraceSettings = TraceSettings(),
    now: @escaping @Sendable () -> Int64 = { testTime },
    _ body: (TraceService, Fleet) async throws -> Result
) async throws -> Result {
    let client = UpstreamClient(UpstreamSettings(version: "1.2.3"))
    let fleet = Fleet(clusters: clusters)
    var settings = settings
    if settings.timeout == TraceSettings().timeout { settings.timeout = .seconds(60) }
    let service = TraceService(fleet: fleet, upstream: client, settings: settings, now: now)
    do {
        let result = try await body(service, fleet)
        await client.stop()
        return result
    } catch {
        await client.stop()
        throw error
    }
}

extension TraceSearch {
    /// Everything of a service up to the time of most tests.
    static func all(of service: String, limit: Int = 100) -> TraceSearch {
        TraceSearch(service: service, start: 0, end: testTime * 1_000_000, limit: limit)
    }
}

extension Trace {
    /// The ids of its spans, ordered.
    var spanIDs: [UInt64] { spans.map(\.spanID.rawValue).sorted() }
}

extension Span {
    /// The clusters that a merged span is said to be of.
    var shownClusters: [String] { clusters.sorted() }
}

extension CannedSpan {
    /// A request of two services in two clusters: what the first holds, and what the second does.
    static func crossing(_ trace: String, at start: Int64) -> (east: [Self], west: [Self]) {
        (
            [
                CannedSpan(
                    trace: trace, id: 1, service: "front", name: "GET /", start: start,
                    duration: 9000),
                CannedSpan(
                    trace: trace, id: 2, parent: 1, service: "front", name: "call", kind: .client,
                    start: start + 1000, duration: 5000),
            ],
            [
                CannedSpan(
                    trace: trace, id: 3, parent: 2, service: "back", name: "answer",
                    start: start + 2000, duration: 2000)
            ]
        )
    }
}
