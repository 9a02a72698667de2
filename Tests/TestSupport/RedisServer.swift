import Foundation
import Glibc
import Synchronization

/// Debian's Redis on a port of 127.0.0.1 and on a socket, with nothing in it, keeping nothing.
package final class RedisServer: Sendable {
    package let port: Int
    /// The path of its socket.
    package let socketPath: String
    private let directory: TemporaryDirectory
    private let current: Mutex<ChildProcess>
    private let password: String?

    package var address: String { "redis://127.0.0.1:\(port)" }

    /// Starts it and waits until it is ready. `lines` are further lines of its configuration,
    /// `password` the one of its default user.
    package init(password: String? = nil, lines: [String] = []) async throws {
        let directory = try TemporaryDirectory("redis")
        let port = try Loopback.freePort()
        // The path of a socket has room for 107 bytes, which a long `TMPDIR` takes up.
        let isLong = directory.file("redis.sock").utf8.count > 100
        let socketPath =
            isLong ? "/tmp/isthmus-test-\(getpid())-\(port).sock" : directory.file("redis.sock")
        var configuration = [
            "bind 127.0.0.1", "port \(port)", "unixsocket \(socketPath)",
            "dir \(directory.path)", "save \"\"", "appendonly no", "daemonize no",
        ]
        if let password { configuration.append("requirepass \(password)") }
        try directory.write(
            (configuration + lines).joined(separator: "\n") + "\n", to: "redis.conf")
        self.port = port
        self.directory = directory
        self.password = password
        self.socketPath = socketPath
        current = Mutex(try Self.start(directory))
        try await awaitReady()
    }

    /// A test that fails half-way leaves nothing behind either.
    deinit { current.withLock { $0.signal(SIGKILL) } }

    private static func start(_ directory: TemporaryDirectory) throws -> ChildProcess {
        try ChildProcess(
            "redis-server", executable: "redis-server",
            arguments: [directory.file("redis.conf")], outputPath: directory.file("redis.log"))
    }

    private var process: ChildProcess { current.withLock { $0 } }

    private func awaitReady() async throws {
        try await awaitProcess(process, "ready") {
            let answer = try? await ask(["PING"])
            return answer == "PONG"
        }
    }

    // MARK: Faults

    /// Stops it in its tracks: it keeps its connections, and answers nothing.
    package func pause() { process.signal(SIGSTOP) }

    package func resume() { process.signal(SIGCONT) }

    /// Kills it, and waits until it is gone.
    package func kill() async { await process.end() }

    /// Starts it again after `kill`, on the same port and socket, with nothing in it.
    package func restart() async throws {
        try current.withLock { $0 = try Self.start(directory) }
        try await awaitReady()
    }

    /// Kills it, waits until it is gone, and removes its files.
    package func end() async {
        await kill()
        unlink(socketPath)
        directory.remove()
    }

    // MARK: Asking

    /// What it answers to a command, in redis-cli's plain form.
    @discardableResult
    package func ask(_ words: [String]) async throws -> String {
        var arguments = ["-p", "\(port)", "--no-auth-warning"]
        if let password { arguments += ["-a", password] }
        let result = try await Command.run("redis-cli", arguments + words)
        guard result.status == 0 else { throw ProcessFailure("redis-cli: \(result.errors)") }
        return result.output.trimmingCharacters(in: .newlines)
    }

    /// The keys that match a pattern, sorted.
    package func keys(_ pattern: String = "*") async throws -> [String] {
        try await ask(["KEYS", pattern]).split(separator: "\n").map(String.init).sorted()
    }
}
