/// The time by which groups are evaluated.
package struct AlertingClock: Sendable {
    /// Milliseconds since the Unix epoch.
    package var now: @Sendable () -> Int64
    /// Waits until a time, or until the task is cancelled.
    package var sleep: @Sendable (_ until: Int64) async -> Void

    package init(
        now: @escaping @Sendable () -> Int64,
        sleep: @escaping @Sendable (_ until: Int64) async -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    /// The time that `now` says, and real waiting.
    package init(now: @escaping @Sendable () -> Int64) {
        self.now = now
        sleep = { time in
            // Cancelled means told to stop, which the caller sees.
            try? await Task.sleep(for: .milliseconds(max(0, time - now())))
        }
    }
}
