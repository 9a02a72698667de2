import Synchronization
import TestSupport

extension IsthmusCommand {
    /// Runs a command against a server that gives one answer to everything; gives what it asked there
    /// too, as paths with their queries.
    static func run(
        _ arguments: [String], status: Int = 200, type: String = "application/json", body: String,
        environment: [String: String] = [:]
    ) async throws -> (result: Result, asked: [String]) {
        let asked = Mutex<[String]>([])
        let server = try ScriptedServer { request in
            // The query and the body, which is empty, stand with `&` between them.
            let query = request.form.hasSuffix("&") ? request.form.dropLast() : request.form[...]
            asked.withLock { $0.append(request.path + "?" + query) }
            return .answer(status: status, type: type, body: body)
        }
        defer { server.end() }
        let result = try await run(
            arguments + ["--server", server.address], environment: environment)
        return (result, asked.withLock { $0 })
    }

    /// The lines of a table, their columns with one space between them.
    static func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map {
            $0.split(separator: " ").joined(separator: " ")
        }
    }
}
