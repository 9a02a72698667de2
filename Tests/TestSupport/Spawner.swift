import CSpawn
import Foundation
import Glibc
import Synchronization

/// What is to be started, and where its output goes.
struct SpawnCommand: Sendable {
    /// The name and the arguments.
    var words: [String]
    var environment: [String]
    var outputPath: String
    /// Nil where errors go where the output goes.
    var errorsPath: String?
    /// One end of a connection with the program, which has it under each of these numbers.
    var connection: (socket: Int32, numbers: [Int32])?
}

/// Starts programs, all on one thread that lives as long as the process: a child's parent-death
/// signal is about the thread that made it, and threads of the pools come and go.
final class Spawner: Sendable {
    static let shared = Spawner()

    private let jobs = Mutex<[Job]>([])
    private let jobsWaiting = DispatchSemaphore(value: 0)

    private final class Job: Sendable {
        let command: SpawnCommand
        let result = Mutex<Result<pid_t, ProcessFailure>?>(nil)
        let done = DispatchSemaphore(value: 0)

        init(_ command: SpawnCommand) { self.command = command }
    }

    private init() {
        let thread = Thread { [self] in
            while true {
                jobsWaiting.wait()
                guard let job = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else {
                    continue
                }
                let result = Self.spawned(job.command)
                job.result.withLock { $0 = result }
                job.done.signal()
            }
        }
        thread.name = "spawner"
        thread.start()
    }

    /// The identifier of the new process.
    func spawn(_ command: SpawnCommand) -> Result<pid_t, ProcessFailure> {
        let job = Job(command)
        jobs.withLock { $0.append(job) }
        jobsWaiting.signal()
        job.done.wait()
        return job.result.withLock { $0 } ?? .failure(ProcessFailure("not started"))
    }

    private static func spawned(_ command: SpawnCommand) -> Result<pid_t, ProcessFailure> {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, command.outputPath, flags, 0o600)
        if let errorsPath = command.errorsPath {
            posix_spawn_file_actions_addopen(&actions, 2, errorsPath, flags, 0o600)
        } else {
            posix_spawn_file_actions_adddup2(&actions, 1, 2)
        }
        if let (socket, numbers) = command.connection {
            for number in numbers { posix_spawn_file_actions_adddup2(&actions, socket, number) }
        }
        // Not all libraries mark their sockets as not for children (libcurl does not): a program
        // that has one, too, keeps the connection open when a test waits for its end.
        let highest = command.connection?.numbers.max() ?? 2
        isthmus_close_files_from(&actions, highest + 1)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A thread's blocked signals would stay blocked in the program, SIGTERM among them.
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        var words = command.words.map { strdup($0) } + [nil]
        var environment = command.environment.map { strdup($0) } + [nil]
        defer { for text in words + environment { free(text) } }
        var identifier: pid_t = 0
        let name = command.words.first ?? ""
        let problem = posix_spawnp(
            &identifier, name, &actions, &attributes, &words, &environment)
        guard problem == 0 else {
            return .failure(ProcessFailure("\(name) cannot be started: error \(problem)"))
        }
        return .success(identifier)
    }
}

/// The programs that run, so that none is left when the test runner ends.
final class ChildRegistry: Sendable {
    static let shared = ChildRegistry()

    private let running = Mutex<Set<pid_t>>([])

    private init() {
        atexit { ChildRegistry.shared.endAll() }
    }

    func add(_ identifier: pid_t) { running.withLock { _ = $0.insert(identifier) } }

    func remove(_ identifier: pid_t) { running.withLock { _ = $0.remove(identifier) } }

    private func endAll() {
        // Each is reaped by its own thread, which takes it off the list: until then it is ours.
        for _ in 0..<500 {
            let left = running.withLock { running in
                for identifier in running { _ = kill(-identifier, SIGKILL) }
                return !running.isEmpty
            }
            guard left else { break }
            usleep(10_000)
        }
        TemporaryDirectory.removeAll()
    }
}
