// The first file to read in TestSupport: what tests need to run real processes, to talk to them and
// to clear up after them. Nothing here knows what the gateway's modules look like inside.

import Foundation
import Glibc
import Synchronization

/// A program that a test has started, in a process group of its own.
///
/// It writes its output to files, it is killed by its identifier and reaped, and it does not
/// outlive the test runner: the kernel kills it when the runner is gone.
package final class ChildProcess: Sendable {
    package let name: String
    package let identifier: pid_t
    /// The files that hold what the program has written.
    package let outputPath: String
    package let errorsPath: String
    private let state = Mutex(State.running(waiting: []))

    private enum State {
        case running(waiting: [CheckedContinuation<Int32, Never>])
        /// The exit status, or 128 and the signal's number, as a shell says it.
        case ended(Int32)
    }

    /// Starts `executable` (an absolute path, or a name to look for in `PATH`). Without an
    /// `errorsPath` both outputs go to one file. With a `connection` the program has that socket
    /// under the numbers given, too.
    package init(
        _ name: String, executable: String, arguments: [String],
        environment: [String: String] = [:], outputPath: String, errorsPath: String? = nil,
        connection: (socket: Int32, numbers: [Int32])? = nil
    ) throws {
        guard let path = Self.located(executable) else {
            throw ProcessFailure("\(executable) is not installed; deploy/test installs it")
        }
        self.name = name
        self.outputPath = outputPath
        self.errorsPath = errorsPath ?? outputPath
        var variables = ProcessInfo.processInfo.environment
        variables.merge(environment) { _, new in new }
        let command = SpawnCommand(
            // The program itself gets setpriv's identifier, and dies with the thread that asked.
            words: ["setpriv", "--pdeathsig=KILL", "--", path] + arguments,
            environment: variables.map { "\($0.key)=\($0.value)" }.sorted(),
            outputPath: outputPath, errorsPath: errorsPath, connection: connection)
        identifier = try Spawner.shared.spawn(command).get()
        ChildRegistry.shared.add(identifier)
        let thread = Thread { [self] in awaitEnd() }
        thread.stackSize = 256 << 10
        thread.start()
    }

    /// Where a program is, nil where it is not installed.
    package static func located(_ executable: String) -> String? {
        if executable.hasPrefix("/") { return access(executable, X_OK) == 0 ? executable : nil }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(executable)" }
            .first { access($0, X_OK) == 0 }
    }

    package var isRunning: Bool {
        state.withLock { if case .running = $0 { true } else { false } }
    }

    /// Sends a signal to the program, if it still runs.
    package func signal(_ signal: Int32) {
        state.withLock { state in
            if case .running = state { _ = kill(identifier, signal) }
        }
    }

    /// Kills the program and all that it has started.
    package func killAll() {
        state.withLock { state in
            if case .running = state { _ = kill(-identifier, SIGKILL) }
        }
    }

    /// Kills the program and all that it has started, and waits until it is gone.
    package func end() async {
        killAll()
        _ = await ended()
    }

    /// Waits for the program's end. Gives its status, or 128 and the number of the signal.
    package func ended() async -> Int32 {
        await withCheckedContinuation { continuation in
            let status: Int32? = state.withLock { state in
                switch state {
                case .ended(let status): return status
                case .running(let waiting):
                    state = .running(waiting: waiting + [continuation])
                    return nil
                }
            }
            if let status { continuation.resume(returning: status) }
        }
    }

    /// The last lines that the program has written, for failure messages.
    package func logTail(lines: Int = 20) -> String {
        let text = (try? String(contentsOfFile: errorsPath, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(lines).joined(separator: "\n")
    }

    private func awaitEnd() {
        // Until it is reaped under the lock, its identifier cannot become another process's.
        var information = siginfo_t()
        while waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) != 0 {
            guard errno == EINTR else { break }
        }
        let (status, waiting): (Int32, [CheckedContinuation<Int32, Never>]) = state.withLock {
            state in
            var raw: Int32 = 0
            waitpid(identifier, &raw, 0)
            ChildRegistry.shared.remove(identifier)
            let status = raw & 0x7f == 0 ? (raw >> 8) & 0xff : 128 + (raw & 0x7f)
            defer { state = .ended(status) }
            guard case .running(let waiting) = state else { return (status, []) }
            return (status, waiting)
        }
        for continuation in waiting { continuation.resume(returning: status) }
    }
}

/// Why a test could not do with a process what it wanted.
package struct ProcessFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// Waits until `condition` holds, looking every few milliseconds: what another process does cannot
/// be awaited. Throws with `what` and the log's end when the time is over or the process has ended.
package func awaitProcess(
    _ process: ChildProcess, _ what: String, within limit: Duration = .seconds(180),
    until condition: () async -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while await !condition() {
        let problem: String? =
            if !process.isRunning {
                "ended"
            } else if ContinuousClock.now > deadline {
                "not so after \(limit)"
            } else { nil }
        if let problem {
            throw ProcessFailure("\(process.name): \(what): \(problem)\n\(process.logTail())")
        }
        try await Task.sleep(for: .milliseconds(20))
    }
}
