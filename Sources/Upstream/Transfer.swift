import Clusters
import Synchronization

/// What libcurl's thread is to do: one request to one replica.
struct TransferOrder: Sendable {
    var address: ServiceAddress
    var service: Service
    /// The path and the query string, encoded.
    var target: String
    /// The body of a POST; nil for a GET.
    var body: UpstreamRequest.Body?
    /// They say which trace the request is part of.
    var traceHeaders: [Service.Header] = []
    var started: ContinuousClock.Instant
    var deadline: ContinuousClock.Instant
    var maximumBytes: Int
    /// Not nil where nothing is asked: the connection is made, and its certificates are looked at.
    var handshake: Handshake?

    /// What becomes of a certificate that is not to be trusted.
    enum Handshake: Sendable {
        /// The connection is refused, and the verdict known.
        case judging
        /// It is shown all the same, and nothing is known of trust.
        case showing
    }
}

/// One request under way, where libcurl's thread and the reader meet. The thread puts in the head,
/// the pieces of the body and the end; the reader takes them out and waits where there is nothing.
///
/// All of it happens under one lock, and whoever waits is woken after unlocking: each waiting
/// continuation is taken out of the state by the one who resumes it.
final class Transfer: Sendable {
    let order: TransferOrder
    private let loop: TransferLoop
    private let settings: UpstreamSettings
    private let state = Mutex(State())

    struct Head: Sendable {
        var status = 0
        var headers: [UpstreamResponse.Header] = []
    }

    fileprivate struct State {
        var head: Head?
        /// When the head was there.
        var headAt: ContinuousClock.Instant?
        /// Pieces that have not been read, none of them empty.
        var pieces: [[UInt8]] = []
        var unreadBytes = 0
        var receivedBytes = 0
        var isHeldBack = false
        var end: End?
        var certificates: ShownCertificates?
        /// OpenSSL's verdict of a chain that was refused.
        var verdict = 0
        var waiter: Waiter?
        /// What must not appear in messages.
        var secrets: [String] = []

        /// Whether the one who waits has nothing to wait for any more.
        var waiterIsServed: Bool {
            guard let waiter else { return false }
            return end != nil || (waiter.wantsHead ? head != nil : !pieces.isEmpty)
        }
    }

    fileprivate enum End {
        case complete
        case failed(UpstreamError)
    }

    fileprivate struct Waiter {
        var wantsHead: Bool
        var continuation: CheckedContinuation<Void, Never>
    }

    init(_ order: TransferOrder, loop: TransferLoop, settings: UpstreamSettings) {
        self.order = order
        self.loop = loop
        self.settings = settings
    }

    func error(
        _ kind: UpstreamError.Kind, phase: UpstreamError.Phase = .queued, message: String = ""
    ) -> UpstreamError {
        UpstreamError(
            kind: kind, replica: order.address.shown, phase: phase, message: redacted(message),
            receivedBytes: receivedBytes, elapsed: order.started.duration(to: .now))
    }

    // MARK: The reader's side

    /// The answer's status and headers, once they are there.
    func head() async throws(UpstreamError) -> Head {
        while true {
            try refuseCancelled()
            let (head, end) = state.withLock { ($0.head, $0.end) }
            if let head { return head }
            if case .failed(let error) = end { throw error }
            await wait(forHead: true)
        }
    }

    /// What the server shows of itself, once its handshake is over.
    func certificates() async throws(UpstreamError) -> ShownCertificates {
        while true {
            try refuseCancelled()
            let (shown, end) = state.withLock { ($0.certificates, $0.end) }
            if let shown { return shown }
            if case .failed(let error) = end { throw error }
            await wait(forHead: true)
        }
    }

    /// The next piece of the body; nil at its end. What came before a failure is given before it.
    func nextPiece() async throws(UpstreamError) -> [UInt8]? {
        while true {
            try refuseCancelled()
            let step = state.withLock { $0.nextStep(lowWater: settings.lowWaterBytes) }
            switch step {
            case .piece(let piece, let goesOn):
                if goesOn { loop.post(.goOn(self)) }
                return piece
            case .complete: return nil
            case .failed(let error): throw error
            case .wait: await wait(forHead: false)
            }
        }
    }

    /// Gives the request up, if it has not ended. Whoever waits for it is woken at once, libcurl
    /// lets go of it soon.
    func cancel() {
        guard !hasEnded else { return }
        finish(.failure(error(.cancelled)))
        loop.post(.letGo(self))
    }

    private func refuseCancelled() throws(UpstreamError) {
        guard Task.isCancelled else { return }
        cancel()
        throw error(.cancelled)
    }

    var unreadBytes: Int { state.withLock { $0.unreadBytes } }
    var receivedBytes: Int { state.withLock { $0.receivedBytes } }
    var isHeldBack: Bool { state.withLock { $0.isHeldBack } }

    /// The text without the secrets that the request was sent with.
    func redacted(_ text: String) -> String {
        let secrets = state.withLock { $0.secrets }
        return secrets.reduce(text) { $0.replacing($1, with: "<secret>") }
    }

    private func wait(forHead wantsHead: Bool) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isServed = state.withLock { state in
                    precondition(state.waiter == nil, "a body has one reader")
                    state.waiter = Waiter(wantsHead: wantsHead, continuation: continuation)
                    guard state.waiterIsServed else { return false }
                    state.waiter = nil
                    return true
                }
                if isServed { continuation.resume() }
            }
        } onCancel: {
            cancel()
        }
    }

    // MARK: The thread's side

    func setSecrets(_ secrets: [String]) {
        // Very short ones would make holes into messages and are nobody's secret.
        state.withLock { $0.secrets = secrets.filter { $0.utf8.count >= 4 } }
    }

    func begin(_ head: Head) {
        state.withLock { state in
            state.head = head
            state.headAt = .now
        }
    }

    /// How long the answer's head took; nil while there is none.
    var firstByteTime: Duration? {
        state.withLock { $0.headAt }.map { order.started.duration(to: $0) }
    }

    func refuse(_ verdict: Int) { state.withLock { $0.verdict = verdict } }

    /// Why the server's chain was refused, as OpenSSL says it; 0 where it was not.
    var verdict: Int { state.withLock { $0.verdict } }

    /// Before the end, which wakes the reader.
    func show(_ certificates: ShownCertificates) {
        state.withLock { $0.certificates = certificates }
    }

    enum Acceptance {
        case taken
        /// Not taken: the reader is so far behind that the sender must wait.
        case holdBack
        case tooLarge
        /// Nobody wants it any more.
        case over
    }

    func take(_ bytes: UnsafeRawBufferPointer) -> Acceptance {
        state.withLock { $0.take(bytes, settings, order.maximumBytes) }
    }

    /// Wakes the reader if there is something for it.
    func wakeReader() {
        let waiter: Waiter? = state.withLock { state in
            guard state.waiterIsServed else { return nil }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.continuation.resume()
    }

    var hasEnded: Bool { state.withLock { $0.end != nil } }

    /// The end, whichever comes first.
    func finish(_ result: Result<Void, UpstreamError>) {
        let waiter: Waiter? = state.withLock { state in
            guard state.end == nil else { return nil }
            switch result {
            case .success: state.end = .complete
            case .failure(let error):
                state.end = .failed(error)
                if error.kind == .cancelled {
                    state.pieces = []
                    state.unreadBytes = 0
                }
            }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.continuation.resume()
    }
}

extension Transfer.State {
    enum Step {
        /// `goesOn`: the sender, which was made to wait, may go on.
        case piece([UInt8], goesOn: Bool)
        case complete
        case failed(UpstreamError)
        case wait
    }

    mutating func nextStep(lowWater: Int) -> Step {
        if !pieces.isEmpty {
            let piece = pieces.removeFirst()
            unreadBytes -= piece.count
            let goesOn = isHeldBack && unreadBytes <= lowWater
            if goesOn { isHeldBack = false }
            return .piece(piece, goesOn: goesOn)
        }
        switch end {
        case nil: return .wait
        case .complete: return .complete
        case .failed(let error): return .failed(error)
        }
    }

    mutating func take(
        _ bytes: UnsafeRawBufferPointer, _ settings: UpstreamSettings, _ maximumBytes: Int
    ) -> Transfer.Acceptance {
        guard end == nil else { return .over }
        guard !bytes.isEmpty else { return .taken }
        if unreadBytes >= settings.highWaterBytes {
            isHeldBack = true
            return .holdBack
        }
        receivedBytes += bytes.count
        if receivedBytes > maximumBytes { return .tooLarge }
        unreadBytes += bytes.count
        let last = pieces.count - 1
        if last >= 0, pieces[last].count + bytes.count <= settings.pieceBytes {
            pieces[last].append(contentsOf: bytes)
        } else {
            pieces.append([UInt8](bytes))
        }
        return .taken
    }
}
