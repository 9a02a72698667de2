import Foundation
import Glibc
import Synchronization

/// A server of DNS on a UDP port of 127.0.0.1 that knows the SRV records that it is told.
package final class NameServer: Sendable {
    package let port: Int
    private let socket: Int32
    private let script: Mutex<Script>

    package enum Answer: Sendable {
        case services([Service])
        case noSuchName
        case serverFailure
    }

    package struct Service: Sendable {
        package var target: String
        package var port: Int

        package init(_ target: String, port: Int) {
            self.target = target
            self.port = port
        }
    }

    /// What is answered for a name without a dot at its end.
    package typealias Script = @Sendable (String) -> Answer

    package init(_ script: @escaping Script) throws {
        self.script = Mutex(script)
        let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let made = Glibc.socket(AF_INET, kind, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(made, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard made >= 0, bound == 0 else {
            throw ProcessFailure("no socket for names: error \(errno)")
        }
        socket = made
        port = Loopback.port(of: made)
        let thread = Thread { [self] in serve() }
        thread.stackSize = 256 << 10
        thread.start()
    }

    /// Holds from the next question on.
    package func setScript(_ script: @escaping Script) { self.script.withLock { $0 = script } }

    package func stop() { shutdown(socket, Int32(SHUT_RDWR)) }

    private func serve() {
        defer { close(socket) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            var client = sockaddr_storage()
            var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let count = withUnsafeMutablePointer(to: &client) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(socket, &buffer, buffer.count, 0, $0, &size)
                }
            }
            // A socket that is shut down gives nothing.
            guard count > 12 else { return }
            let answer = answer(to: Array(buffer.prefix(count)))
            withUnsafeMutablePointer(to: &client) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = sendto(socket, answer, answer.count, 0, $0, size)
                }
            }
        }
    }

    private func answer(to question: [UInt8]) -> [UInt8] {
        var parts: [String] = []
        var place = 12
        while place < question.count, question[place] != 0 {
            let end = min(place + 1 + Int(question[place]), question.count)
            parts.append(String(decoding: question[(place + 1)..<end], as: UTF8.self))
            place = end
        }
        let questionEnd = min(place + 5, question.count)
        let script = self.script.withLock { $0 }
        let answer = script(parts.joined(separator: "."))
        var records: [Service] = []
        var code: UInt8 = 0
        switch answer {
        case .services(let services): records = services
        case .serverFailure: code = 2
        case .noSuchName: code = 3
        }
        // The answer to one question, by a server that asks others too.
        var message = Array(question.prefix(2)) + [0x81, 0x80 | code, 0, 1]
        message += Self.pair(records.count) + [0, 0, 0, 0] + question[12..<questionEnd]
        for record in records {
            var data = Self.pair(1) + Self.pair(10) + Self.pair(record.port)
            for part in record.target.split(separator: ".") {
                data += [UInt8(part.utf8.count)] + Array(part.utf8)
            }
            data.append(0)
            // The name is the question's; type SRV, class IN, and a second to live.
            message += [0xc0, 12] + Self.pair(33) + Self.pair(1) + [0, 0, 0, 1]
            message += Self.pair(data.count) + data
        }
        return message
    }

    private static func pair(_ number: Int) -> [UInt8] {
        [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
    }
}
