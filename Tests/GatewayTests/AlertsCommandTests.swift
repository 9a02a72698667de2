import TestSupport
import Testing

/// `isthmus alerts`, against a server that answers as it is told to.
@Suite struct AlertsCommandTests {
    private static let body =
        #"{"status":"success","data":{"alerts":["#
        + #"{"labels":{"alertname":"Waits","job":"a\u001b"},"annotations":{},"state":"pending","#
        + #""activeAt":"2026-01-02T03:04:05.678Z","value":"1.5e+00"},"#
        + #"{"labels":{"alertname":"Down","cluster":"west"},"annotations":{},"state":"firing","#
        + #""activeAt":"2026-01-02T03:00:00Z","value":"0e+00","federation":{"missing":["#
        + #"{"cluster":"west","since":"2026-01-02T02:00:00Z"}],"certainty":"held","#
        + #""heldSince":"2026-01-02T02:00:30Z"}},"#
        + #"{"labels":{"alertname":"Errors"},"annotations":{},"state":"firing","#
        + #""activeAt":"2026-01-02T03:00:00Z","value":"2e+09","federation":{"missing":["#
        + #"{"cluster":"east","since":"2026-01-02T02:00:00Z"},"#
        + #"{"cluster":"west","since":"2026-01-02T02:00:00Z"}],"certainty":"partial"}}"#
        + #"]},"warnings":["cluster north did not answer"]}"#

    private func run(
        _ arguments: [String], status: Int = 200, body: String = Self.body
    ) async throws -> IsthmusCommand.Result {
        let server = try ScriptedServer { request in
            let isExpected =
                request.path == "/api/v1/alerts"
                && ["", "clusters=all"].contains(request.form.filter { $0 != "&" })
            return .answer(
                status: isExpected ? status : 500, type: "application/json", body: body)
        }
        defer { server.end() }
        return try await IsthmusCommand.run(["alerts", "--server", server.address] + arguments)
    }

    @Test func alertsAreShownFiringFirstWithWhatIsMissing() async throws {
        let result = try await run(["--clusters", "all"])
        #expect(
            IsthmusCommand.lines(result.output) == [
                "alert state since value labels missing clusters",
                "Down firing 2026-01-02T03:00:00Z 0 cluster=west "
                    + "held by west since 2026-01-02T02:00:30Z",
                "Errors firing 2026-01-02T03:00:00Z 2e+09 judged without east, west",
                "Waits pending 2026-01-02T03:04:05Z 1.5 job=a\\u{1b}",
            ])
        #expect(result.errors == "warning: cluster north did not answer\n")
        #expect(result.status == 0)
    }

    @Test func oneStateAloneCanBeWanted() async throws {
        let result = try await run(["--state", "pending"])
        #expect(IsthmusCommand.lines(result.output).count == 2)
        #expect(IsthmusCommand.lines(result.output).last?.hasPrefix("Waits pending") == true)
    }

    @Test func alertsAreGivenAsJSON() async throws {
        let result = try await run(["--state", "pending", "--output", "json"])
        #expect(
            result.output
                == #"[{"labels":{"alertname":"Waits","job":"a\u001b"},"annotations":{},"#
                + #""state":"pending","activeAt":"2026-01-02T03:04:05.678Z","#
                + #""value":"1.5e+00"}]"# + "\n")
    }

    @Test func aServersFailureIsTold() async throws {
        let result = try await run(
            [], status: 503,
            body: #"{"status":"error","errorType":"unavailable","error":"no cluster"}"#)
        #expect(result.status == 1)
        #expect(result.errors == "Error: unavailable: no cluster\n")
    }
}
