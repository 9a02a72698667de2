import CCurl
import Clusters
import Glibc

/// A transfer as libcurl's thread has it: what libcurl writes to while it works.
final class Job {
    let transfer: Transfer
    private unowned let thread: TransferThread
    let settings: UpstreamSettings
    var deadline: ContinuousClock.Instant
    /// How long connecting may take.
    var connectTimeout: Duration
    /// When the first byte has to be there.
    private let firstByteLimit: ContinuousClock.Instant
    /// Since when the answer's progress is measured, and how much of it there was then.
    private var progress: (start: ContinuousClock.Instant, bytes: Int)?
    /// Nil while the job waits for its turn.
    var handle: UnsafeMutableRawPointer?
    var isOver = false
    /// Whether it counts among the host's requests that are under way.
    var holdsPlace = false
    let origin: String
    /// Since when something has come of which the reader has not been told.
    var newsSince: ContinuousClock.Instant?

    /// The socket that was made last for the job; none where a connection serves again.
    var socket: Int32?

    /// Headers and addresses that libcurl reads while it works.
    var lists: [UnsafeMutablePointer<curl_slist>] = []
    /// Where libcurl writes what went wrong.
    let message = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    private var head = Transfer.Head()
    private var headBytes = 0
    private var hasBegun = false
    /// Why the answer is refused that libcurl is receiving.
    private var refusal: UpstreamError.Kind?

    init(_ transfer: Transfer, thread: TransferThread, settings: UpstreamSettings) {
        self.transfer = transfer
        self.thread = thread
        self.settings = settings
        deadline = transfer.order.deadline
        connectTimeout = settings.connectTimeout
        firstByteLimit =
            settings.firstByteTimeout.map {
                min(transfer.order.deadline, transfer.order.started + $0)
            } ?? transfer.order.deadline
        origin = transfer.order.address.origin
        message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit { message.deallocate() }

    /// Frees what libcurl does not read any more.
    func release() {
        handle = nil
        for list in lists { curl_slist_free_all(list) }
        lists = []
    }

    // MARK: What comes

    /// Takes a line of the answer's head. Returns whether to go on.
    func takeLine(_ line: UnsafeRawBufferPointer) -> Bool {
        // After the head come trailers, which nobody needs.
        guard !hasBegun else { return true }
        headBytes += line.count
        guard headBytes <= settings.maximumHeadBytes else {
            refusal = .malformed
            return false
        }
        var text = line[...]
        while let last = text.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") {
            text = text.dropLast()
        }
        if text.starts(with: "HTTP/".utf8) {
            let status = text.split(separator: UInt8(ascii: " "), maxSplits: 2).dropFirst().first
            head = Transfer.Head(
                status: status.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0)
        } else if text.isEmpty {
            return headIsComplete()
        } else if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
            let name = String(decoding: text[..<colon], as: UTF8.self).lowercased()
            let value = String(decoding: text[text.index(after: colon)...], as: UTF8.self)
            head.headers.append(
                .init(name: name, value: String(value.drop { $0 == " " || $0 == "\t" })))
        }
        return true
    }

    private func headIsComplete() -> Bool {
        // What comes before the answer proper: `100 Continue` and the like.
        guard head.status >= 200 else { return true }
        let length = head.headers.first { $0.name == "content-length" }.flatMap { Int($0.value) }
        if let length, length > transfer.order.maximumBytes {
            refusal = .tooLarge(limit: transfer.order.maximumBytes)
            return false
        }
        hasBegun = true
        transfer.begin(head)
        measureProgress(from: .now)
        noteNews()
        return true
    }

    /// Takes a part of the body. Returns what libcurl is to be told.
    func takeBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        switch transfer.take(bytes) {
        case .taken:
            noteNews()
            return bytes.count
        case .holdBack: return Int(CURL_WRITEFUNC_PAUSE)
        case .tooLarge: refusal = .tooLarge(limit: transfer.order.maximumBytes)
        case .over: refusal = .cancelled
        }
        return 0
    }

    private func noteNews() {
        guard newsSince == nil else { return }
        newsSince = .now
        thread.hasNews(self)
    }

    /// Whether the reader should be told now rather than of more a little later.
    func newsIsRipe(_ now: ContinuousClock.Instant) -> Bool {
        guard let newsSince else { return true }
        return newsSince.duration(to: now) >= settings.gatheringTime
            || transfer.unreadBytes >= settings.pieceBytes
    }

    // MARK: Time

    /// When something must have happened.
    var limit: ContinuousClock.Instant {
        guard hasBegun else { return min(deadline, firstByteLimit) }
        guard let progress else { return deadline }
        return min(deadline, progress.start + settings.progressTimeout)
    }

    /// Why the job is over at this time; nil where it goes on.
    func overdue(_ now: ContinuousClock.Instant) -> UpstreamError? {
        guard limit <= now else { return nil }
        guard deadline > now, hasBegun, let progress else {
            return transfer.error(.timeout, phase: phase)
        }
        let bytes = transfer.receivedBytes - progress.bytes
        // Who is made to wait by a slow reader cannot go on.
        if bytes >= settings.progressBytes || transfer.unreadBytes > 0 || transfer.isHeldBack {
            measureProgress(from: now)
            return nil
        }
        return transfer.error(
            .stalled(bytes: bytes, in: progress.start.duration(to: now)), phase: phase)
    }

    private func measureProgress(from now: ContinuousClock.Instant) {
        progress = (now, transfer.receivedBytes)
        thread.note(limit)
    }

    /// How long connecting took, where a connection was made for the job.
    var connectTime: Duration? {
        guard let handle, transfer.order.service.proxyURL == nil,
            isthmus_curl_long(handle, CURLINFO_NUM_CONNECTS) > 0
        else { return nil }
        let end = isthmus_curl_offset(
            handle,
            transfer.order.address.isSecure
                ? CURLINFO_APPCONNECT_TIME_T : CURLINFO_CONNECT_TIME_T)
        let microseconds = end - isthmus_curl_offset(handle, CURLINFO_NAMELOOKUP_TIME_T)
        return end > 0 && microseconds >= 0 ? .microseconds(microseconds) : nil
    }

    // MARK: What went wrong

    /// How far libcurl has come.
    var phase: UpstreamError.Phase {
        if hasBegun { return .receiving }
        guard let handle else { return .queued }
        func isPast(_ fact: CURLINFO) -> Bool { isthmus_curl_offset(handle, fact) > 0 }
        if isPast(CURLINFO_PRETRANSFER_TIME_T) { return .waiting }
        if transfer.order.address.isSecure, socketIsConnected { return .handshake }
        return isPast(CURLINFO_NAMELOOKUP_TIME_T) ? .connecting : .resolving
    }

    private var socketIsConnected: Bool {
        // After a failure libcurl has closed the socket, and knows where it was connected to.
        if let handle, isthmus_curl_long(handle, CURLINFO_LOCAL_PORT) > 0 { return true }
        guard let socket else { return false }
        var address = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getpeername(socket, $0, &size) == 0
            }
        }
    }

    /// What libcurl's outcome means.
    func result(_ code: CURLcode) -> Result<Void, UpstreamError> {
        if code == CURLE_OK, hasBegun { return .success(()) }
        if transfer.order.handshake != nil, let handle {
            if code == CURLE_OK {
                transfer.show(ShownCertificates(handle, transfer.order))
                return .success(())
            }
            transfer.refuse(isthmus_curl_long(handle, CURLINFO_SSL_VERIFYRESULT))
        }
        let phase = phase
        if let refusal { return .failure(transfer.error(refusal, phase: phase)) }
        let said = String(cString: message)
        let text = said.isEmpty ? String(cString: curl_easy_strerror(code)) : said
        let kind = FailureTable.kind(
            code, message: text, phase: phase, usesProxy: transfer.order.service.proxyURL != nil,
            proxyStatus: handle.map { isthmus_curl_long($0, CURLINFO_HTTP_CONNECTCODE) } ?? 0)
        return .failure(transfer.error(kind, phase: phase, message: text))
    }
}

// MARK: Called by libcurl

/// Passes a line of the head to the job that the pointer stands for.
let receiveLine: isthmus_curl_receiver = { bytes, one, count, pointer in
    guard let bytes, let pointer else { return 0 }
    let line = UnsafeRawBufferPointer(start: bytes, count: one * count)
    let goesOn = Unmanaged<Job>.fromOpaque(pointer).takeUnretainedValue().takeLine(line)
    return goesOn ? line.count : 0
}

/// Passes a part of the body to the job that the pointer stands for.
let receiveBody: isthmus_curl_receiver = { bytes, one, count, pointer in
    guard let bytes, let pointer else { return 0 }
    return Unmanaged<Job>.fromOpaque(pointer).takeUnretainedValue()
        .takeBody(UnsafeRawBufferPointer(start: bytes, count: one * count))
}

/// Tells the job that the pointer stands for of a new socket.
let observeSocket: curl_sockopt_callback = { pointer, socket, _ in
    if let pointer { Unmanaged<Job>.fromOpaque(pointer).takeUnretainedValue().socket = socket }
    return Int32(CURL_SOCKOPT_OK)
}
