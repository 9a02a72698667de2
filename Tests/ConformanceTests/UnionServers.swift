import Foundation
import TestSupport

/// The clusters' servers, the one that holds the union, and the gateway before the clusters; made
/// once, when a test first asks for them, and ended with the test runner.
actor UnionServers {
    static let shared = UnionServers()

    private var servers: Task<Running, any Error>?
    private var gatewayStart: Task<IsthmusServer, any Error>?

    struct Running: Sendable {
        var data: UnionData
        /// In the order of `UnionMember.all`.
        var members: [PrometheusServer]
        var union: PrometheusServer

        /// The cluster files for these servers; `ports` are asked instead of the servers' own.
        func memberFiles(
            ports: [Int]? = nil, serviceLines: [String] = ["timeout: 30s"]
        ) -> [IsthmusServer.Member] {
            zip(UnionMember.all, ports ?? members.map(\.port)).map { member, port in
                IsthmusServer.Member(
                    member.name,
                    labels: member.externalLabels.filter { $0.name != "cluster" },
                    urls: ["http://127.0.0.1:\(port)"], serviceLines: serviceLines)
            }
        }
    }

    /// The Prometheus servers.
    func running() async throws -> Running {
        let task = servers ?? Task { try await Self.start() }
        servers = task
        return try await task.value
    }

    /// The gateway in front of the clusters' servers.
    func gateway() async throws -> IsthmusServer {
        let running = try await running()
        let task =
            gatewayStart
            ?? Task {
                // The union has no series of a watch of its own.
                let gateway = try await IsthmusServer(
                    running.memberFiles(), configuration: "control_plane: {watch: false}\n")
                try await gateway.awaitWhole(
                    query: "count(up)", at: "\(UnionData.start + 1800)")
                return gateway
            }
        gatewayStart = task
        return try await task.value
    }

    private static func start() async throws -> Running {
        let clock = ContinuousClock()
        let begin = clock.now
        // Another seed is another fleet, for looking further than the tests do every day.
        let seed = ProcessInfo.processInfo.environment["ISTHMUS_SEED"].flatMap { UInt64($0) }
        let data = try await UnionData(
            seed: seed ?? UnionData.usualSeed, in: TemporaryDirectory("union"))
        let made = clock.now
        var members: [PrometheusServer] = []
        for member in UnionMember.all {
            var options = PrometheusServer.Options(data: data.memberBlocks[member.name])
            options.externalLabels = member.externalLabels
            members.append(try await PrometheusServer(member.name, options))
        }
        let union = try await PrometheusServer("union", .init(data: data.unionBlocks))
        print(
            "Union of seed \(data.seed): \(data.seriesCounts) series, written in",
            begin.duration(to: made), "and served after", made.duration(to: clock.now))
        return Running(data: data, members: members, union: union)
    }
}
