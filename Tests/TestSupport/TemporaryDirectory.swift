import Foundation
import Glibc
import Synchronization

/// A directory for a test's files. It is removed when the test runner ends, or before, on demand.
package struct TemporaryDirectory: Sendable {
    package let path: String

    private static let made = Mutex<[String]>([])

    package init(_ name: String) throws {
        // The registry clears up at the end, whether or not a process is ever started.
        _ = ChildRegistry.shared
        path = Self.made.withLock { made in
            if made.isEmpty { Self.removeLeftovers() }
            let parent = FileManager.default.temporaryDirectory.path
            let path = "\(parent)/isthmus-test-\(getpid())-\(made.count)-\(name)"
            made.append(path)
            return path
        }
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file and gives its path.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> String {
        try text.write(toFile: file(name), atomically: true, encoding: .utf8)
        return file(name)
    }

    package func remove() { try? FileManager.default.removeItem(atPath: path) }

    static func removeAll() {
        for path in made.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
    }

    /// Removes what runners that were killed have left behind.
    private static func removeLeftovers() {
        let parent = FileManager.default.temporaryDirectory.path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
        for name in names where name.hasPrefix("isthmus-test-") {
            let fields = name.split(separator: "-")
            guard fields.count > 2, let owner = pid_t(fields[2]) else { continue }
            if kill(owner, 0) != 0, errno == ESRCH {
                try? FileManager.default.removeItem(atPath: "\(parent)/\(name)")
            }
        }
    }
}
