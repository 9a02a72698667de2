import Synchronization

/// Keeps what a server was told, for a test to look at.
final class Mailbox: Sendable {
    private let texts = Mutex<[String]>([])

    func put(_ text: String) { texts.withLock { $0.append(text) } }

    var all: [String] { texts.withLock { $0 } }
}
