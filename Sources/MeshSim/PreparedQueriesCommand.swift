import ArgumentParser
import Hummingbird

/// `meshsim prepared-queries`: serves Prometheus servers that know the answer beforehand.
struct PreparedQueriesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prepared-queries",
        abstract: "Answers instant queries at once, to measure those who ask.",
        discussion: """
            All servers are at one port, each under its own path: http://…/c0, http://…/c1. What \
            is asked by le is answered with a histogram's buckets, all else with one series. \
            GET /requests tells how many queries there were.
            """)

    @OptionGroup var server: PreparedServer

    func run() async throws {
        let answers = PreparedQueries()
        let router = Router()
        router.get("requests") { _, _ in "\(answers.count)\n" }
        router.get(":server/api/v1/status/buildinfo") { _, _ in
            PreparedQueries.response(#"{"version":"3.5.0"}"#)
        }
        // Gateways look for labels that would be in the way of a cluster's own.
        for method in [HTTPRequest.Method.get, .post] {
            router.on(":server/api/v1/labels", method: method) { _, _ in
                PreparedQueries.response(#"["__name__","destination_service_name","le"]"#)
            }
        }
        router.get(":server/api/v1/query") { request, _ in
            answers.answer(request.uri.query ?? "")
        }
        router.post(":server/api/v1/query") { request, _ in
            let body = try await request.body.collect(upTo: 1 << 20)
            return answers.answer(String(buffer: body))
        }
        try await server.run(router)
    }
}
