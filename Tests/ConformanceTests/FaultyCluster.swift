import Foundation
import TestSupport
import Testing

/// A gateway before three clusters of which the third goes wrong.
struct FaultyCluster: Sendable {
    /// The name of the cluster that goes wrong.
    static let name = "us-1"
    static let time = QueryTime.instants[0]

    let gateway: IsthmusServer

    /// The third cluster's file is made of these addresses and lines, with so much time that a busy
    /// machine makes nobody late. Nothing is remembered: what a cluster has said would still be
    /// answered when it is gone.
    init(
        urls: [String], lines: [String] = ["timeout: 30s"], configuration: String? = nil
    ) async throws {
        var files = try await UnionServers.shared.running().memberFiles()
        files[2].urls = urls
        files[2].serviceLines = lines
        gateway = try await IsthmusServer(
            files, configuration: "cache: {enabled: false}\n" + (configuration ?? ""))
    }

    /// The port of the third cluster's real server.
    static func realPort() async throws -> Int {
        try await UnionServers.shared.running().members[2].port
    }

    /// What only queries meet; all else is passed on to the real server.
    static func script(
        _ behaviour: ScriptedServer.Behaviour, realPort: Int, for text: String = ""
    ) -> ScriptedServer.Script {
        { request in
            let isMeant =
                request.path.contains("/query") && (text.isEmpty || request.form.contains(text))
            return isMeant ? behaviour : .forward(port: realPort)
        }
    }

    /// Expects the union's answer, no cluster missing.
    func expectWhole(
        _ question: Question = .whoIsThere, _ what: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let union = try await UnionServers.shared.running().union
        let answer = try await ask(port: gateway.port, question.ofAll, Self.time)
        let expected = try await ask(port: union.port, question.ofAll, Self.time)
        let differences = AnswerComparison().differences(gateway: answer, union: expected)
        #expect(differences.isEmpty, "\(what): \(differences)", sourceLocation: sourceLocation)
    }

    /// Expects that the others answer, and that the answer says that the cluster is missing and
    /// why, in words that match `cause`; and an error where no partial answer is wanted.
    func expectMissing(
        _ cause: String, _ question: Question = .whoIsThere, _ what: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let union = try await UnionServers.shared.running().union
        let (endpoint, parameters) = Self.time.call(question.ofAll)
        let response = try await gateway.ask(endpoint, parameters)
        #expect(response.missingClusters == [Self.name], "\(what)", sourceLocation: sourceLocation)
        #expect(
            response.presentClusters == ["eu-1", "eu-2"], "\(what)",
            sourceLocation: sourceLocation)
        var answer = try QueryAnswer(response)
        let warning = answer.warnings.first { $0.contains(Self.name) } ?? ""
        #expect(
            warning.range(of: cause, options: [.regularExpression, .caseInsensitive]) != nil,
            "\(what): \(answer.warnings)", sourceLocation: sourceLocation)
        answer.missingClusters = []
        let expected = try await ask(port: union.port, question.ofOthers, Self.time)
        let differences = AnswerComparison().differences(gateway: answer, union: expected)
        #expect(differences.isEmpty, "\(what): \(differences)", sourceLocation: sourceLocation)

        let refused = try await gateway.ask(
            endpoint, parameters + [.init("partial_response", "false")])
        let refusal = try QueryAnswer(refused)
        #expect(refusal.status == 503, "\(what)", sourceLocation: sourceLocation)
        #expect(refusal.errorType == "unavailable", "\(what)", sourceLocation: sourceLocation)
        #expect(
            refusal.error?.contains(Self.name) == true, "\(what): \(refusal.error ?? "")",
            sourceLocation: sourceLocation)
        #expect(refused.missingClusters == [Self.name], "\(what)", sourceLocation: sourceLocation)
    }

    /// A query, and what it is without the third cluster's series.
    struct Question: Sendable {
        var ofAll: String
        var ofOthers: String

        /// In the pattern a `#` stands where the selectors' matcher on the cluster does.
        init(_ pattern: String) {
            ofAll = pattern.replacingOccurrences(of: "#", with: "cluster!=\"\"")
            ofOthers = pattern.replacingOccurrences(
                of: "#", with: "cluster!=\"\(FaultyCluster.name)\"")
        }

        /// One series for each cluster that answers.
        static let whoIsThere = Question("count by (cluster) (up{#})")
    }
}
