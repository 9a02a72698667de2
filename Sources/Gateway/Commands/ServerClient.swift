import ArgumentParser
import Clusters
import PrometheusAPI
import Upstream

/// Which server a command asks.
struct ServerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The gateway to ask, or any Prometheus.", valueName: "url"))
    var server = "http://\(ListenAddress.standard)"

    @Option(help: ArgumentHelp("How long to wait for the answer.", valueName: "duration"))
    var timeout: DurationArgument?

    @Option(
        help: ArgumentHelp("The file that holds the bearer token.", valueName: "file"))
    var tokenFile: String?

    @Option(help: ArgumentHelp("The user; with --password-file.", valueName: "name"))
    var user: String?

    @Option(
        help: ArgumentHelp("The file that holds the user's password.", valueName: "file"))
    var passwordFile: String?

    func validate() throws {
        if (user == nil) != (passwordFile == nil) {
            throw ValidationError("--user and --password-file belong together.")
        }
        if tokenFile != nil, user != nil {
            throw ValidationError("--token-file and --user: one of the two.")
        }
    }

    /// Who asks; nil for nobody in particular.
    private var authorization: Authorization? {
        if let tokenFile { return .credentials(type: "Bearer", .file(tokenFile)) }
        guard let user, let passwordFile else { return nil }
        return .basic(username: user, password: .file(passwordFile))
    }

    /// Asks the server something and gives the body of its answer.
    func ask(
        _ path: String, _ parameters: [UpstreamRequest.Parameter], method: UpstreamRequest.Method
    ) async throws -> ServerAnswer {
        let url: String
        do {
            url = try URLText(server, .service).text
        } catch {
            throw ValidationError("--server: \(error.sentence)")
        }
        let patience = Duration.milliseconds(timeout?.milliseconds ?? 120_000)
        return try await ServerClient.ask(
            Clusters.Service(urls: [url], timeout: patience, authorization: authorization),
            UpstreamRequest(
                method: method, path: path, parameters: parameters, endpoint: "command",
                maximumBytes: 1 << 30),
            deadline: .now + patience)
    }
}

/// What a server answered.
struct ServerAnswer: Sendable {
    var status: Int
    var body: [UInt8]
}

/// Asks one server through the same client as the gateway asks clusters.
enum ServerClient {
    static func ask(
        _ service: Clusters.Service, _ request: UpstreamRequest, deadline: ContinuousClock.Instant
    ) async throws -> ServerAnswer {
        let client = UpstreamClient(UpstreamSettings(version: Version.isthmus))
        do {
            return try await client.ask(
                cluster: ClusterID("server"), service: service, request: request,
                deadline: deadline, read: Self.read)
        } catch let error as UpstreamError {
            if case .status(let status, let excerpt) = error.kind {
                return ServerAnswer(status: status, body: Array(excerpt.utf8))
            }
            throw CommandFailure(TerminalText.safe("\(error)"))
        }
    }

    private static func read(_ response: UpstreamResponse) async throws -> ServerAnswer {
        var body: [UInt8] = []
        for try await piece in response.body { body += piece }
        return ServerAnswer(status: response.status, body: body)
    }
}

extension ServerAnswer {
    /// The failure that a status other than success is, in the server's own words where it has any.
    var failure: CommandFailure? {
        guard status != 200 else { return nil }
        if let answer = try? SmallAnswer(decoding: body), case .failure(let error) = answer.value {
            return CommandFailure(TerminalText.safe("\(error.type): \(error.message)"))
        }
        let words = String(decoding: body.prefix(500), as: UTF8.self)
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let shown = words.isEmpty || words.first == "<" ? "" : ": \(words)"
        return CommandFailure(
            TerminalText.safe("the server answered with HTTP status \(status)\(shown)"))
    }
}
