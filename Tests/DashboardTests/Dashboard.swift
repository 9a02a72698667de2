// The first file to read in DashboardTests: the page at `/` as its users meet it, in a real
// browser, over the gateway, real Prometheus servers and the simulated mesh.

import Foundation
import TestSupport
import Testing

/// Ends the browser and the mesh when all tests are over.
struct EndingDashboard: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        do {
            try await function()
            await Self.end()
        } catch {
            await Self.end()
            throw error
        }
    }

    private static func end() async {
        await DashboardBrowser.shared.end()
        await DashboardFleet.shared.end()
    }
}

/// All suites that share the browser and the mesh: one test at a time.
@Suite("Dashboard", .serialized, EndingDashboard())
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
