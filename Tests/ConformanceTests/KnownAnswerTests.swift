import Foundation
import TestSupport
import Testing

extension Conformance {
    @Suite("Answers that are known by hand")
    struct KnownAnswerTests {
        /// What the terms of a sum add up to must not hang on where they are added.
        @Test func sumsWhoseTermsCancelOutAreExact() async throws {
            let gateway = try await UnionServers.shared.gateway()
            for (query, expected) in try Self.known() {
                let instant = try await ask(port: gateway.port, query, QueryTime.instants[0])
                let range = try await ask(port: gateway.port, query, QueryTime.ranges[0])
                #expect(values(instant) == expected, "\(query) at an instant: \(instant.text)")
                #expect(values(range) == expected, "\(query) over a range: \(instant.text)")
            }
        }

        /// Each series' value; of a range, which must be the same at all times.
        private func values(_ answer: QueryAnswer) -> [String: Double] {
            var values: [String: Double] = [:]
            for series in answer.series {
                let all = Set(series.points.map(\.value))
                values[series.labels] = all.count == 1 ? all.first.flatMap(Double.init) : .nan
            }
            return values
        }

        private static func known() throws -> [(query: String, values: [String: Double])] {
            var known: [(query: String, values: [String: Double])] = []
            for line in try Conformance.text(of: "differential/known.txt").split(separator: "\n") {
                if line.hasPrefix("#") { continue }
                if line.hasPrefix(" "), let space = line.lastIndex(of: " ") {
                    let labels = line[..<space].trimmingCharacters(in: .whitespaces)
                    let value = Double(line[line.index(after: space)...])
                    known[known.count - 1].values[labels] = value
                } else {
                    known.append((String(line), [:]))
                }
            }
            return known
        }
    }
}
