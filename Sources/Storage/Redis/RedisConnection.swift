import CHiredis
import Glibc

/// One connection to the server, what was asked over it, and what has come so far. It never blocks.
///
/// Replies come in the order of the commands. A connection on which anything goes wrong, or on which
/// an answer is late, is closed: no answer is ever taken for another's.
final class RedisConnection {
    let number: Int
    private(set) var phase = Phase.resolving
    private let settings: RedisSettings
    private let breaker: Breaker
    private let openingEnd: ContinuousClock.Instant
    /// What to connect to if the address before does not answer.
    private var candidates: ArraySlice<RedisAddress.Place> = []
    private var context: UnsafeMutablePointer<redisContext>?
    private var asked: [Question] = []
    private var hasUnsentBytes = false
    /// What has come of a reply that is not whole.
    private var undigestedBytes = 0

    enum Phase {
        /// The server's name has no addresses yet.
        case resolving
        case connecting
        /// The server is told who we are and which database we want.
        case greeting
        case ready
    }

    private struct Question {
        var shapes: [RedisReply.Shape]
        var replies: [RedisReply] = []
        var deadline: ContinuousClock.Instant
        /// Nil for the greeting.
        var complete: (@Sendable (RedisOutcome) -> Void)?
    }

    init(number: Int, settings: RedisSettings, breaker: Breaker) {
        self.number = number
        self.settings = settings
        self.breaker = breaker
        openingEnd = .now + settings.connectTimeout
    }

    /// Whether nobody waits for it.
    var isIdle: Bool { phase == .ready && asked.isEmpty }

    var askedCount: Int { asked.count }

    /// When the first of those who wait has waited too long.
    var deadline: ContinuousClock.Instant? {
        phase == .ready ? asked.lazy.map(\.deadline).min() : openingEnd
    }

    // MARK: Opening

    /// Connects to the first of the places that takes connections.
    func open(_ places: [RedisAddress.Place]) throws(StorageFailure) {
        candidates = places[...]
        try connectNext(after: StorageFailure(.unreachable, message: "the name has no address"))
    }

    private func connectNext(after failure: StorageFailure) throws(StorageFailure) {
        var failure = failure
        while let place = candidates.popFirst() {
            do throws(StorageFailure) {
                try connect(to: place)
                return
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private func connect(to place: RedisAddress.Place) throws(StorageFailure) {
        release()
        phase = .connecting
        let made: UnsafeMutablePointer<redisContext>? =
            switch place {
            case .host(let address, let port): redisConnectNonBlock(address, Int32(port))
            case .socket(let path): redisConnectUnixNonBlock(path)
            }
        guard let made else { throw StorageFailure(.unreachable, message: "out of memory") }
        guard made.pointee.err == 0 else {
            defer { redisFree(made) }
            throw StorageFailure(.unreachable, message: Self.message(of: made))
        }
        context = made
        _ = fcntl(made.pointee.fd, F_SETFD, FD_CLOEXEC)
        isthmus_redis_limit_arrays(made)
        made.pointee.reader.pointee.maxbuf = Self.keptBufferBytes
        if case .host = place { redisEnableKeepAlive(made) }
    }

    /// How much of its buffer hiredis keeps from reply to reply.
    private static let keptBufferBytes = 1 << 20

    private func greet() throws(StorageFailure) {
        phase = .greeting
        var commands: [RedisCommand] = []
        if let password = try password() {
            let words = ["AUTH"] + (settings.address.user.map { [$0] } ?? []) + [password]
            commands.append(RedisCommand(words, shape: .status))
        }
        if settings.address.database != 0 {
            commands.append(
                RedisCommand(["SELECT", "\(settings.address.database)"], shape: .status))
        }
        commands.append(RedisCommand(["CLIENT", "SETNAME", "isthmus"], shape: .status))
        try send(commands, until: openingEnd, complete: nil)
    }

    private func password() throws(StorageFailure) -> String? {
        switch settings.address.password {
        case nil: nil
        case .text(let text): text
        case .file(let path): try PasswordFile.password(in: path)
        }
    }

    private func finishGreeting(_ replies: [RedisReply]) throws(StorageFailure) {
        for (index, reply) in replies.enumerated() {
            guard case .refusal(let refusal, let text) = reply else { continue }
            let isAboutUser = refusal == .noAuthentication || refusal == .wrongPassword
            if isAboutUser || index == 0 && settings.address.password != nil {
                throw StorageFailure(.authentication, message: text)
            }
            // A name is a courtesy that a server's rules may forbid.
            if refusal == .noPermission, index == replies.count - 1 { continue }
            throw StorageFailure(.refused(refusal), message: text)
        }
        phase = .ready
    }

    // MARK: Sending

    func send(_ request: RedisRequest) throws(StorageFailure) {
        let end = ContinuousClock.now + request.patience
        try send(
            request.commands, until: request.deadline.map { min($0, end) } ?? end,
            complete: request.complete)
    }

    private func send(
        _ commands: [RedisCommand], until deadline: ContinuousClock.Instant,
        complete: (@Sendable (RedisOutcome) -> Void)?
    ) throws(StorageFailure) {
        asked.append(
            Question(shapes: commands.map(\.shape), deadline: deadline, complete: complete))
        guard let context else { throw StorageFailure(.connectionLost) }
        for command in commands {
            let code = isthmus_redis_append(
                context, command.bytes, command.lengths, Int32(command.lengths.count))
            guard code == REDIS_OK else { throw lost() }
        }
        try flush()
    }

    private func flush() throws(StorageFailure) {
        guard let context else { return }
        var isDone: Int32 = 0
        guard redisBufferWrite(context, &isDone) == REDIS_OK else { throw lost() }
        hasUnsentBytes = isDone == 0
    }

    // MARK: What the system tells

    /// What to wait for; nil while there is no socket.
    var waiting: pollfd? {
        guard let context else { return nil }
        let writes = phase == .connecting || hasUnsentBytes
        let events = POLLIN | (writes ? POLLOUT : 0)
        return pollfd(fd: context.pointee.fd, events: Int16(events), revents: 0)
    }

    /// Does what can be done. Throws where the connection is of no more use.
    func handle(
        _ events: Int16, _ buffer: UnsafeMutableRawBufferPointer
    ) throws(StorageFailure) {
        if phase == .connecting {
            if let problem = connectionProblem() {
                try connectNext(after: problem)
            } else {
                try greet()
            }
            return
        }
        if Int32(events) & POLLOUT != 0 { try flush() }
        if Int32(events) & ~POLLOUT != 0 { try receive(buffer) }
    }

    private func connectionProblem() -> StorageFailure? {
        guard let context else { return StorageFailure(.unreachable) }
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(context.pointee.fd, SOL_SOCKET, SO_ERROR, &code, &size)
        guard code != 0 else { return nil }
        return StorageFailure(.unreachable, message: String(cString: strerror(code)))
    }

    private func receive(_ buffer: UnsafeMutableRawBufferPointer) throws(StorageFailure) {
        guard let context else { return }
        while true {
            let count = recv(context.pointee.fd, buffer.baseAddress, buffer.count, 0)
            if count < 0 {
                if errno == EINTR { continue }
                if errno == EAGAIN || errno == EWOULDBLOCK { return }
                throw StorageFailure(.connectionLost, message: String(cString: strerror(errno)))
            }
            guard count > 0 else { throw StorageFailure(.connectionLost) }
            undigestedBytes += count
            guard redisReaderFeed(context.pointee.reader, buffer.baseAddress, count) == REDIS_OK
            else { throw StorageFailure(.malformedReply, message: "out of memory") }
            try takeReplies(context)
            guard undigestedBytes <= settings.maximumReplyBytes else {
                throw StorageFailure(.malformedReply, message: "the reply is too large")
            }
            // Less than there is room for: all that there was.
            if count < buffer.count { return }
        }
    }

    private func takeReplies(
        _ context: UnsafeMutablePointer<redisContext>
    ) throws(StorageFailure) {
        while true {
            var object: UnsafeMutableRawPointer?
            guard redisReaderGetReply(context.pointee.reader, &object) == REDIS_OK else {
                // hiredis's words may hold what has come.
                throw StorageFailure(.malformedReply)
            }
            guard let object else { return }
            defer { freeReplyObject(object) }
            undigestedBytes = 0
            let reply = RedisReply(object.assumingMemoryBound(to: redisReply.self))
            guard let reply, !asked.isEmpty,
                reply.has(asked[0].shapes[asked[0].replies.count])
            else { throw StorageFailure(.malformedReply) }
            asked[0].replies.append(reply)
            if asked[0].replies.count == asked[0].shapes.count { try completeFirst() }
        }
    }

    private func completeFirst() throws(StorageFailure) {
        let question = asked.removeFirst()
        guard let complete = question.complete else {
            try finishGreeting(question.replies)
            return
        }
        breaker.succeeded()
        complete(RedisOutcome(replies: question.replies))
    }

    // MARK: The end

    /// Fails those who wait, each with the replies that came, and closes the connection.
    func end(_ failure: StorageFailure) {
        release()
        let left = asked
        asked = []
        for question in left {
            question.complete?(RedisOutcome(replies: question.replies, failure: failure))
        }
    }

    private func release() {
        if let context { redisFree(context) }
        context = nil
    }

    private func lost() -> StorageFailure {
        StorageFailure(.connectionLost, message: context.map(Self.message) ?? "")
    }

    private static func message(of context: UnsafeMutablePointer<redisContext>) -> String {
        withUnsafeBytes(of: &context.pointee.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
