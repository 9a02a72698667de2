import Foundation
import TestSupport
import Testing

extension Conformance {
    /// The specification of alert generators through everything that is real: with steps of half a
    /// second here, and as `conformance/alert-generator` with its own of fifteen.
    @Suite("The specification of alert generators")
    struct AlertGeneratorTests {
        private static let step: Duration = {
            let text = ProcessInfo.processInfo.environment["ALERT_GENERATOR_STEP_MS"] ?? ""
            return .milliseconds(Int(text) ?? 500)
        }()

        /// How late something may be, in steps: an evaluation, a scrape, and what a busy machine
        /// adds to these where steps are short.
        private static let tolerance: Double = step >= .seconds(5) ? 4 : 12

        /// One server, and the same samples dealt over three, side by side.
        ///
        /// Steps are short so that the test is; on a machine that does much else scrapes and
        /// evaluations may come later than a few of them. What is wrong then is looked at again with
        /// steps twice as long, and what is wrong whatever their length is wrong.
        @Test func alertsComeAndGoAsSpecified() async throws {
            var step = Self.step
            var mistakes = try await mistakes(step: step)
            for _ in 0..<2 where !mistakes.isEmpty && Self.step < .seconds(5) {
                print("With steps of \(step):\n" + mistakes.joined(separator: "\n"))
                step = step * 2
                mistakes = try await self.mistakes(step: step)
            }
            for mistake in mistakes { Issue.record("with steps of \(step): \(mistake)") }
        }

        private func mistakes(step: Duration) async throws -> [String] {
            try await withThrowingTaskGroup(of: [String].self) { group in
                for count in [1, 3] {
                    group.addTask { try await self.mistakes(over: count, step: step) }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        }

        private func mistakes(over count: Int, step: Duration) async throws -> [String] {
            let live = try await AlertGeneratorLive(over: count, step: step)
            let last = AlertGeneratorCase.all.map(\.lastStep).max() ?? 0
            try await live.wait(until: last)
            let messages = try live.messages()
            var mistakes = Mistakes()
            for example in AlertGeneratorCase.all {
                expectMessages(of: example, messages, "over \(count)", &mistakes)
                try await expectSeries(of: example, live, &mistakes)
                expectNotifications(of: example, live, &mistakes)
            }
            await live.end()
            return mistakes.texts
        }

        /// What is not as specified.
        private struct Mistakes {
            var texts: [String] = []

            mutating func expect(_ condition: Bool, _ what: @autoclosure () -> String) {
                if !condition { texts.append(what()) }
            }
        }

        private typealias Key = AlertGeneratorLive.AlertKey

        /// The firings of a case: the messages about each, in order.
        private func firings(
            of example: AlertGeneratorCase
        ) -> [(key: Key, start: Double, messages: [AlertGeneratorCase.Message])] {
            struct Firing: Hashable {
                var key: Key
                var start: Int
            }
            return Dictionary(
                grouping: example.messages,
                by: {
                    Firing(key: Key(example: example.name, labels: $0.labels), start: $0.start)
                }
            ).map { ($0.key.key, Double($0.key.start), $0.value.sorted { $0.step < $1.step }) }
        }

        private func expectMessages(
            of example: AlertGeneratorCase, _ all: [AlertGeneratorLive.Message], _ place: String,
            _ mistakes: inout Mistakes
        ) {
            let told = all.filter { $0.alert.example == example.name }
            let firings = firings(of: example)
            let starts = Set(told.map { "\($0.alert) \($0.start)" })
            mistakes.expect(
                starts.count == firings.count,
                "\(place): \(starts.sorted()) instead of \(firings.count) firings")
            for (key, start, expected) in firings {
                let found = told.filter {
                    $0.alert == key && abs($0.start - start) <= Self.tolerance
                }
                let firing = found.filter { !$0.isResolved }
                let resolved = found.filter(\.isResolved)
                let what = "\(place): \(key) of \(start)"
                guard let first = firing.first, let over = resolved.first else {
                    mistakes.expect(
                        false, "\(what): \(firing.count) firing, \(resolved.count) resolved")
                    continue
                }
                mistakes.expect(
                    first.received - first.start <= Self.tolerance,
                    "\(what): first told at \(first.received)")
                mistakes.expect(
                    Set(firing.map(\.annotations))
                        .isSubset(of: expected.filter { $0.end == nil }.map(\.annotations)),
                    "\(what): \(Set(firing.map(\.annotations)))")
                for (one, next) in zip(firing, firing.dropFirst()) {
                    let gap = next.received - one.received
                    mistakes.expect(
                        gap > 3 && gap <= 6 + Self.tolerance, "\(what): a gap of \(gap)")
                }
                // Two evaluations, or two messages, may be lost before it counts as over.
                for message in firing {
                    mistakes.expect(
                        abs(message.end - message.received - 16) <= Self.tolerance,
                        "\(what): told at \(message.received) until \(message.end)")
                }
                let end = Double(expected.compactMap(\.end).first ?? 0)
                mistakes.expect(
                    abs(over.end - end) <= Self.tolerance, "\(what) ends at \(over.end)")
                mistakes.expect(
                    Set(resolved.map(\.end)).count == 1, "\(what) ends at \(resolved.map(\.end))")
                let final = resolved.last?.received ?? 0
                mistakes.expect(
                    final <= end + Double(AlertGeneratorCase.retentionSteps) + Self.tolerance,
                    "\(what) is told at \(final)")
            }
        }

        /// `ALERTS` of the whole course, from the gateway itself.
        private func expectSeries(
            of example: AlertGeneratorCase, _ live: AlertGeneratorLive,
            _ mistakes: inout Mistakes
        ) async throws {
            for alert in example.alerts {
                let middle = Double(alert.steps.lowerBound + alert.steps.upperBound) / 2
                let isLong = Double(alert.steps.count) > 2 * Self.tolerance
                guard isLong else { continue }
                let labels = [
                    ("alertname", alert.labels["alertname"]), ("variant", alert.labels["variant"]),
                    ("alertstate", alert.state), ("case", example.name),
                ].compactMap { name, value in value.map { "\(name)=\"\($0)\"" } }
                let answer = try await live.gateway.ask(
                    "query",
                    [
                        .init("query", "count(ALERTS{\(labels.joined(separator: ","))})"),
                        .init("time", "\(live.time(ofStep: middle))"),
                    ])
                mistakes.expect(
                    answer.text.contains("\"1\""), "\(labels) in step \(middle): \(answer.text)")
            }
        }

        /// What a person would have been told.
        private func expectNotifications(
            of example: AlertGeneratorCase, _ live: AlertGeneratorLive,
            _ mistakes: inout Mistakes
        ) {
            let told = live.webhook.notifications.flatMap(\.alerts)
                .filter { $0.labels["case"] == example.name }
            for (key, _, _) in firings(of: example) {
                let states = told.filter {
                    Key(example: example.name, labels: $0.labels) == key
                }.map(\.status)
                mistakes.expect(
                    states.contains("firing") && states.contains("resolved"), "\(key): \(states)")
            }
            if example.messages.isEmpty { mistakes.expect(told.isEmpty, "\(example): \(told)") }
        }
    }
}
