// The first file to read in ConformanceTests: the gateway as its users meet it, a process in front
// of real Prometheus processes. By definition its answer is what one Prometheus holding all series
// would answer; the tests ask both. What is asked stands in conformance/differential.

import Foundation
import TestSupport
import Testing

/// All suites that share processes: one test at a time, so that none disturbs another's timing.
@Suite("Conformance", .serialized)
enum Conformance {
    /// The folder `conformance` of the repository.
    static let folder: URL = {
        if let root = ProcessInfo.processInfo.environment["ISTHMUS_ROOT"] {
            return URL(fileURLWithPath: root).appendingPathComponent("conformance")
        }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("conformance")
    }()

    static func text(of file: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
    }
}
