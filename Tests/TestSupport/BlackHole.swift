import Glibc
import Synchronization

/// A port that nothing ever comes back from, as behind a firewall that drops packets: its queue of
/// connections is full, and nobody takes any.
package final class BlackHole: Sendable {
    package let port: Int
    private let sockets: Mutex<[Int32]>

    /// The port is any free one where none is named.
    package init(port: Int = 0) throws {
        let listener = try Loopback.listeningSocket(port: port)
        listen(listener, 0)
        let port = Loopback.port(of: listener)
        self.port = port
        // The first one is queued, and perhaps a second; of the next ones the kernel says nothing.
        sockets = Mutex(
            [listener] + (0..<4).compactMap { _ in Loopback.begunConnection(port: port) })
    }

    package var url: String { "http://127.0.0.1:\(port)" }

    deinit { close() }

    /// Gives the port back.
    package func close() {
        let open = sockets.withLock { sockets in
            defer { sockets = [] }
            return sockets
        }
        for socket in open { Glibc.close(socket) }
    }
}
