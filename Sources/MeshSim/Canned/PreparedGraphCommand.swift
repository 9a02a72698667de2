import ArgumentParser
import HTTPTypes
import Hummingbird

/// `meshsim prepared-graph`: serves the Prometheus servers of a large fleet for measurements.
struct PreparedGraphCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prepared-graph",
        abstract: "Serves many clusters' Prometheus servers with the calls of a large mesh.",
        discussion: """
            All servers are at one port, each under its own path: http://…/c0, http://…/c1; the \
            clusters are called c00, c01, …. They have Istio's metrics, and the rates that \
            deploy/rules records of them, of services that each call a few others. Nothing changes \
            with the time. An answer is made when it is first asked for, and then kept with its \
            compressed form: so ask everything once with the same 'time' before measuring.

            They understand selectors, rate, sum, count, group, min and max with by and without, \
            label_replace, 'or' and comparisons with numbers; other queries are refused.
            """)

    @OptionGroup var server: PreparedServer

    @Option(help: "How many clusters there are.")
    var clusters = 20

    @Option(help: "How many services there are, all clusters together; each in one.")
    var services = 10_000

    @Option(help: "How many pairs of services there are of which one calls the other.")
    var edges = 50_000

    @Option(help: "The share of the pairs that are in two clusters.")
    var crossing = 0.1

    @Option(help: "The seed of all that is random.")
    var seed: UInt64 = 1

    @Flag(help: "The clusters have no recording rules: only the counters themselves.")
    var raw = false

    func validate() throws {
        guard (1...100).contains(clusters), services >= clusters * 100, services <= 1_000_000 else {
            throw ValidationError(
                "There must be 1 to 100 --clusters, with at least 100 --services in each.")
        }
        guard edges > 0, edges <= services * 8 else {
            throw ValidationError("--edges must be at most eight times --services.")
        }
        guard (0...1).contains(crossing) else {
            throw ValidationError("--crossing must be between 0 and 1.")
        }
    }

    func run() async throws {
        let servers = CannedServers(
            plan: CannedFleet.Plan(
                clusters: clusters, services: services, edges: edges, crossing: crossing,
                seed: seed, isRecorded: !raw))
        let router = Router()
        router.get("**") { request, _ in Self.answer(request, form: "", servers) }
        router.post("**") { request, _ in
            let form = try await request.body.collect(upTo: 1 << 20)
            return Self.answer(request, form: String(buffer: form), servers)
        }
        try await server.run(router)
    }

    private static func answer(
        _ request: Request, form: String, _ servers: CannedServers
    ) -> Response {
        let parameters = [request.uri.query ?? "", form].filter { !$0.isEmpty }
        let accepted = request.headers[.acceptEncoding] ?? ""
        let answer = servers.answer(
            path: request.uri.path, parameters: parameters.joined(separator: "&"),
            acceptsGzip: accepted.contains("gzip"), now: Double(currentTime()) / 1000)
        var headers: HTTPFields = [.contentType: "application/json"]
        if answer.isCompressed { headers[.contentEncoding] = "gzip" }
        return Response(
            status: HTTPResponse.Status(code: answer.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }
}
