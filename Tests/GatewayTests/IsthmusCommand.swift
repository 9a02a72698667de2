// The first file to read in GatewayTests: the program `isthmus` as its users run it. Nothing of the
// program is linked into these tests; they look at what it prints and how it ends.

import Foundation
import TestSupport

/// The program, run to its end.
enum IsthmusCommand {
    struct Result: Sendable {
        /// The exit status, or 128 and the signal's number.
        var status: Int32
        var output: String
        var errors: String
    }

    static func run(
        _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> Result {
        let directory = try TemporaryDirectory("command")
        defer { directory.remove() }
        // The size of the terminal that the tests are run in is none of theirs.
        let sizeless = ["COLUMNS": "", "LINES": ""].merging(environment) { $1 }
        let process = try ChildProcess(
            "isthmus", executable: try IsthmusServer.binary(), arguments: arguments,
            environment: sizeless, outputPath: directory.file("output"),
            errorsPath: directory.file("errors"))
        let status = await process.ended()
        return Result(
            status: status,
            output: try String(contentsOfFile: process.outputPath, encoding: .utf8),
            errors: try String(contentsOfFile: process.errorsPath, encoding: .utf8))
    }
}
