import Foundation
import Glibc
import Synchronization

/// Sockets on 127.0.0.1 and calls that block, kept away from the concurrency pool.
package enum Loopback {
    private static let next = Mutex<UInt16>(UInt16(truncatingIfNeeded: getpid() &* 37))

    /// A port that nobody listens on. They lie outside of the range of which the kernel takes ports
    /// for outgoing connections, so that none is taken before its server starts.
    package static func freePort() throws -> Int {
        for _ in 0..<10_000 {
            let port = next.withLock { counter in
                counter &+= 1
                return ports.lowerBound + Int(counter) % ports.count
            }
            if let socket = try? listeningSocket(port: port) {
                close(socket)
                return port
            }
        }
        throw ProcessFailure("no free port in \(ports)")
    }

    /// Below or above the kernel's range, where there is room; where it takes almost all ports, the
    /// usual ones.
    private static let ports: Range<Int> = {
        let usual = 20_000..<32_000
        let file = "/proc/sys/net/ipv4/ip_local_port_range"
        let bounds = ((try? String(contentsOfFile: file, encoding: .utf8)) ?? "")
            .split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        guard bounds.count == 2, bounds[0] < usual.upperBound else { return usual }
        let below = max(5000, bounds[0] - 12_000)..<max(5000, bounds[0])
        let above = min(65_000, bounds[1] + 1)..<65_000
        let wider = below.count > above.count ? below : above
        return wider.count >= 2000 ? wider : usual
    }()

    /// A socket that listens on a port of 127.0.0.1; on any free one for 0.
    package static func listeningSocket(port: Int) throws -> Int32 {
        let socket = try newSocket()
        var yes: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let bound = withAddress(port: port) { bind(socket, $0, $1) }
        guard bound == 0, listen(socket, 128) == 0 else {
            close(socket)
            throw ProcessFailure("port \(port) is taken: error \(errno)")
        }
        return socket
    }

    /// The port of a listening socket.
    package static func port(of socket: Int32) -> Int {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = getsockname(socket, $0, &size)
            }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// A connection to a port of 127.0.0.1 on which reading and writing give up after `timeout`.
    package static func connectedSocket(port: Int, timeout: Int = 120) throws -> Int32 {
        let socket = try newSocket()
        var limit = timeval(tv_sec: timeout, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        guard withAddress(port: port, { connect(socket, $0, $1) }) == 0 else {
            let problem = errno
            close(socket)
            throw ProcessFailure("no connection to port \(port): error \(problem)")
        }
        return socket
    }

    /// A socket that has begun to connect, and for which nobody waits.
    static func begunConnection(port: Int) -> Int32? {
        guard let socket = try? newSocket() else { return nil }
        _ = fcntl(socket, F_SETFL, O_NONBLOCK)
        _ = withAddress(port: port) { connect(socket, $0, $1) }
        return socket
    }

    /// The next connection to a listening socket; nil when the socket is shut down.
    static func accepted(by listener: Int32) -> Int32? {
        while true {
            let client = accept(listener, nil, nil)
            if client >= 0 { return client }
            guard errno == EINTR || errno == ECONNABORTED else { return nil }
        }
    }

    private static func newSocket() throws -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let socket = Glibc.socket(AF_INET, kind, 0)
        guard socket >= 0 else { throw ProcessFailure("no socket: error \(errno)") }
        return socket
    }

    private static func withAddress(
        port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// Writes all bytes. False when the other side is gone.
    @discardableResult
    package static func send(_ bytes: Data, to socket: Int32) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var sent = 0
            while sent < buffer.count {
                let rest = UnsafeRawBufferPointer(rebasing: buffer[sent...])
                let count = Glibc.send(
                    socket, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }
    }

    /// The next bytes; empty at the end, nil on an error.
    package static func receive(from socket: Int32, atMost limit: Int = 65_536) -> Data? {
        var buffer = [UInt8](repeating: 0, count: limit)
        while true {
            let count = recv(socket, &buffer, limit, 0)
            if count < 0, errno == EINTR { continue }
            return count < 0 ? nil : Data(buffer[..<count])
        }
    }
}

/// Runs something that blocks on a thread of its own.
package func onThread<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        let thread = Thread { continuation.resume(with: Result { try work() }) }
        thread.stackSize = 512 << 10
        thread.start()
    }
}
