import Foundation
import Glibc
import Synchronization

/// A server that reads Redis's commands and answers them to order: it is how a Redis goes wrong on
/// the wire. Each connection has a thread of its own.
package final class ScriptedRedis: Sendable {
    package let port: Int
    private let listener: Int32
    private let respond: Script
    private let state = Mutex(State())

    /// From a command's words to what is done.
    package typealias Script = @Sendable ([String]) -> [Step]

    package enum Step: Sendable {
        case send(String)
        case sendBytes([UInt8])
        /// A byte after another, each after the pause.
        case drip(String, every: Duration)
        /// Waits until `open` is called, or the client goes away.
        case gate
        /// Reads on and says nothing.
        case silence
        case close
    }

    /// What has happened so far.
    package struct Facts: Sendable {
        package var connections = 0
        package var closedConnections = 0
        /// Each command's name and arguments.
        package var arguments: [[[UInt8]]] = []
        fileprivate var isOpen = false
    }

    private struct State {
        var facts = Facts()
        var observers: [Observer] = []
    }

    private struct Observer {
        var condition: @Sendable (Facts) -> Bool
        var continuation: CheckedContinuation<Void, Never>
    }

    package init(_ respond: @escaping Script) throws {
        listener = try Loopback.listeningSocket(port: 0)
        port = Loopback.port(of: listener)
        self.respond = respond
        let thread = Thread { [self] in accept() }
        thread.stackSize = 256 << 10
        thread.start()
    }

    package var address: String { "redis://127.0.0.1:\(port)" }

    package var facts: Facts { state.withLock { $0.facts } }

    /// Lets all go on that wait at a gate, now and later.
    package func open() { change { $0.isOpen = true } }

    /// Accepts no more connections.
    package func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    /// Waits until what has happened satisfies `condition`.
    package func wait(until condition: @escaping @Sendable (Facts) -> Bool) async {
        await withCheckedContinuation { continuation in
            let holds = state.withLock { state in
                if condition(state.facts) { return true }
                state.observers.append(
                    Observer(condition: condition, continuation: continuation))
                return false
            }
            if holds { continuation.resume() }
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
            change { $0.connections += 1 }
            let thread = Thread { [self] in
                serve(client)
                close(client)
                change { $0.closedConnections += 1 }
            }
            thread.stackSize = 256 << 10
            thread.start()
        }
    }

    private func serve(_ client: Int32) {
        var pending = Data()
        var isSilent = false
        while let bytes = Loopback.receive(from: client), !bytes.isEmpty {
            pending.append(bytes)
            while let (arguments, length) = Self.command(pending) {
                pending = Data(pending.dropFirst(length))
                change { $0.arguments.append(arguments) }
                if isSilent { continue }
                let words = arguments.map { String(decoding: $0, as: UTF8.self) }
                for step in respond(words) {
                    guard take(step, client, &isSilent) else { return }
                }
            }
        }
    }

    private func take(_ step: Step, _ client: Int32, _ isSilent: inout Bool) -> Bool {
        switch step {
        case .send(let text): return Loopback.send(Data(text.utf8), to: client)
        case .sendBytes(let bytes): return Loopback.send(Data(bytes), to: client)
        case .drip(let text, let pause):
            for byte in text.utf8 {
                guard Loopback.send(Data([byte]), to: client) else { return false }
                guard Self.stays(client, for: pause) else { return false }
            }
            return true
        case .gate:
            while !facts.isOpen {
                guard Self.stays(client, for: .milliseconds(5)) else { return false }
            }
            return true
        case .silence:
            isSilent = true
            return true
        case .close: return false
        }
    }

    /// Waits. False when the client goes away, or sends more.
    private static func stays(_ client: Int32, for duration: Duration) -> Bool {
        var waiting = pollfd(fd: client, events: Int16(POLLIN), revents: 0)
        let count = poll(&waiting, 1, Int32(duration / .milliseconds(1)))
        return count == 0 || count < 0 && errno == EINTR
    }

    /// The first command and its length in bytes, once it is whole.
    private static func command(_ bytes: Data) -> ([[UInt8]], length: Int)? {
        var place = bytes.startIndex
        func line() -> String? {
            guard let end = bytes[place...].firstRange(of: Data("\r\n".utf8)) else { return nil }
            defer { place = end.upperBound }
            return String(decoding: bytes[place..<end.lowerBound], as: UTF8.self)
        }
        guard let head = line(), let count = Int(head.dropFirst()) else { return nil }
        var words: [[UInt8]] = []
        for _ in 0..<count {
            guard let size = line(), let length = Int(size.dropFirst()),
                bytes.endIndex >= place + length + 2
            else { return nil }
            words.append([UInt8](bytes[place..<(place + length)]))
            place += length + 2
        }
        return (words, place - bytes.startIndex)
    }
}
