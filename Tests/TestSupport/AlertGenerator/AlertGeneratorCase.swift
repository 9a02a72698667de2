/// A case of the conformance specification for alert generators: rules, samples, and what is to be
/// seen and told when. Times are steps, of which there is one for each sample; a group is evaluated
/// at every second one.
package struct AlertGeneratorCase: Sendable, CustomStringConvertible {
    package struct Rule: Sendable {
        package var alert: String
        package var expression: String
        /// Steps.
        package var hold = 0
        package var labels: [String: String] = [:]
        package var annotations: [String: String] = [:]
    }

    package struct Series: Sendable {
        package var labels: [String: String]
        /// At step 0, 1, …
        package var values: [Double]
    }

    /// An alert as it is in some steps.
    package struct Alert: Sendable, Hashable {
        package var labels: [String: String]
        package var annotations: [String: String]
        package var state: String
        package var value: Double
        /// The step in which it became active.
        package var since: Int
        /// The steps of evaluations after which it is so.
        package var steps: ClosedRange<Int>
    }

    /// A message to Alertmanager.
    package struct Message: Sendable, Hashable {
        package var step: Int
        package var labels: [String: String]
        package var annotations: [String: String]
        /// When the alert fired.
        package var start: Int
        /// When it was over; nil where it is not.
        package var end: Int?

        package init(
            step: Int, labels: [String: String], annotations: [String: String], start: Int,
            end: Int? = nil
        ) {
            self.step = step
            self.labels = labels
            self.annotations = annotations
            self.start = start
            self.end = end
        }
    }

    package var name: String
    package var rules: [Rule]
    package var series: [Series]
    /// Up to which the case goes.
    package var lastStep: Int
    package var alerts: [Alert]
    package var messages: [Message]

    package var description: String { name }

    /// The labels of a rule's alert.
    package static func labels(_ rule: Rule, _ others: [String: String] = [:]) -> [String: String] {
        others.merging(rule.labels) { _, own in own }.merging(["alertname": rule.alert]) { _, own in
            own
        }
    }

    /// How many steps lie between two messages of an alert that goes on: more than a resend delay of
    /// four steps, and evaluations are at even ones.
    package static let resendSteps = 6
    /// How long what is over is told.
    package static let retentionSteps = 60

    /// The messages about one firing: again and again until it is over, then that it is.
    package static func messages(
        _ labels: [String: String], fired: Int, resolved: Int, untold: Int,
        annotations: (Int) -> [String: String]
    ) -> [Message] {
        var messages: [Message] = []
        for step in stride(from: fired, to: resolved, by: resendSteps) {
            messages.append(
                Message(
                    step: step, labels: labels, annotations: annotations(step), start: fired))
        }
        let last = min(untold, resolved + retentionSteps + 1)
        for step in stride(from: resolved, to: last, by: resendSteps) {
            messages.append(
                Message(
                    step: step, labels: labels, annotations: annotations(resolved - 1),
                    start: fired, end: resolved))
        }
        return messages
    }

    /// Values with how often each stands.
    package static func values(_ runs: (Double, Int)...) -> [Double] {
        runs.flatMap { [Double](repeating: $0.0, count: $0.1) }
    }
}
