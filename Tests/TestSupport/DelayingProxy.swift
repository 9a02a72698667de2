import Foundation
import Glibc
import Synchronization

/// Passes connections on to a server of this machine, each piece of a request after a delay. It
/// makes one cluster answer later than another.
package final class DelayingProxy: Sendable {
    package let port: Int
    private let listener: Int32
    private let target: Int
    private let delay: Mutex<Duration>

    package init(to target: Int, delay: Duration = .zero) throws {
        listener = try Loopback.listeningSocket(port: 0)
        port = Loopback.port(of: listener)
        self.target = target
        self.delay = Mutex(delay)
        let thread = Thread { [self] in accept() }
        thread.stackSize = 256 << 10
        thread.start()
    }

    /// Holds from the next piece on.
    package func setDelay(_ delay: Duration) { self.delay.withLock { $0 = delay } }

    package func end() {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func accept() {
        defer { close(listener) }
        while let client = Loopback.accepted(by: listener) {
            guard let server = try? Loopback.connectedSocket(port: target) else {
                close(client)
                continue
            }
            let pair = SocketPair(client: client, server: server)
            Thread { [self] in pump(from: client, to: server, delayed: true, of: pair) }.start()
            Thread { [self] in pump(from: server, to: client, delayed: false, of: pair) }.start()
        }
    }

    private func pump(from source: Int32, to sink: Int32, delayed: Bool, of pair: SocketPair) {
        while let bytes = Loopback.receive(from: source), !bytes.isEmpty {
            if delayed {
                let pause = delay.withLock { $0 }
                Thread.sleep(forTimeInterval: pause / .seconds(1))
            }
            guard Loopback.send(bytes, to: sink) else { break }
        }
        pair.finish()
    }

    /// Two connections that are closed together, when both directions are over.
    private final class SocketPair: Sendable {
        private let client: Int32
        private let server: Int32
        private let open = Mutex(2)

        init(client: Int32, server: Int32) {
            self.client = client
            self.server = server
        }

        func finish() {
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
            let left = open.withLock { open in
                open -= 1
                return open
            }
            guard left == 0 else { return }
            close(client)
            close(server)
        }
    }
}
