import Clusters
import PromQL
import PrometheusAPI
import TimeSeries
import Upstream

/// What a cluster said when it was asked who it is.
struct Identification: Sendable {
    var cluster: ClusterID
    var capabilities: Result<Capabilities, MissingCause>
}

/// Finds out what a cluster can do, how it is labelled and what data it has.
struct ClusterProbe: Sendable {
    let cluster: Cluster
    let fleet: Fleet
    let client: ClusterClient

    /// What was known before, and the time, milliseconds since the Unix epoch.
    struct Earlier: Sendable {
        var capabilities: Capabilities
        var now: Int64
    }

    /// Asks what queries depend on, and notes it in the fleet.
    func identification(after earlier: Earlier? = nil) async -> Identification {
        do {
            let capabilities = try await capabilities(after: earlier)
            fleet.update(cluster) { state in
                state.capabilities = capabilities
                state.reachable = true
                state.lastError = nil
            }
            return Identification(cluster: cluster.id, capabilities: .success(capabilities))
        } catch {
            let cause = MissingCause(error, cluster: cluster.id)
            fleet.update(cluster) { state in
                state.reachable = false
                state.lastError = cause.message
            }
            return Identification(cluster: cluster.id, capabilities: .failure(cause))
        }
    }

    /// Asks everything, and notes it in the fleet. `now` is in milliseconds since the Unix epoch.
    func run(now: Int64) async {
        let known = fleet.current.state(of: cluster.id).capabilities
        let identification = await identification(
            after: known.map { Earlier(capabilities: $0, now: now) })
        fleet.update(cluster) { $0.probedAt = now }
        guard case .success = identification.capabilities else { return }
        let extent = await extent(now: now, knownEnd: fleet.current.state(of: cluster.id).dataEnd)
        let delays = await delays(now: now)
        fleet.update(cluster) { state in
            state.delays = delays
            state.seriesCount = extent.seriesCount
            state.dataStart = extent.start
            state.dataEnd = extent.end
        }
    }

    // MARK: Capabilities

    private func capabilities(after earlier: Earlier?) async throws -> Capabilities {
        let asked = ContinuousClock.now
        let version = await version()
        let latency = asked.duration(to: .now)
        fleet.update(cluster) { state in
            state.latency = latency
            state.versionText = version
        }
        var capabilities = Capabilities(version: version.flatMap(Self.numbers))
        // Labels of the past name old series still, and need not be asked for each time.
        if let earlier {
            capabilities.conflictingLabels = earlier.capabilities.conflictingLabels
            capabilities.doublyConflictingLabels = earlier.capabilities.doublyConflictingLabels
        }
        let start = earlier.map { $0.now - Self.recentMilliseconds }
        let own = Set(try await labelNames(matching: nil, since: start))
        let external = cluster.externalLabels.pairs.map(\.name)
        for name in external where own.contains(name) {
            capabilities.conflictingLabels.insert(name)
            let exported = "exported_" + name
            guard own.contains(exported) else { continue }
            let both = "{\(name)!=\"\",\(exported)!=\"\"}"
            if !(try await labelNames(matching: both, since: start)).isEmpty {
                capabilities.doublyConflictingLabels.insert(name)
            }
        }
        await noteFlags(in: &capabilities, after: earlier)
        return capabilities
    }

    /// The server's version in its words; nil where it does not say.
    private func version() async -> String? {
        let data = try? await client.small("buildinfo", path: "/api/v1/status/buildinfo")
        return data.flatMap { BuildInformation($0)?.version }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// `2.42.0+ds` as numbers.
    private static func numbers(_ version: String) -> [Int]? {
        let core = version.drop { !$0.isNumber }.prefix { $0.isNumber || $0 == "." }
        let numbers = core.split(separator: ".").compactMap { Int($0) }
        return numbers.count >= 2 ? numbers : nil
    }

    /// How far back labels are looked for once all time has been looked through.
    private static let recentMilliseconds: Int64 = 2 * 3_600_000

    /// The label names of the series, over all time where no start is given.
    private func labelNames(
        matching selector: String?, since start: Int64?
    ) async throws -> [String] {
        var parameters: [UpstreamRequest.Parameter] = []
        if let selector { parameters.append(.init(name: "match[]", value: selector)) }
        if let start {
            parameters.append(.init(name: "start", value: NumberText.timestamp(start)))
        }
        let response = try await client.list(
            "labels", path: "/api/v1/labels", parameters, of: .texts)
        guard case .texts(let names) = response.value else { return [] }
        return names
    }

    /// What the server's flags say of how it answers.
    private func noteFlags(in capabilities: inout Capabilities, after earlier: Earlier?) async {
        let data = try? await client.small("flags", path: "/api/v1/status/flags")
        if let flags = data?.stringMembers {
            capabilities.lookback = flags["query.lookback-delta"].flatMap(APIDuration.parse)
            capabilities.features = (flags["enable-feature"] ?? "").split(separator: ",")
                .map { String($0.filter { $0 != " " }) }.sorted()
        } else if let earlier {
            capabilities.lookback = earlier.capabilities.lookback
            capabilities.features = earlier.capabilities.features
        }
        // Servers from 2.40 hold native histograms where a flag says so, those from 3.0 as they
        // come.
        guard capabilities.version != nil, !capabilities.isAtLeast(3, 0) else { return }
        let isSaid = data?["enable-feature"] != nil || earlier != nil
        capabilities.hasNativeHistograms =
            capabilities.isAtLeast(2, 40)
            && (!isSaid || capabilities.features.contains("native-histograms"))
    }

    // MARK: Data

    private struct Extent: Sendable {
        var start: Int64?
        var end: Int64?
        var seriesCount: Int?
    }

    /// From when to when the server has data: its own metrics say the first, its newest `up` sample
    /// the last.
    private func extent(now: Int64, knownEnd: Int64?) async -> Extent {
        var extent = Extent()
        if let metrics = try? await client.text("metrics", path: "/metrics") {
            let numbers = Self.gauges(metrics)
            // A server without any data says the end of all time.
            if let lowest = numbers["prometheus_tsdb_lowest_timestamp_seconds"], lowest > 0 {
                extent.start = Int64(milliseconds: lowest)
            }
            extent.seriesCount = numbers["prometheus_tsdb_head_series"].flatMap {
                Int(exactly: $0.rounded())
            }
        }
        if extent.start == nil, let retention = await retention() {
            extent.start = now - retention
        }
        extent.end = await newestUp(now: now, known: knownEnd)
        return extent
    }

    /// How long the server keeps samples, milliseconds: `15d`, or `15d or 10GiB`.
    private func retention() async -> Int64? {
        let data = try? await client.small("runtimeinfo", path: "/api/v1/status/runtimeinfo")
        guard let text = data.flatMap({ RuntimeInformation($0)?.storageRetention }),
            let first = text.split(separator: " ").first
        else { return nil }
        return APIDuration.parse(String(first))
    }

    private static let gaugeNames = [
        "prometheus_tsdb_lowest_timestamp_seconds", "prometheus_tsdb_head_series",
    ]

    private static func gauges(_ text: [UInt8]) -> [String: Double] {
        var result: [String: Double] = [:]
        for line in text.split(separator: UInt8(ascii: "\n"))
        where line.first == UInt8(ascii: "p") {
            let words = line.split(separator: UInt8(ascii: " "))
            guard words.count == 2 else { continue }
            let name = String(decoding: words[0], as: UTF8.self)
            guard gaugeNames.contains(name) else { continue }
            result[name] = NumberText.read(String(decoding: words[1], as: UTF8.self))
        }
        return result
    }

    /// The time of the newest `up` sample where there is none in the last five minutes but there
    /// was one in the last thirty days; nil where scraping goes on, or never was.
    private func newestUp(now: Int64, known: Int64?) async -> Int64? {
        if await instant("max(timestamp(up))", at: now) != nil { return nil }
        if let known { return known }
        if let recent = await newestUp(in: "1d:1m", before: now) { return recent }
        // Hour by hour first: a month in minutes is much to ask of a server.
        guard let hour = await newestUp(in: "30d:1h", before: now) else { return nil }
        return await newestUp(in: "2h:1m", before: hour + 3_600_000) ?? hour
    }

    private func newestUp(in window: String, before time: Int64) async -> Int64? {
        await instant("max(max_over_time(timestamp(up)[\(window)]))", at: time)
            .flatMap { Int64(milliseconds: $0) }
    }

    func instant(_ query: String, at time: Int64) async -> Double? {
        let answer = try? await client.query(
            "query",
            [
                .init(name: "query", value: query),
                .init(name: "time", value: NumberText.timestamp(time)),
            ], expecting: .grid(TimeGrid(instant: time)))
        guard case .vector(let series)? = answer?.response.value else { return nil }
        return series.first?.values.first
    }
}

extension MissingCause {
    /// What an error thrown while asking who a cluster is stands for: the question cannot be at
    /// fault, so a cluster that rejects it is missing.
    fileprivate init(_ error: any Error, cluster: ClusterID) {
        switch Outcome<Capabilities>.failed(error, cluster: cluster) {
        case .missing(let cause): self = cause
        case .rejected(_, let message): self.init(kind: "rejected", message: message)
        case .answered: preconditionFailure("an error is no answer")
        }
    }
}
