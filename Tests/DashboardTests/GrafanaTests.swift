import Foundation
import TestSupport
import Testing

extension Dashboard {
    /// The dashboards of deploy/grafana over the simulated mesh: every question that Grafana asks
    /// for them has an answer.
    @Suite("Grafana's dashboards")
    struct GrafanaTests {
        /// What the variables stand for beside `All`.
        private static let chosen = [
            "cluster": "us-1", "namespace": "shop", "service": "checkout", "instance": ".+",
        ]

        private struct Names: Decodable {
            var data: [String]
        }

        private struct Result: Decodable {
            struct Body: Decodable {
                var result: [Series]
            }

            struct Series: Decodable {
                var metric: [String: String]?
            }

            var status: String
            var data: Body
        }

        @Test(arguments: GrafanaDashboard.names)
        func everyQueryHasAnAnswer(_ name: String) async throws {
            let gateway = try await DashboardFleet.shared.gateway()
            let dashboard = try GrafanaDashboard(named: name)
            let known = Set(try await names(gateway, "label/__name__/values"))
            var questions: [Question] = []
            for panel in dashboard.panels {
                for target in panel.targets ?? [] {
                    guard let query = target.expr else { continue }
                    for values in try choices(of: dashboard) {
                        questions.append(
                            Question(
                                panel: panel, isInstant: target.instant == true,
                                text: GrafanaDashboard.filled(query, values)))
                    }
                }
            }
            #expect(questions.count > 10)
            // As many at a time as a browser would ask.
            for start in stride(from: 0, to: questions.count, by: 6) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for question in questions[start..<min(start + 6, questions.count)] {
                        group.addTask { try await check(question, gateway, known, name) }
                    }
                    try await group.waitForAll()
                }
            }
        }

        @Test(arguments: GrafanaDashboard.names)
        func everyVariableHasValues(_ name: String) async throws {
            let gateway = try await DashboardFleet.shared.gateway()
            let dashboard = try GrafanaDashboard(named: name)
            for variable in dashboard.templating.list {
                let found = try #require(
                    GrafanaDashboard.labelValues(variable.definition), "\(variable.definition)")
                let selector = GrafanaDashboard.filled(found.selector, Self.chosen)
                let values = try await names(
                    gateway, "label/\(found.label)/values", [.init("match[]", selector)])
                let chosen = try #require(Self.chosen[variable.name])
                #expect(!values.isEmpty, "\(variable.definition)")
                if variable.name != "instance" { #expect(values.contains(chosen), "\(values)") }
            }
        }

        @Test func searchesOfTracesFindSome() async throws {
            let gateway = try await DashboardFleet.shared.gateway()
            var asked = 0
            for name in GrafanaDashboard.names {
                for panel in try GrafanaDashboard(named: name).panels {
                    for target in panel.targets ?? [] where target.datasource.type == "jaeger" {
                        let service = try #require(target.service)
                        let answer = try await HTTPCall(
                            port: gateway.port, path: "/jaeger/api/traces",
                            parameters: [
                                .init("service", GrafanaDashboard.filled(service, Self.chosen)),
                                .init("limit", "\(target.limit ?? 20)"),
                            ]
                        ).answer()
                        #expect(answer.status == 200, "\(panel.title): \(answer.text)")
                        #expect(answer.text.contains("\"traceID\""), "\(panel.title)")
                        asked += 1
                    }
                }
            }
            #expect(asked > 0)
        }

        @Test func panelsAreOfTheDataSourcesThatAreProvided() throws {
            let file = GrafanaDashboard.folder.appendingPathComponent(
                "provisioning/datasources/isthmus.yaml")
            let sources = try String(contentsOf: file, encoding: .utf8)
            for name in GrafanaDashboard.names {
                let dashboard = try GrafanaDashboard(named: name)
                #expect(dashboard.uid == "isthmus-\(name)")
                for panel in dashboard.panels {
                    for target in panel.targets ?? [] {
                        #expect(sources.contains("\n    uid: \(target.datasource.uid)\n"))
                        #expect(sources.contains("\n    type: \(target.datasource.type)\n"))
                    }
                    #expect(panel.targets == nil || panel.description?.hasSuffix(".") == true)
                }
            }
        }

        // MARK: Asking

        /// All of everything that can be chosen several at a time, and one of each.
        private func choices(of dashboard: GrafanaDashboard) throws -> [[String: String]] {
            let variables = dashboard.templating.list
            var all: [String: String] = [:]
            var one: [String: String] = [:]
            for variable in variables {
                let chosen = try #require(Self.chosen[variable.name])
                all[variable.name] = variable.multi ? ".*" : chosen
                one[variable.name] = chosen
            }
            return all == one ? [one] : [all, one]
        }

        private struct Question: Sendable {
            var panel: GrafanaDashboard.Panel
            var isInstant: Bool
            var text: String
        }

        private func check(
            _ question: Question, _ gateway: IsthmusServer, _ known: Set<String>, _ name: String
        ) async throws {
            let place = "\(name), \(question.panel.title): \(question.text)"
            #expect(!question.text.contains("$"), "\(place)")
            let now = Date().timeIntervalSince1970
            let times: [HTTPCall.Parameter] =
                question.isInstant
                ? [.init("time", "\(now)")]
                : [.init("start", "\(now - 120)"), .init("end", "\(now)"), .init("step", "15")]
            let answer = try await gateway.ask(
                question.isInstant ? "query" : "query_range",
                [.init("query", question.text)] + times, method: "POST")
            guard answer.status == 200 else {
                Issue.record("\(place): \(answer.text)")
                return
            }
            #expect(answer.missingClusters == [], "\(place): \(answer.text.suffix(300))")
            if question.panel.shownWithoutData == nil {
                let series = try JSONDecoder().decode(Result.self, from: answer.body).data.result
                #expect(!series.isEmpty, "nothing to show: \(place)")
                let strange = Self.metrics(in: question.text).subtracting(known)
                #expect(strange.isEmpty, "\(place): nobody has \(strange.sorted())")
            }
        }

        private func names(
            _ gateway: IsthmusServer, _ endpoint: String, _ parameters: [HTTPCall.Parameter] = []
        ) async throws -> [String] {
            let answer = try await gateway.ask(endpoint, parameters)
            return try JSONDecoder().decode(Names.self, from: answer.body).data
        }

        /// The metrics that a query names: what stands before braces or a window, or alone.
        static func metrics(in query: String) -> Set<String> {
            // What is in quotes and braces, and label lists, is no metric.
            let pattern = #/[a-zA-Z_][a-zA-Z0-9_:]*(?=\{|\[)/#
            return Set(query.matches(of: pattern).map { String($0.output) })
        }
    }
}
