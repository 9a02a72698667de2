import Foundation

/// What real servers answered and Prometheus's own scripts: folders beside the repository, which need
/// not be there.
package enum Corpora {
    /// A folder of them; nil where it is absent.
    package static func folder(_ name: String) -> URL? {
        candidates.map { $0.appending(path: name) }.first {
            FileManager.default.fileExists(atPath: $0.path)
        }
    }

    /// Where they may be: named by the environment, else beside a folder above this file.
    private static let candidates: [URL] = {
        var candidates: [URL] = []
        if let named = ProcessInfo.processInfo.environment["ISTHMUS_CORPORA"] {
            candidates.append(URL(filePath: named))
        }
        var folder = URL(filePath: #filePath).deletingLastPathComponent()
        while folder.path != "/" {
            candidates.append(folder.appending(path: "shared/corpora"))
            folder = folder.deletingLastPathComponent()
        }
        return candidates
    }()
}
