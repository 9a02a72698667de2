// The first file to read in DashboardTests: the page at `/` as its users meet it, in a real
// browser, over the gateway, real Prometheus servers and the simulated mesh.

import Foundation
import TestSupport
import Testing

/// All suites that share the browser and the mesh: one test at a time.
@Suite("Dashboard", .serialized)
enum Dashboard {
    /// The repository's folder.
    static let root: URL = {
        if let root = ProcessInfo.processInfo.environment["ISTHMUS_ROOT"] {
            return URL(fileURLWithPath: root)
        }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
    }()
}
