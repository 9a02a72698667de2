import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A client that writes bytes to a socket as a test gives them, and reads answers one by one.
final class WireClient: Sendable {
    private let descriptor: Int32
    private let unread = Mutex<[UInt8]>([])
    /// Sockets that block have a thread of their own.
    private let queue = DispatchQueue(label: "wire client")

    struct Failure: Error {
        var reason: String

        init(_ reason: String) { self.reason = reason }
    }

    init(port: Int, receiveBytes: Int32? = nil) throws {
        #if canImport(Glibc)
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { throw Failure("no socket") }
        var limit = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        if var receiveBytes {
            setsockopt(
                descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBytes,
                socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let descriptor = descriptor
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Failure("no connection: \(errno)") }
    }

    deinit { close(descriptor) }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async throws {
        try await blocking { [descriptor] in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes {
                    Self.sent(descriptor, $0.baseAddress, $0.count)
                }
                guard count > 0 else { throw Failure("the server is gone") }
                rest = rest.dropFirst(count)
            }
        }
    }

    private static func sent(
        _ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int
    ) -> Int {
        #if canImport(Glibc)
            Glibc.send(descriptor, bytes, count, Int32(MSG_NOSIGNAL))
        #else
            Darwin.send(descriptor, bytes, count, 0)
        #endif
    }

    /// Ends what the client says; it still listens.
    func closeOutput() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Leaves without a word.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &linger,
            socklen_t(MemoryLayout<linger>.size))
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// The next answer on the connection.
    func answer(toHead isHead: Bool = false) async throws -> WireAnswer {
        try await blocking { [self] in
            let head = try readHead()
            var answer = try WireAnswer(head: head)
            if isHead || answer.status == 204 || answer.status < 200 { return answer }
            if answer["transfer-encoding"] == "chunked" {
                answer.chunks = try readChunks()
                answer.body = answer.chunks.flatMap(\.self)
            } else if let length = answer["content-length"].flatMap({ Int($0) }) {
                answer.body = try read(length)
            } else {
                throw Failure("an answer without a length")
            }
            return answer
        }
    }

    /// Whether the server has closed the connection; waits for its next bytes.
    func isClosedByServer() async throws -> Bool {
        try await blocking { [self] in
            if unread.withLock({ !$0.isEmpty }) { return false }
            return try !receive()
        }
    }

    // MARK: Reading

    private func readHead() throws -> [UInt8] {
        try readLines(until: Array("\r\n\r\n".utf8))
    }

    private func readLines(until mark: [UInt8]) throws -> [UInt8] {
        var searched = 0
        while true {
            let found: [UInt8]? = unread.withLock { unread in
                guard unread.count >= mark.count else { return nil }
                for start in searched...(unread.count - mark.count)
                where unread[start..<start + mark.count].elementsEqual(mark) {
                    let line = Array(unread[..<start])
                    unread.removeFirst(start + mark.count)
                    return line
                }
                searched = max(0, unread.count - mark.count)
                return nil
            }
            if let found { return found }
            guard try receive() else { throw Failure("the server has closed the connection") }
        }
    }

    private func readChunks() throws -> [[UInt8]] {
        var chunks: [[UInt8]] = []
        while true {
            let line = String(decoding: try readLines(until: Array("\r\n".utf8)), as: UTF8.self)
            guard let size = Int(line, radix: 16) else { throw Failure("no size: \(line)") }
            let chunk = try read(size)
            _ = try read(2)
            if size == 0 { return chunks }
            chunks.append(chunk)
        }
    }

    private func read(_ count: Int) throws -> [UInt8] {
        while unread.withLock({ $0.count }) < count {
            guard try receive() else { throw Failure("the body is cut off") }
        }
        return unread.withLock { unread in
            let bytes = Array(unread.prefix(count))
            unread.removeFirst(count)
            return bytes
        }
    }

    /// Reads some bytes; false at the end.
    private func receive() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count < 0 { throw Failure("no bytes: \(errno)") }
        unread.withLock { $0.append(contentsOf: buffer[..<count]) }
        return count > 0
    }

    private func blocking<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try work() }) }
        }
    }
}

/// An answer as it came.
struct WireAnswer: Sendable {
    var status: Int
    var reason: String
    /// Names in small letters.
    var headers: [Header] = []
    /// Without the marks of its chunks.
    var body: [UInt8] = []
    var chunks: [[UInt8]] = []

    struct Header: Hashable, Sendable {
        var name: String
        var value: String
    }

    init(head: [UInt8]) throws {
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ", maxSplits: 2)
        guard words.count > 1, let status = Int(words[1]) else {
            throw WireClient.Failure("no status line")
        }
        self.status = status
        reason = words.count > 2 ? String(words[2]) : ""
        for line in lines.dropFirst() {
            let parts = line.split(
                separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? parts[1].drop { $0 == " " } : ""
            headers.append(Header(name: parts[0].lowercased(), value: String(value)))
        }
    }

    /// The values of a header, joined.
    subscript(_ name: String) -> String? {
        let values = headers.filter { $0.name == name }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    var text: String { String(decoding: body, as: UTF8.self) }
}
