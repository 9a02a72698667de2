import Foundation
import Glibc
import Synchronization

/// An HTTP/1.1 server that goes wrong to order, and remembers what it was asked. Each request is
/// answered by a list of steps on the connection's own thread.
package final class FaultServer: Sendable {
    package let port: Int
    private let listener: Int32
    private let greeting: [Step]
    private let respond: Script
    private let state = Mutex(State())

    package typealias Script = @Sendable (Request) -> [Step]

    package struct Request: Sendable {
        package var method: String
        /// Path and query string, as they came.
        package var target: String
        /// Names in lower case.
        package var headers: [(name: String, value: String)]
        package var body: [UInt8]

        package func header(_ name: String) -> String? {
            headers.first { $0.name == name }?.value
        }

        package var bodyText: String { String(decoding: body, as: UTF8.self) }
    }

    package enum Step: Sendable {
        /// Bytes as they are; whatever is not taken holds up the next step.
        case send([UInt8])
        /// Waits, and gives up when the client goes away.
        case pause(Duration)
        /// Waits until the client goes away, whatever it says.
        case silence
        /// Waits until `open` is called.
        case gate
        /// Ends the connection with a reset.
        case reset
        /// Ends the connection in good order.
        case close
    }

    /// What has happened so far.
    package struct Facts: Sendable {
        package var connections = 0
        package var closedConnections = 0
        package var requests: [Request] = []
        package var sentBytes = 0
        fileprivate var isOpen = false
    }

    private struct State {
        var facts = Facts()
        var sockets: Set<Int32> = []
        var isStopped = false
        var observers: [Observer] = []
        var lastObserver = 0
    }

    private struct Observer: Sendable {
        var number: Int
        var condition: @Sendable (Facts) -> Bool
        var continuation: CheckedContinuation<Void, Never>
    }

    /// `greeting` is taken as soon as a client connects, before it has asked anything. The port is
    /// any free one where none is named.
    package init(
        port: Int = 0, greeting: [Step] = [], _ respond: @escaping Script = { _ in [] }
    ) throws {
        self.greeting = greeting
        listener = try Loopback.listeningSocket(port: port)
        self.port = Loopback.port(of: listener)
        self.respond = respond
        let thread = Thread { [self] in accept() }
        thread.stackSize = 256 << 10
        thread.start()
    }

    package var url: String { "http://127.0.0.1:\(port)" }

    package var facts: Facts { state.withLock { $0.facts } }

    /// Waits until what has happened satisfies `condition`, or the task is cancelled: a test whose
    /// time is over has to end.
    package func wait(until condition: @escaping @Sendable (Facts) -> Bool) async {
        let number = state.withLock { state in
            state.lastObserver += 1
            return state.lastObserver
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if condition(state.facts) || Task.isCancelled { return true }
                    state.observers.append(
                        Observer(number: number, condition: condition, continuation: continuation))
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let gone = state.withLock { state in
                let gone = state.observers.filter { $0.number == number }
                state.observers.removeAll { $0.number == number }
                return gone
            }
            for observer in gone { observer.continuation.resume() }
        }
    }

    /// Lets all go on that wait at a gate, now and later.
    package func open() { change { $0.isOpen = true } }

    /// Ends all connections and accepts no more.
    package func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        state.withLock { state in
            state.isStopped = true
            for socket in state.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    private func change(_ body: (inout Facts) -> Void) {
        let served: [Observer] = state.withLock { state in
            body(&state.facts)
            let facts = state.facts
            let served = state.observers.filter { $0.condition(facts) }
            state.observers.removeAll { $0.condition(facts) }
            return served
        }
        for observer in served { observer.continuation.resume() }
    }

    // MARK: Connections

    private func accept() {
        defer { close(listener) }
        while let client = Loopback.accepted(by: listener) {
            let isWanted = state.withLock { state in
                if !state.isStopped { state.sockets.insert(client) }
                return !state.isStopped
            }
            guard isWanted else {
                close(client)
                continue
            }
            change { $0.connections += 1 }
            // Each step is to be seen when it is taken.
            var yes: Int32 = 1
            setsockopt(
                client, Int32(IPPROTO_TCP), TCP_NODELAY, &yes,
                socklen_t(MemoryLayout<Int32>.size))
            let thread = Thread { [self] in
                serve(client)
                // Under the lock, so that `stop` never meets another connection's number.
                state.withLock { state in
                    state.sockets.remove(client)
                    close(client)
                }
                change { $0.closedConnections += 1 }
            }
            thread.stackSize = 256 << 10
            thread.start()
        }
    }

    private func serve(_ client: Int32) {
        for step in greeting {
            guard take(step, client) else { return }
        }
        var pending: [UInt8] = []
        while let request = Self.request(from: client, &pending) {
            change { $0.requests.append(request) }
            for step in respond(request) {
                guard take(step, client) else { return }
            }
        }
    }

    /// Returns whether the connection goes on.
    private func take(_ step: Step, _ client: Int32) -> Bool {
        switch step {
        case .send(let bytes):
            var rest = bytes[...]
            while !rest.isEmpty {
                guard Loopback.send(Data(rest.prefix(65_536)), to: client) else { return false }
                change { $0.sentBytes += min(rest.count, 65_536) }
                rest = rest.dropFirst(65_536)
            }
            return true
        case .pause(let duration): return Self.stays(client, for: duration)
        case .silence:
            while let bytes = Loopback.receive(from: client), !bytes.isEmpty {}
            return false
        case .gate:
            while !facts.isOpen {
                guard Self.stays(client, for: .milliseconds(5)) else { return false }
            }
            return true
        case .reset:
            var hard = linger(l_onoff: 1, l_linger: 0)
            setsockopt(client, SOL_SOCKET, SO_LINGER, &hard, socklen_t(MemoryLayout<linger>.size))
            return false
        case .close: return false
        }
    }

    /// Waits. False when the client goes away, or sends something that it was not asked for.
    private static func stays(_ client: Int32, for duration: Duration) -> Bool {
        var waiting = pollfd(fd: client, events: Int16(POLLIN), revents: 0)
        let count = poll(&waiting, 1, Int32(duration / .milliseconds(1)))
        return count == 0 || count < 0 && errno == EINTR
    }

    private static func request(from client: Int32, _ pending: inout [UInt8]) -> Request? {
        while true {
            if let (request, length) = parsed(pending) {
                pending.removeFirst(length)
                return request
            }
            guard let bytes = Loopback.receive(from: client), !bytes.isEmpty else { return nil }
            pending += bytes
        }
    }

    /// A request and its length in bytes, once it is whole.
    private static func parsed(_ bytes: [UInt8]) -> (Request, length: Int)? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
            .components(separatedBy: "\r\n")
        let headers = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            return (
                name: parts.first?.lowercased() ?? "",
                value: (parts.count > 1 ? parts[1] : "").trimmingCharacters(in: .whitespaces)
            )
        }
        let length = headers.first { $0.name == "content-length" }.flatMap { Int($0.value) } ?? 0
        guard bytes.count >= end.upperBound + length else { return nil }
        let words = lines[0].split(separator: " ").map(String.init)
        guard words.count == 3 else { return nil }
        let request = Request(
            method: words[0], target: words[1], headers: headers,
            body: Array(bytes[end.upperBound..<(end.upperBound + length)]))
        return (request, end.upperBound + length)
    }
}

extension [FaultServer.Step] {
    /// A whole answer with a length.
    package static func answer(
        status: Int = 200, headers: [String] = ["Content-Type: application/json"],
        body: [UInt8] = []
    ) -> [FaultServer.Step] {
        let lines = headers + ["Content-Length: \(body.count)"]
        return [head(status, lines)] + (body.isEmpty ? [] : [.send(body)])
    }

    package static func answer(
        status: Int = 200, headers: [String] = ["Content-Type: application/json"], text: String
    ) -> [FaultServer.Step] {
        answer(status: status, headers: headers, body: [UInt8](text.utf8))
    }

    /// An answer in chunks, with steps between them.
    package static func chunked(
        _ chunks: [[UInt8]], between steps: [FaultServer.Step] = []
    ) -> [FaultServer.Step] {
        var result = [head(200, ["Transfer-Encoding: chunked"])]
        for chunk in chunks {
            let size = String(chunk.count, radix: 16)
            result.append(.send([UInt8]("\(size)\r\n".utf8) + chunk + [UInt8]("\r\n".utf8)))
            result += steps
        }
        return result + [.send([UInt8]("0\r\n\r\n".utf8))]
    }

    /// Promises `promised` bytes, sends `body` and goes on with `steps`.
    package static func part(
        of promised: Int, body: [UInt8] = [UInt8]("half".utf8), then steps: [FaultServer.Step]
    ) -> [FaultServer.Step] {
        [head(200, ["Content-Length: \(promised)"]), .send(body)] + steps
    }

    /// A byte of the body every now and then, for ever.
    package static func drip(every interval: Duration) -> [FaultServer.Step] {
        [head(200, ["Content-Length: 1000000"])]
            + [[FaultServer.Step]](
                repeating: [.send([0x20]), .pause(interval)], count: 5000
            ).flatMap(\.self)
    }

    private static func head(_ status: Int, _ lines: [String]) -> FaultServer.Step {
        .send(
            [UInt8](
                ("HTTP/1.1 \(status) To Order\r\n" + lines.joined(separator: "\r\n")
                    + "\r\n\r\n").utf8))
    }
}
