import Foundation
import TestSupport
import Testing

extension Corpora {
    /// Prometheus's own scripts; none where the corpora are absent.
    static let prometheusScripts = scripts(in: folder("promqltest"))

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
