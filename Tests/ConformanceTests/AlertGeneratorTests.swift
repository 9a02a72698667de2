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
        @Test func alertsComeAndGoAsSpecified() async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for count in [1, 3] {
                    group.addTask { try await self.expectAll(over: count) }
                }
                try await group.waitForAll()
            }
        }

        private func expectAll(over count: Int) async throws {
            let live = try await AlertGeneratorLive(over: count, step: Self.step)
            let last = AlertGeneratorCase.all.map(\.lastStep).max() ?? 0
            try await live.wait(until: last)
            let messages = try live.messages()
            for example in AlertGeneratorCase.all {
                expectMessages(of: example, messages, "over \(count)")
                try await expectSeries(of: example, live)
                expectNotifications(of: example, live)
            }
            await live.end()
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
            of example: AlertGeneratorCase, _ all: [AlertGeneratorLive.Message], _ place: String
        ) {
            let told = all.filter { $0.alert.example == example.name }
            let firings = firings(of: example)
            let starts = Set(told.map { "\($0.alert) \($0.start)" })
            #expect(starts.count == firings.count, "\(place): \(starts)")
            for (key, start, expected) in firings {
                let found = told.filter {
                    $0.alert == key && abs($0.start - start) <= Self.tolerance
                }
                let firing = found.filter { !$0.isResolved }
                let resolved = found.filter(\.isResolved)
                let what = "\(place): \(key) of \(start)"
                guard let first = firing.first, let over = resolved.first else {
                    Issue.record("\(what): \(firing.count) firing, \(resolved.count) resolved")
                    continue
                }
                #expect(first.received - first.start <= Self.tolerance, "\(what)")
                #expect(
                    Set(firing.map(\.annotations))
                        .isSubset(of: expected.filter { $0.end == nil }.map(\.annotations)),
                    "\(what)")
                for (one, next) in zip(firing, firing.dropFirst()) {
                    let gap = next.received - one.received
                    #expect(gap > 3 && gap <= 6 + Self.tolerance, "\(what): a gap of \(gap)")
                }
                // Two evaluations, or two messages, may be lost before it counts as over.
                for message in firing {
                    #expect(
                        abs(message.end - message.received - 16) <= Self.tolerance, "\(what)")
                }
                let end = Double(expected.compactMap(\.end).first ?? 0)
                #expect(abs(over.end - end) <= Self.tolerance, "\(what) ends at \(over.end)")
                #expect(Set(resolved.map(\.end)).count == 1, "\(what)")
                let final = resolved.last?.received ?? 0
                #expect(
                    final <= end + Double(AlertGeneratorCase.retentionSteps) + Self.tolerance,
                    "\(what) is told at \(final)")
            }
        }

        /// `ALERTS` of the whole course, from the gateway itself.
        private func expectSeries(
            of example: AlertGeneratorCase, _ live: AlertGeneratorLive
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
                #expect(
                    answer.text.contains("\"1\""), "\(labels) in step \(middle): \(answer.text)")
            }
        }

        /// What a person would have been told.
        private func expectNotifications(
            of example: AlertGeneratorCase, _ live: AlertGeneratorLive
        ) {
            let told = live.webhook.notifications.flatMap(\.alerts)
                .filter { $0.labels["case"] == example.name }
            for (key, _, _) in firings(of: example) {
                let states = told.filter {
                    Key(example: example.name, labels: $0.labels) == key
                }.map(\.status)
                #expect(states.contains("firing") && states.contains("resolved"), "\(key)")
            }
            if example.messages.isEmpty { #expect(told.isEmpty, "\(example)") }
        }
    }
}
