import Clusters
import PrometheusAPI
import TimeSeries

/// How long after its time a sample of a cluster may still come, as the cluster's server says and
/// shows. All in milliseconds.
package struct SampleDelays: Hashable, Sendable {
    /// The longest time between two scrapes of a target.
    package var scrapeInterval: Int64 = 0
    /// How much older than the newest a sample may be to be taken in.
    package var outOfOrderWindow: Int64 = 0
    /// How old the newest sample is of the target that was scraped the longest time ago: the
    /// interval, and how much the clocks differ.
    package var sampleAge: Int64 = 0

    package init(scrapeInterval: Int64 = 0, outOfOrderWindow: Int64 = 0, sampleAge: Int64 = 0) {
        self.scrapeInterval = scrapeInterval
        self.outOfOrderWindow = outOfOrderWindow
        self.sampleAge = sampleAge
    }

    /// What a server's own configuration says. Only two of its keys are looked for, wherever they
    /// stand.
    init(configuration: String) {
        for line in configuration.split(separator: "\n") {
            let words = line.split(separator: ":", maxSplits: 1).map { Self.bare($0) }
            guard words.count == 2, let duration = APIDuration.parse(words[1]) else { continue }
            switch words[0] {
            case "scrape_interval": scrapeInterval = max(scrapeInterval, duration)
            case "out_of_order_time_window": outOfOrderWindow = max(outOfOrderWindow, duration)
            default: break
            }
        }
    }

    /// Without the space around it, and the mark of a list's element before it.
    private static func bare(_ text: Substring) -> String {
        var text = text.drop { $0 == " " || $0 == "-" }
        while text.last == " " || text.last == "\r" { text.removeLast() }
        return String(text)
    }

    /// After how long nothing about a time changes any more.
    var total: Int64 { scrapeInterval + sampleAge + outOfOrderWindow }
}

extension ClusterProbe {
    /// What the server says and shows now; what it does not is 0.
    func delays(now: Int64) async -> SampleDelays {
        let data = try? await client.small("config", path: "/api/v1/status/config")
        var delays = SampleDelays(configuration: data?["yaml"]?.string ?? "")
        if let oldest = await instant("min(timestamp(up))", at: now),
            let time = Int64(milliseconds: oldest)
        {
            delays.sampleAge = max(0, now - time)
        }
        return delays
    }
}

extension Int64 {
    /// A server's time in seconds as milliseconds; nil where it is none that there can be.
    init?(milliseconds seconds: Double) {
        let far = 1e12
        guard seconds.magnitude < far else { return nil }
        self = Int64(seconds * 1000)
    }
}

extension ClusterState {
    /// How old data is when nothing changes it any more, milliseconds: what the cluster's file says,
    /// else what was found out, and `standard` at least.
    func freshness(of cluster: Cluster, standard: Int64) -> Int64 {
        cluster.freshness?.milliseconds ?? max(standard, delays?.total ?? 0)
    }
}
