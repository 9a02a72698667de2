/// What a cluster of Istio's ambient mode says: no sidecars. On every node a ztunnel counts
/// connections and bytes of both their ends, whatever they carry; requests are seen by the waypoint
/// before the called service alone, which reports them in place of either side
/// (`reporter="waypoint"`). So nobody sees requests to other clusters where they come from.
func ambientFamilies(of profile: ClusterProfile, in topology: Topology) -> [MetricFamily] {
    let seed = topology.plan.seed
    var requests = MergedRows()
    var connections = MergedRows()
    for edge in topology.edges {
        for reporter in Reporter.sidecars where edge.end(of: reporter).cluster == profile.name {
            let tally = Tally(parts: [Tally.Part(flow: edge.connections, latency: edge.work)])
            connections.add(["app": "ztunnel"] + edge.connectionLabels(reporter), tally)
        }
        guard edge.destination.cluster == profile.name, edge.service.speaks != .tcp else {
            continue
        }
        for outcome in edge.outcomes {
            for row in edge.requestMetrics(outcome, .waypoint, seed: seed) {
                requests.add(row.labels, row.tally, cause: row.cause)
            }
        }
    }
    let (sent, received) = Edge.bytesPerConnection
    return [
        MetricFamily(
            name: "istio_requests_total", help: "Requests handled by a waypoint.",
            kind: .counter, metrics: requests.counters),
        MetricFamily(
            name: "istio_request_duration_milliseconds", help: "How long requests took.",
            kind: .histogram, metrics: requests.histograms),
        MetricFamily(
            name: "istio_tcp_connections_opened_total", help: "TCP connections opened.",
            kind: .counter, metrics: connections.counters),
        MetricFamily(
            name: "istio_tcp_sent_bytes_total", help: "Bytes sent in answers over TCP.",
            kind: .counter, metrics: connections.counters(times: received)),
        MetricFamily(
            name: "istio_tcp_received_bytes_total", help: "Bytes received in requests over TCP.",
            kind: .counter, metrics: connections.counters(times: sent)),
    ]
}
