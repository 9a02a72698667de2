import Foundation
import Glibc
import Synchronization

/// The DevTools protocol: commands to the browser and its events, as JSON messages that end with a
/// zero byte. A command waits for its own answer; events go to the listener of their session.
final class BrowserConnection: Sendable {
    private let socket: Int32
    private let writing = Mutex<Void>(())
    private let state = Mutex(State())

    typealias Listener = @Sendable (_ event: String, _ parameters: BrowserValue) -> Void

    private struct State {
        var isOpen = true
        var lastNumber = 0
        var waiting: [Int: CheckedContinuation<BrowserValue, any Error>] = [:]
        var listeners: [String: Listener] = [:]
    }

    /// Takes the socket over.
    init(socket: Int32) {
        self.socket = socket
        let thread = Thread { [self] in readAll() }
        thread.name = "browser"
        thread.stackSize = 1 << 20
        thread.start()
    }

    func listen(to session: String, _ listener: @escaping Listener) {
        state.withLock { $0.listeners[session] = listener }
    }

    /// Sends a command and waits for its answer; throws what the browser says against it.
    func call(
        _ method: String, _ parameters: BrowserValue = [:], session: String? = nil,
        within limit: DispatchTimeInterval = .seconds(120)
    ) async throws -> BrowserValue {
        let answer = try await withCheckedThrowingContinuation { continuation in
            let number: Int? = state.withLock { state in
                guard state.isOpen else { return nil }
                state.lastNumber += 1
                state.waiting[state.lastNumber] = continuation
                return state.lastNumber
            }
            guard let number else {
                continuation.resume(throwing: ProcessFailure("\(method): the browser has ended"))
                return
            }
            DispatchQueue.global().asyncAfter(deadline: .now() + limit) { [weak self] in
                self?.resume(number, .failure(ProcessFailure("\(method): no answer in \(limit)")))
            }
            var message: [String: BrowserValue] = [
                "id": .number(Double(number)), "method": .text(method), "params": parameters,
            ]
            message["sessionId"] = session.map { .text($0) }
            let bytes = Data((BrowserValue.object(message).written + "\0").utf8)
            guard writing.withLock({ _ in Loopback.send(bytes, to: socket) }) else {
                return resume(number, .failure(ProcessFailure("\(method): the browser has ended")))
            }
        }
        if let problem = answer["error"]["message"].text {
            throw ProcessFailure("\(method): \(problem)")
        }
        return answer["result"]
    }

    /// Whoever waits is told that nothing more comes.
    func end() { shutdown(socket, Int32(SHUT_RDWR)) }

    private func resume(_ number: Int, _ result: Result<BrowserValue, any Error>) {
        let continuation = state.withLock { $0.waiting.removeValue(forKey: number) }
        continuation?.resume(with: result)
    }

    private func readAll() {
        var rest = Data()
        while let bytes = Loopback.receive(from: socket, atMost: 1 << 18), !bytes.isEmpty {
            // What was searched before has no end in it.
            var searched = rest.count
            rest.append(bytes)
            var start = rest.startIndex
            while let end = rest[(rest.startIndex + searched)...].firstIndex(of: 0) {
                pass(rest[start..<end])
                start = end + 1
                searched = start - rest.startIndex
            }
            rest = Data(rest[start...])
        }
        let waiting = state.withLock { state in
            state.isOpen = false
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting {
            continuation.resume(throwing: ProcessFailure("the browser has ended"))
        }
        close(socket)
    }

    private func pass(_ bytes: Data) {
        guard let message = try? JSONDecoder().decode(BrowserValue.self, from: bytes) else {
            return
        }
        if let number = message["id"].number {
            resume(Int(number), .success(message))
        } else if let event = message["method"].text, let session = message["sessionId"].text {
            state.withLock { $0.listeners[session] }?(event, message["params"])
        }
    }
}
