import Foundation
import TestSupport
import Testing

extension Conformance {
    @Suite("Series, label names and label values")
    struct ListTests {
        /// No times, the middle of the data, and long after it.
        private static let periods: [[HTTPCall.Parameter]] = [
            [],
            [
                .init("start", "\(UnionData.start + 600)"),
                .init("end", "\(UnionData.start + 1800)"),
            ],
            [
                .init("start", "\(UnionData.end + 86_400)"),
                .init("end", "\(UnionData.end + 90_000)"),
            ],
        ]

        @Test func everyListIsTheUnions() async throws {
            let union = try await UnionServers.shared.running().union
            let gateway = try await UnionServers.shared.gateway()
            let lines = try Conformance.text(of: "differential/lists.txt").split(separator: "\n")
                .filter { !$0.hasPrefix("#") }
            #expect(lines.count >= 30)
            var different = 0
            for line in lines {
                let fields = line.components(separatedBy: " | ")
                for period in Self.periods {
                    let parameters = fields.dropFirst().map { HTTPCall.Parameter("match[]", $0) }
                    let call = HTTPCall(
                        port: union.port, path: "/api/v1/\(fields[0])",
                        parameters: parameters + period)
                    if let difference = await difference(call, gateway: gateway.port) {
                        different += 1
                        Issue.record("\(line) \(period.map(\.value))\n    \(difference)")
                    }
                }
            }
            #expect(different == 0, "lists that differ")
        }

        @Test func aListThatIsPostedIsTheOneThatIsGot() async throws {
            let gateway = try await UnionServers.shared.gateway()
            for endpoint in ["series", "labels"] {
                let selector = HTTPCall.Parameter("match[]", "up{cluster=~\"eu.*\"}")
                let got = try await gateway.ask(endpoint, [selector])
                let posted = try await gateway.ask(endpoint, [selector], method: "POST")
                #expect(got.status == 200)
                #expect(got.text.contains("up") || got.text.contains("cluster"))
                #expect(got.body == posted.body)
            }
        }

        /// How the gateway's answer differs from the one to `call`, nil where it does not.
        private func difference(_ call: HTTPCall, gateway: Int) async -> String? {
            var own = call
            own.port = gateway
            do {
                let answer = try await own.answer()
                let expected = try await call.answer()
                guard answer.missingClusters.isEmpty else { return "missing: \(answer.text)" }
                guard answer.status == 200, expected.status == 200 else {
                    return answer.status == expected.status
                        ? nil : "status \(answer.status), not \(expected.status): \(answer.text)"
                }
                let list = try elements(of: answer)
                let other = try elements(of: expected)
                guard list.count == Set(list).count else { return "something is listed twice" }
                let extra = Set(list).subtracting(other).sorted()
                let missing = Set(other).subtracting(list).sorted()
                guard !extra.isEmpty || !missing.isEmpty else { return nil }
                return "\(extra.count) too many \(extra.prefix(3)), "
                    + "\(missing.count) missing \(missing.prefix(3))"
            } catch { return "\(error)" }
        }

        private func elements(of answer: HTTPAnswer) throws -> [String] {
            let object = try JSONSerialization.jsonObject(with: answer.body) as? [String: Any]
            guard let list = object?["data"] as? [Any] else {
                throw ProcessFailure("no list: \(answer.text.prefix(200))")
            }
            return list.map { element in
                (element as? [String: String]).map { QueryAnswer.text(of: $0) }
                    ?? (element as? String) ?? "?"
            }
        }
    }
}
