import CSpawn
import Glibc
import Synchronization

/// A program that is run once: it gets bytes, gives bytes, and is gone when it should be.
///
/// A thread of its own sees to it, so that nothing of it blocks those that everything else runs on.
/// The program leads a process group, which is killed whole; it has limits of time and memory that
/// the kernel keeps even where this process does not live to keep them.
final class ChildProcess: Sendable {
    let command: Command
    private let state = Mutex(State())

    struct Command: Sendable {
        /// A path, or a name that is looked for where programs are.
        var program: String
        var arguments: [String]
        /// `NAME=value`; nothing else is inherited.
        var environment: [String]
        var input: [UInt8]
        var deadline: ContinuousClock.Instant
        var maximumOutputBytes: Int
        var maximumMemoryBytes: Int
    }

    /// How it ended.
    enum Ending: Hashable, Sendable {
        /// By itself. `complaint` is the beginning of what it wrote to its standard error.
        case exited(status: Int32, output: [UInt8], complaint: String)
        /// By a signal that was not ours.
        case signalled(Int32)
        /// There is no such program.
        case absent
        /// The system did not start it; `errno`.
        case notStarted(Int32)
        case timeout
        case wroteTooMuch
        case cancelled
    }

    private struct State {
        /// Nil before it runs, and once it has been waited for: then the number may be another's.
        var process: pid_t?
        var isGivenUp = false
    }

    init(_ command: Command) { self.command = command }

    func ending() async -> Ending {
        await withTaskCancellationHandler {
            await withCheckedContinuation { start($0) }
        } onCancel: {
            state.withLock { state in
                state.isGivenUp = true
                if let process = state.process { kill(-process, SIGKILL) }
            }
        }
    }

    // MARK: Its thread

    private final class Start: Sendable {
        let child: ChildProcess
        let continuation: CheckedContinuation<Ending, Never>

        init(_ child: ChildProcess, _ continuation: CheckedContinuation<Ending, Never>) {
            self.child = child
            self.continuation = continuation
        }
    }

    private func start(_ continuation: CheckedContinuation<Ending, Never>) {
        let start = Unmanaged.passRetained(Start(self, continuation))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { start in
                if let start {
                    let start = Unmanaged<Start>.fromOpaque(start).takeRetainedValue()
                    start.continuation.resume(returning: start.child.run())
                }
                return nil
            }, start.toOpaque())
        guard code == 0 else {
            start.release()
            continuation.resume(returning: .notStarted(code))
            return
        }
        pthread_detach(thread)
    }

    private func run() -> Ending {
        // Signals are for other threads; SIGPIPE, where the program does not read, is for none.
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
        guard let pipes = ChildPipes() else { return .notStarted(errno) }
        defer { pipes.close() }
        let code: Int32? = state.withLock { state in
            if state.isGivenUp { return nil }
            var process = pid_t()
            let code = pipes.spawn(command, &process)
            if code == 0 { state.process = process }
            return code
        }
        guard let code else { return .cancelled }
        guard code == 0, let process = state.withLock({ $0.process }) else {
            return code == ENOENT ? .absent : .notStarted(code)
        }
        limit(process)
        pipes.closeChildEnds()
        var exchange = ChildExchange(pipes, command)
        let excess = exchange.run() ?? awaitExit(of: process)
        // Whatever it has started goes with it, and a number is not given away before this wait.
        kill(-process, SIGKILL)
        let status = reap(process)
        if state.withLock({ $0.isGivenUp }) { return .cancelled }
        if let excess { return excess }
        let signal = status & 0x7f
        guard signal == 0 else { return .signalled(signal) }
        return .exited(
            status: status >> 8 & 0xff, output: exchange.output, complaint: exchange.complaint)
    }

    /// Has the kernel end it some time after we would, should we not be there any more.
    private func limit(_ process: pid_t) {
        let left = max(.zero, ContinuousClock.now.duration(to: command.deadline))
        _ = isthmus_limit_process(
            process, UInt(left.components.seconds + 2), UInt(command.maximumMemoryBytes))
    }

    /// Waits until it ends, having closed its outputs; nil where it did so in time.
    private func awaitExit(of process: pid_t) -> Ending? {
        var pause: Int32 = 1
        while true {
            var information = siginfo_t()
            let code = waitid(
                P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT)
            if code != 0 || information.si_signo != 0 { return nil }
            if ContinuousClock.now > command.deadline { return .timeout }
            poll(nil, 0, pause)
            pause = min(20, pause * 2)
        }
    }

    /// Its status, as `waitpid` gives it.
    private func reap(_ process: pid_t) -> Int32 {
        // Ended already, or killed: this takes no time. The number is free afterwards.
        var information = siginfo_t()
        while waitid(P_PID, id_t(process), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        return state.withLock { state in
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0, errno == EINTR {}
            state.process = nil
            return status
        }
    }
}
