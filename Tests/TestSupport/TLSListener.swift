import Foundation
import Glibc
import Synchronization

/// A server of TLS: `openssl s_server` on a port of its own, which answers every request with a page
/// about the connection. Its certificate can be changed while somebody watches.
package final class TLSListener: Sendable {
    package let port: Int
    private let options: [String]
    private let current: Mutex<Running>
    private let directory: TemporaryDirectory

    private struct Running: Sendable {
        var pair: Certificates.Pair
        var process: ChildProcess
        /// How many there have been before it: each has a log of its own.
        var turn = 0
    }

    package var url: String { "https://127.0.0.1:\(port)" }

    private var process: ChildProcess { current.withLock { $0.process } }

    /// Starts it and waits until it listens. `options` are further ones of the program.
    package init(
        _ pair: Certificates.Pair, _ options: [String] = [], port: Int? = nil
    ) async throws {
        let directory = try TemporaryDirectory("s_server")
        let port = try port ?? Loopback.freePort()
        let process = try Self.start(pair, options, port, directory.file("log-0"))
        self.port = port
        self.options = options
        self.directory = directory
        current = Mutex(Running(pair: pair, process: process))
        do {
            try await awaitListening()
        } catch {
            await end()
            throw error
        }
    }

    private static func start(
        _ pair: Certificates.Pair, _ options: [String], _ port: Int, _ log: String
    ) throws -> ChildProcess {
        var arguments = [
            "s_server", "-www", "-accept", "127.0.0.1:\(port)", "-cert", pair.certificate, "-key",
            pair.key,
        ]
        if let chain = pair.chain { arguments += ["-cert_chain", chain] }
        return try ChildProcess(
            "openssl s_server", executable: "openssl", arguments: arguments + options,
            outputPath: log)
    }

    private func awaitListening() async throws {
        let process = process
        try await awaitProcess(process, "listens") {
            (try? String(contentsOfFile: process.outputPath, encoding: .utf8))?
                .contains("ACCEPT") ?? false
        }
    }

    /// A test that fails half-way leaves nothing behind either.
    deinit { current.withLock { $0.process.signal(SIGKILL) } }

    /// Kills it, and waits until it is gone.
    package func kill() async { await process.end() }

    /// Starts it again after `kill`, on the same port, with this certificate or the one that it had.
    package func restart(_ pair: Certificates.Pair? = nil) async throws {
        try current.withLock { running in
            let pair = pair ?? running.pair
            let turn = running.turn + 1
            let process = try Self.start(pair, options, port, directory.file("log-\(turn)"))
            running = Running(pair: pair, process: process, turn: turn)
        }
        try await awaitListening()
    }

    /// Shows another certificate from now on, at the same port.
    package func rotate(to pair: Certificates.Pair) async throws {
        await kill()
        try await restart(pair)
    }

    /// Kills it, waits until it is gone, and removes its files.
    package func end() async {
        await kill()
        directory.remove()
    }

    /// What it has said since it was started last.
    package var log: String {
        get throws { try String(contentsOfFile: process.outputPath, encoding: .utf8) }
    }
}
