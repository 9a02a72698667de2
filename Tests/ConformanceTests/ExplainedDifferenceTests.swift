import Foundation
import TestSupport
import Testing

extension Conformance {
    @Suite("Differences that are explained")
    struct ExplainedDifferenceTests {
        private struct Difference: Sendable {
            var query: String
            /// What each says, by its name.
            var values: [String: String] = [:]
        }

        /// Where the servers are older than the union by definition is.
        @Test func aServersClosedWindowsAreTheOnlyDifference() async throws {
            let running = try await UnionServers.shared.running()
            let gateway = try await UnionServers.shared.gateway()
            let edge = try await edge(port: running.union.port)
            for difference in try Self.all() {
                // A subquery's points are whole multiples of its step.
                let isSubquery = difference.query.contains(":15s]")
                let seconds = difference.values["at"].flatMap { Int($0) } ?? 1800
                let isTimed = isSubquery || difference.values["at"] != nil
                let time = QueryTime.instant(isTimed ? "\(UnionData.start + seconds)" : edge)
                for (name, port) in [("prometheus", running.union.port), ("gateway", gateway.port)]
                {
                    let answer = try await ask(port: port, difference.query, time)
                    let value = answer.series.first?.points.first?.value ?? "nothing"
                    let expected = try #require(difference.values[name])
                    #expect(
                        AnswerComparison().agree(value, expected),
                        "\(name): \(difference.query) \(time): \(answer.text)")
                }
            }
        }

        /// A time that is a minute after a sample of `only_here`.
        private func edge(port: Int) async throws -> String {
            let samples = try await ask(
                port: port, "only_here[30s]", .instant("\(UnionData.start + 1800)"))
            let time = try #require(samples.series.first?.points.last?.time) + 60_000
            return String(format: "%d.%03d", time / 1000, time % 1000)
        }

        private static func all() throws -> [Difference] {
            var result: [Difference] = []
            let text = try Conformance.text(of: "differential/explained.txt")
            for line in text.split(separator: "\n") where !line.hasPrefix("#") {
                let words = line.split(separator: " ")
                if line.hasPrefix(" "), words.count == 2 {
                    result[result.count - 1].values[String(words[0])] = String(words[1])
                } else {
                    result.append(Difference(query: String(line)))
                }
            }
            return result
        }
    }
}
