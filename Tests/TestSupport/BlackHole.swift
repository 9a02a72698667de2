import Glibc

/// A port that nothing ever comes back from, as behind a firewall that drops packets: its queue of
/// connections is full, and nobody takes any.
package final class BlackHole: Sendable {
    package let port: Int
    private let sockets: [Int32]

    package init() throws {
        let listener = try Loopback.listeningSocket(port: 0)
        listen(listener, 0)
        let port = Loopback.port(of: listener)
        self.port = port
        // The first one is queued, and perhaps a second; of the next ones the kernel says nothing.
        sockets = [listener] + (0..<4).compactMap { _ in Loopback.begunConnection(port: port) }
    }

    package var url: String { "http://127.0.0.1:\(port)" }

    deinit { for socket in sockets { close(socket) } }
}
