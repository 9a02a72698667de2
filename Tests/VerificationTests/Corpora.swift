// The first file to read in VerificationTests: where scripts and recorded answers are. The tests
// run Prometheus's own scripts and ours over samples in memory, whole and dealt among clusters, and
// a bounded number of generated queries; `isthmus test` runs as many as one likes.

import Foundation
import Testing

enum Corpora {
    /// The shared corpora: named by the environment, else beside a folder above this file.
    static let folder: URL? = {
        var candidates: [URL] = []
        if let named = ProcessInfo.processInfo.environment["ISTHMUS_CORPORA"] {
            candidates.append(URL(filePath: named))
        }
        var folder = URL(filePath: #filePath).deletingLastPathComponent()
        while folder.path != "/" {
            candidates.append(folder.appending(path: "shared/corpora"))
            folder = folder.deletingLastPathComponent()
        }
        return candidates.first {
            FileManager.default.fileExists(atPath: $0.appending(path: "promqltest").path)
        }
    }()

    /// Prometheus's own scripts; none where the corpora are absent.
    static let prometheusScripts = scripts(in: folder?.appending(path: "promqltest"))

    /// Our own scripts, which are always there.
    static let ownScripts = scripts(
        in: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "conformance/promqltest"))

    private static func scripts(in folder: URL?) -> [URL] {
        guard let folder,
            let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        else { return [] }
        return names.filter { $0.hasSuffix(".test") }.sorted().map { folder.appending(path: $0) }
    }
}
