import Rules

/// Who is told what comes of rules; both return at once.
package struct AlertingOutlets: Sendable {
    /// Sends alerts to the Alertmanagers.
    package var notify: @Sendable ([AlertNotification]) -> Void
    /// Writes samples to the receivers of remote write.
    package var write: @Sendable ([RuleSample]) -> Void

    package init(
        notify: @escaping @Sendable ([AlertNotification]) -> Void = { _ in },
        write: @escaping @Sendable ([RuleSample]) -> Void = { _ in }
    ) {
        self.notify = notify
        self.write = write
    }
}
