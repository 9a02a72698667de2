import ArgumentParser
import Clusters
import Logging
import Metrics
import PrometheusAPI
import Storage
import Upstream

struct CacheCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache",
        abstract: "Forget what gateways keep of the clusters' answers.",
        subcommands: [Clear.self])

    struct Clear: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "clear",
            abstract: "Drop everything that is kept, in memory and in Redis.",
            discussion: """
                Asks a running gateway, which clears its memory and its Redis. With --config it \
                asks no gateway and clears the Redis that the file names. In both cases all \
                gateways that share the Redis clear their memory within seconds.

                Nothing is lost but time: what is asked for next is fetched from the clusters. In \
                Redis only keys with the configured prefix are dropped.
                """)

        @OptionGroup var server: ServerOptions

        @Option(
            help: ArgumentHelp(
                "The gateway's own configuration; goes before --server.", valueName: "file"))
        var config: String?

        func run() async throws {
            if let config {
                try await clearRedis(of: config)
            } else {
                try await askServer()
            }
        }

        private func clearRedis(of file: String) async throws {
            let (configuration, mistakes) = GatewayConfiguration.read(path: file)
            guard mistakes.isEmpty else {
                MistakeList.print(mistakes)
                throw ExitCode.failure
            }
            guard let settings = configuration.cache.redis else {
                throw CommandFailure(
                    TerminalText.safe(
                        "\(file) names no Redis (cache.redis.url), so there is nothing outside the "
                            + "gateways to clear; a gateway's memory is cleared with --server URL"))
            }
            let store = RedisStore(
                settings, logger: Logger(label: "isthmus") { _ in SwiftLogNoOpLogHandler() },
                metrics: NOOPMetricsHandler.instance)
            do throws(StorageFailure) {
                let count = try await store.clear()
                await store.stop()
                say(count, "\(settings.address), prefix \(settings.prefix)")
            } catch {
                await store.stop()
                throw CommandFailure(TerminalText.safe("\(settings.address): \(error)"))
            }
        }

        private func askServer() async throws {
            let answer = try await server.ask("/-/cache/clear", [], method: .post)
            if answer.status == 404 {
                throw CommandFailure(
                    TerminalText.safe(
                        "\(server.server) has no cache to clear: is it an Isthmus gateway?"))
            }
            if let failure = answer.failure { throw failure }
            say(Self.entries(answer.body), server.server)
        }

        /// How many entries there were, where the server says so.
        private static func entries(_ body: [UInt8]) -> Int? {
            guard let answer = try? SmallAnswer(decoding: body), case .data(let data) = answer.value
            else { return nil }
            return data["entries"]?.double.flatMap { Int(exactly: $0) }
        }

        private func say(_ count: Int?, _ place: String) {
            let what =
                switch count {
                case nil: "Cleared"
                case 1: "Cleared 1 entry"
                case let count?: "Cleared \(count) entries"
                }
            StandardOutput.write(TerminalText.safe("\(what) (\(place))") + "\n")
        }
    }
}
