/// The time, and how to wait for it.
package struct ControlPlaneClock: Sendable {
    /// Milliseconds since the Unix epoch.
    package var now: @Sendable () -> Int64
    /// Waits until a time, milliseconds since the Unix epoch, or until the task is cancelled.
    package var sleep: @Sendable (_ end: Int64) async -> Void

    package init(
        now: @escaping @Sendable () -> Int64,
        sleep: @escaping @Sendable (_ end: Int64) async -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    /// Waits by the machine's own clock.
    package init(now: @escaping @Sendable () -> Int64) {
        self.init(now: now) { end in
            // Cancelled means told to stop, which the loops see.
            try? await Task.sleep(for: .milliseconds(max(0, end - now())))
        }
    }
}
