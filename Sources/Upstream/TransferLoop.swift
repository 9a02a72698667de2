import CCurl
import Glibc
import Synchronization

/// libcurl's thread as all others see it: an inbox, and a bell that wakes the thread.
final class TransferLoop: Sendable {
    let settings: UpstreamSettings
    private let inbox: Mutex<Inbox>

    enum Command: Sendable {
        case begin(Transfer)
        /// The reader has caught up.
        case goOn(Transfer)
        /// Nobody wants the answer any more.
        case letGo(Transfer)
        /// The answer is worth less time than its deadline.
        case hasten(Transfer, ContinuousClock.Instant)
    }

    private struct Inbox {
        var commands: [Command] = []
        var isOpen = true
        /// Nil before the thread runs and after its end.
        var bell: Bell?
        var thread: pthread_t?
        var hasEnded = false
        var waitingForEnd: [CheckedContinuation<Void, Never>] = []
    }

    /// libcurl's handle of all transfers, of which other threads may do one thing: wake its owner.
    struct Bell: Sendable {
        // libcurl allows `curl_multi_wakeup` from any thread while the handle lives, and the loop
        // takes the bell away, under the inbox's lock, before it ends the handle.
        nonisolated(unsafe) let multi: UnsafeMutableRawPointer

        func ring() { curl_multi_wakeup(multi) }
    }

    /// Starts the thread, which runs until `requestStop`.
    init(_ settings: UpstreamSettings) {
        self.settings = settings
        inbox = Mutex(Inbox())
        var thread = pthread_t()
        let start = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, nil,
            { start in
                if let start {
                    Unmanaged<TransferLoop>.fromOpaque(start).takeRetainedValue().run()
                }
                return nil
            }, start.toOpaque())
        precondition(code == 0, "the system gives no thread for libcurl: error \(code)")
        inbox.withLock { $0.thread = thread }
    }

    func post(_ command: Command) {
        let isTaken = inbox.withLock { inbox in
            guard inbox.isOpen else { return false }
            inbox.commands.append(command)
            // The thread takes all commands at once: one ring is enough.
            if inbox.commands.count == 1 { inbox.bell?.ring() }
            return true
        }
        if !isTaken, case .begin(let transfer) = command { refuse(transfer) }
    }

    private func refuse(_ transfer: Transfer) {
        transfer.finish(.failure(transfer.error(.stopped)))
    }

    /// Takes no further commands; the thread fails what is under way, and ends.
    func requestStop() {
        inbox.withLock { inbox in
            inbox.isOpen = false
            inbox.bell?.ring()
        }
    }

    /// Waits for the thread's end after `requestStop`.
    func ended() async {
        await withCheckedContinuation { continuation in
            let hasEnded = inbox.withLock { inbox in
                if !inbox.hasEnded { inbox.waitingForEnd.append(continuation) }
                return inbox.hasEnded
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

    private func run() {
        // Signals are for other threads; a broken connection's SIGPIPE is for none.
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
        let thread = TransferThread(self)
        let bell = thread.bell
        inbox.withLock { $0.bell = bell }
        while let commands = takeCommands() { thread.turn(commands) }
        let leftOver = inbox.withLock { inbox in
            inbox.bell = nil
            defer { inbox.commands = [] }
            return inbox.commands
        }
        for case .begin(let transfer) in leftOver { refuse(transfer) }
        thread.end()
        let waiting = inbox.withLock { inbox in
            inbox.hasEnded = true
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
}
