import ArgumentParser
import Hummingbird

/// `meshsim prepared`: serves trace stores for measurements.
struct PreparedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prepared",
        abstract: "Serves trace stores whose answers are made but once, for measurements.",
        discussion: """
            All stores are at one port, each under its own path: http://…/c0, http://…/c1. Their \
            traces have the identities 1:1, 1:2, … (halves of 64 bits; with --shared), or that of \
            cluster N (N + 1):1, (N + 1):2, ….
            """)

    @OptionGroup var server: PreparedServer

    @Option(help: "How many clusters there are.")
    var clusters = 20

    @Option(help: "How many traces each cluster has.")
    var traces = 100

    @Option(help: "How many spans of each trace each cluster has.")
    var spans = 200

    @Option(help: "What the stores speak of Jaeger's API: v1, v3 or both.")
    var generation = StoreGeneration.v3

    @Flag(help: "All clusters have parts of the same traces.")
    var shared = false

    func run() async throws {
        let stores = PreparedStores(
            plan: PreparedStores.Plan(
                clusters: clusters, traces: traces, spans: spans, isShared: shared,
                generation: generation, latest: currentTime() * 1000 - 10_000_000))
        let router = Router()
        router.get("**") { request, _ in
            let answer = stores.answer(path: request.uri.path, query: request.uri.query ?? "")
            return TraceRoutes.response(answer)
        }
        try await server.run(router)
    }
}
