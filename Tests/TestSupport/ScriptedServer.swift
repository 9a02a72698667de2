import Foundation
import Glibc
import Synchronization

/// An HTTP server that does what a script says, passing on to a real server what the script has
/// nothing to say about. It is how a cluster goes wrong in one thing and well in the others.
package final class ScriptedServer: Sendable {
    package let port: Int
    private let listener: Int32
    private let script: Mutex<Held>

    /// In a struct: a bare function behind a lock is wrapped once more each time it is looked at.
    private struct Held: Sendable {
        var script: Script
    }

    package typealias Script = @Sendable (Request) -> Behaviour

    /// What the server was asked.
    package struct Request: Sendable {
        package var method: String
        /// Without the query string.
        package var path: String
        /// The query string, or the form that was sent; decoded.
        package var form: String
        package var headers: [HTTPAnswer.Header]
        /// As it came, to be passed on.
        var bytes: Data

        package func header(_ name: String) -> String? {
            headers.first { $0.name == name.lowercased() }?.value
        }
    }

    /// What the server does.
    package enum Behaviour: Sendable {
        case answer(status: Int, type: String, body: String)
        /// Passes the request on to a server on this port.
        case forward(port: Int)
        /// Says nothing, and keeps the connection until the other side closes it.
        case silence(closed: @Sendable () -> Void = {})
        /// One byte of a long answer every `interval`.
        case drip(interval: Duration)
        /// Promises a body, sends as much of it, and resets the connection.
        case reset(afterBytes: Int)
        /// Promises more than it sends, and closes the connection in good order.
        case half(body: String)
        /// A good answer with a very long body of white space.
        case flood(bytes: Int)
    }

    package init(_ script: @escaping Script) throws {
        listener = try Loopback.listeningSocket(port: 0)
        port = Loopback.port(of: listener)
        self.script = Mutex(Held(script: script))
        let thread = Thread { [self] in accept() }
        thread.stackSize = 256 << 10
        thread.start()
    }

    package var address: String { "http://127.0.0.1:\(port)" }

    /// Holds from the next request on.
    package func setScript(_ script: @escaping Script) {
        self.script.withLock { $0.script = script }
    }

    package func end() {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func accept() {
        defer { close(listener) }
        while let client = Loopback.accepted(by: listener) {
            let thread = Thread { [self] in serve(client) }
            thread.stackSize = 512 << 10
            thread.start()
        }
    }

    // MARK: One connection

    /// Serves request after request; a behaviour that breaks the connection is its end.
    private func serve(_ client: Int32) {
        var pending = Data()
        while let request = Self.request(from: client, &pending) {
            let script = self.script.withLock { $0.script }
            guard Self.behave(script(request), request, client) else { break }
        }
        close(client)
    }

    private static func request(from client: Int32, _ pending: inout Data) -> Request? {
        while true {
            if let (request, length) = parsed(pending) {
                pending = Data(pending.dropFirst(length))
                return request
            }
            guard let bytes = Loopback.receive(from: client), !bytes.isEmpty else { return nil }
            pending.append(bytes)
        }
    }

    /// A request and its length in bytes, once it is whole.
    private static func parsed(_ bytes: Data) -> (Request, length: Int)? {
        guard let end = bytes.range(of: Data("\r\n\r\n".utf8)) else { return nil }
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
        let lines = head.components(separatedBy: "\r\n")
        let headers = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            return HTTPAnswer.Header(
                name: parts.first?.lowercased() ?? "",
                value: parts.last?.trimmingCharacters(in: .whitespaces) ?? "")
        }
        let length = headers.first { $0.name == "content-length" }.flatMap { Int($0.value) } ?? 0
        guard bytes.endIndex >= end.upperBound + length else { return nil }
        let body = String(
            decoding: bytes[end.upperBound..<(end.upperBound + length)], as: UTF8.self)
        let words = lines[0].split(separator: " ").map(String.init)
        guard words.count == 3 else { return nil }
        let target = words[1].split(separator: "?", maxSplits: 1).map(String.init)
        let form = [target.count > 1 ? target[1] : "", body].joined(separator: "&")
            .replacingOccurrences(of: "+", with: " ")
        let total = end.upperBound + length - bytes.startIndex
        let request = Request(
            method: words[0], path: target.first ?? "", form: form.removingPercentEncoding ?? form,
            headers: headers, bytes: Data(bytes.prefix(total)))
        return (request, total)
    }

    /// Does it. Returns whether the connection goes on.
    private static func behave(
        _ behaviour: Behaviour, _ request: Request, _ client: Int32
    ) -> Bool {
        switch behaviour {
        case .answer(let status, let type, let body):
            let head = head(status: status, type: type, length: body.utf8.count)
            return Loopback.send(Data((head + body).utf8), to: client)
        case .forward(let port):
            return forward(request, to: port, client)
        case .silence(let closed):
            while let bytes = Loopback.receive(from: client), !bytes.isEmpty {}
            closed()
            return false
        case .drip(let interval):
            var open = Loopback.send(
                Data(head(status: 200, type: json, length: 100_000).utf8), to: client)
            while open {
                open = Loopback.send(Data(" ".utf8), to: client)
                Thread.sleep(forTimeInterval: interval / .seconds(1))
            }
            return false
        case .reset(let count):
            let start = #"{"status":"success","data":{"resultType":"vector","result":["#
            let body = String((start + String(repeating: " ", count: count)).prefix(count))
            Loopback.send(
                Data((head(status: 200, type: json, length: count + 1000) + body).utf8), to: client)
            var hard = linger(l_onoff: 1, l_linger: 0)
            setsockopt(client, SOL_SOCKET, SO_LINGER, &hard, socklen_t(MemoryLayout<linger>.size))
            return false
        case .half(let body):
            let head = head(status: 200, type: json, length: body.utf8.count * 2)
            Loopback.send(Data((head + body).utf8), to: client)
            return false
        case .flood(let count):
            var open = Loopback.send(
                Data(head(status: 200, type: json, length: count).utf8), to: client)
            let piece = Data(repeating: 0x20, count: 1 << 16)
            var sent = 0
            while open, sent < count {
                open = Loopback.send(piece.prefix(count - sent), to: client)
                sent += piece.count
            }
            return open
        }
    }

    private static let json = "application/json"

    private static func head(status: Int, type: String, length: Int) -> String {
        "HTTP/1.1 \(status) Scripted\r\nContent-Type: \(type)\r\nContent-Length: \(length)\r\n\r\n"
    }

    /// Asks the other server on a connection of its own and passes the bytes of its answer on.
    private static func forward(_ request: Request, to port: Int, _ client: Int32) -> Bool {
        guard let server = try? Loopback.connectedSocket(port: port) else { return false }
        defer { close(server) }
        guard let end = request.bytes.range(of: Data("\r\n".utf8)) else { return false }
        // The answer's end is the connection's, here and there.
        var bytes = Data(request.bytes[..<end.upperBound])
        bytes.append(Data("Connection: close\r\n".utf8))
        bytes.append(request.bytes[end.upperBound...])
        Loopback.send(bytes, to: server)
        while let piece = Loopback.receive(from: server), !piece.isEmpty {
            guard Loopback.send(piece, to: client) else { break }
        }
        return false
    }
}
