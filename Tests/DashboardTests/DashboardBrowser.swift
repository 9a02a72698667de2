import TestSupport

/// The browser of all tests, started when the first asks for it, and ended with the test runner.
actor DashboardBrowser {
    static let shared = DashboardBrowser()

    private var start: Task<Browser, any Error>?

    func browser() async throws -> Browser {
        let task = start ?? Task { try await Browser() }
        start = task
        return try await task.value
    }

    func end() async {
        let start = start
        self.start = nil
        if let browser = try? await start?.value { await browser.end() }
    }
}
