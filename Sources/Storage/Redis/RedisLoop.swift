import CHiredis
import Glibc
import Synchronization

/// The thread of all connections as others see it: an inbox, and a bell that wakes the thread.
final class RedisLoop: Sendable {
    let settings: RedisSettings
    private let inbox: Mutex<Inbox>
    /// An eventfd, closed by the thread at its end, under the inbox's lock.
    let bell: Int32

    enum Command: Sendable {
        case ask([RedisRequest])
        /// The addresses of the server's name, for the connection of that number.
        case resolved(Int, Result<[String], StorageFailure>)
    }

    private struct Inbox {
        var commands: [Command] = []
        var isOpen = true
        var thread: pthread_t?
        var hasEnded = false
        /// Threads that ask for the addresses of a name.
        var resolvers = 0
        var waitingForEnd: [CheckedContinuation<Void, Never>] = []
    }

    /// Starts the thread, which runs until `requestStop`.
    init(_ settings: RedisSettings, breakers: [RedisRequest.Lane: Breaker]) {
        self.settings = settings
        inbox = Mutex(Inbox())
        bell = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        precondition(bell >= 0, "the system gives no eventfd: error \(errno)")
        let thread = Self.startThread { [self] in run(breakers) }
        inbox.withLock { $0.thread = thread }
    }

    func post(_ command: Command) {
        let isTaken = inbox.withLock { inbox in
            guard inbox.isOpen else { return false }
            inbox.commands.append(command)
            // The thread takes all commands at once: one ring is enough.
            if inbox.commands.count == 1 { ring() }
            return true
        }
        if !isTaken { Self.refuse(command) }
    }

    private static func refuse(_ command: Command) {
        guard case .ask(let requests) = command else { return }
        for request in requests {
            request.complete(RedisOutcome(failure: StorageFailure(.stopped)))
        }
    }

    /// Only under the inbox's lock, and while it is open.
    private func ring() {
        var one: UInt64 = 1
        _ = write(bell, &one, MemoryLayout<UInt64>.size)
    }

    /// Takes no further requests; the thread fails what is under way, and ends.
    func requestStop() {
        inbox.withLock { inbox in
            guard inbox.isOpen else { return }
            inbox.isOpen = false
            ring()
        }
    }

    /// Waits for the end of all threads after `requestStop`.
    func ended() async {
        await withCheckedContinuation { continuation in
            let hasEnded = inbox.withLock { inbox in
                let hasEnded = inbox.hasEnded && inbox.resolvers == 0
                if !hasEnded { inbox.waitingForEnd.append(continuation) }
                return hasEnded
            }
            if hasEnded { continuation.resume() }
        }
        // The thread is in its last instructions: this does not block for long.
        if let thread = takeThread() { pthread_join(thread, nil) }
    }

    /// Lets the thread end by itself, where nobody waits for it.
    func detach() {
        if let thread = takeThread() { pthread_detach(thread) }
    }

    private func takeThread() -> pthread_t? {
        inbox.withLock { inbox in
            defer { inbox.thread = nil }
            return inbox.thread
        }
    }

    // MARK: The thread's side

    private func run(_ breakers: [RedisRequest.Lane: Breaker]) {
        let thread = RedisThread(self, breakers: breakers)
        while let commands = takeCommands() { thread.turn(commands) }
        let leftOver = inbox.withLock { inbox in
            close(bell)
            defer { inbox.commands = [] }
            return inbox.commands
        }
        for command in leftOver { Self.refuse(command) }
        thread.end()
        tellOfEnd { $0.hasEnded = true }
    }

    private func tellOfEnd(_ change: (inout Inbox) -> Void) {
        let waiting: [CheckedContinuation<Void, Never>] = inbox.withLock { inbox in
            change(&inbox)
            guard inbox.hasEnded, inbox.resolvers == 0 else { return [] }
            defer { inbox.waitingForEnd = [] }
            return inbox.waitingForEnd
        }
        for continuation in waiting { continuation.resume() }
    }

    /// What has been posted; nil once the thread is to end.
    private func takeCommands() -> [Command]? {
        inbox.withLock { inbox in
            guard inbox.isOpen else { return nil }
            defer { inbox.commands = [] }
            return inbox.commands
        }
    }

    /// Asks for the addresses of a name on a thread of its own, as that can take long, and posts
    /// them.
    func resolve(_ host: String, for connection: Int) {
        inbox.withLock { $0.resolvers += 1 }
        let thread = Self.startThread { [self] in
            post(.resolved(connection, NameResolution.addresses(of: host)))
            tellOfEnd { $0.resolvers -= 1 }
        }
        pthread_detach(thread)
    }

    // MARK: Threads

    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    private static func startThread(_ body: @escaping @Sendable () -> Void) -> pthread_t {
        var thread = pthread_t()
        let start = Unmanaged.passRetained(Work(body))
        let code = pthread_create(
            &thread, nil,
            { start in
                // Signals are for other threads; a broken connection's SIGPIPE is for none.
                var all = sigset_t()
                sigfillset(&all)
                pthread_sigmask(SIG_BLOCK, &all, nil)
                if let start { Unmanaged<Work>.fromOpaque(start).takeRetainedValue().body() }
                return nil
            }, start.toOpaque())
        precondition(code == 0, "the system gives no thread for Redis: error \(code)")
        return thread
    }
}
