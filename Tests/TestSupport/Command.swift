import Foundation

/// A program that runs to its end.
package enum Command {
    package struct Result: Sendable {
        /// The exit status, or 128 and the signal's number.
        package var status: Int32
        package var output: String
        package var errors: String
    }

    package static func run(_ executable: String, _ arguments: [String]) async throws -> Result {
        let directory = try TemporaryDirectory(executable)
        defer { directory.remove() }
        let process = try ChildProcess(
            "\(executable) \(arguments.joined(separator: " "))", executable: executable,
            arguments: arguments, outputPath: directory.file("output"),
            errorsPath: directory.file("errors"))
        let status = await process.ended()
        return Result(
            status: status,
            output: try String(contentsOfFile: process.outputPath, encoding: .utf8),
            errors: try String(contentsOfFile: process.errorsPath, encoding: .utf8))
    }

    /// Runs it, and throws with what it said where it fails.
    package static func mustRun(_ executable: String, _ arguments: [String]) async throws {
        let result = try await run(executable, arguments)
        guard result.status == 0 else {
            throw ProcessFailure(
                "\(executable) \(arguments.joined(separator: " ")): \(result.errors)")
        }
    }
}
