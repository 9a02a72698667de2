import Foundation
import TestSupport
import Testing

/// `isthmus check rules` with `--lint` and `--live`.
@Suite struct LintCommandTests {
    private static let rules = """
        groups:
        - name: mesh
          rules:
          - record: job:up:sum
            expr: sum by (job) (up)
          - alert: Errors
            expr: rate(pilot_xds_push_errors[5m]) > 0
          - alert: Quiet
            expr: job:up:sum == 0 and only_east > 1
        """

    private func check(
        _ arguments: [String]
    ) async throws -> IsthmusCommand.Result {
        let folder = try TemporaryDirectory("lint")
        defer { folder.remove() }
        let path = try folder.write(Self.rules, to: "rules.yaml")
        var result = try await IsthmusCommand.run(["check", "rules"] + arguments + [path])
        result.output = result.output.replacingOccurrences(of: path, with: "rules.yaml")
        result.errors = result.errors.replacingOccurrences(of: path, with: "rules.yaml")
        return result
    }

    @Test func withoutBeingAskedNothingIsLookedFor() async throws {
        let result = try await check([])
        #expect(result.output == "Checking rules.yaml\n  SUCCESS: 3 rules found\n\n")
        #expect(result.errors.isEmpty)
        #expect(result.status == 0)
    }

    @Test func findingsHaveTheirPlaceAndTheirOwnStatus() async throws {
        let result = try await check(["--lint"])
        #expect(
            result.errors
                == "rules.yaml: 7:11: group \"mesh\", rule 2, \"Errors\": retired_metric: "
                + "pilot_xds_push_errors is given by no release of today: "
                + "pilot_total_xds_internal_errors counts errors, "
                + "pilot_total_xds_rejects refusals\n")
        #expect(result.status == 3)
    }

    @Test func aGatewayIsAskedWhatItsClustersHave() async throws {
        let server = try ScriptedServer { request in
            if request.path == "/mesh/v1/clusters" {
                return Self.success(
                    #"[{"name":"east","externalLabels":{"cluster":"east"},"reachable":true},"#
                        + #"{"name":"west","externalLabels":{"cluster":"west"},"reachable":true},"#
                        + #"{"name":"gone","externalLabels":{},"reachable":false}]"#)
            }
            guard request.form.contains("partial_response=false") else {
                return .answer(status: 500, type: "text/plain", body: request.form)
            }
            if request.path == "/api/v1/label/cluster/values",
                request.form.contains(#"{__name__="up",job!="",cluster=~"east|west"}"#)
            {
                return Self.success(#"["east","west"]"#)
            }
            guard request.path == "/api/v1/label/__name__/values" else {
                return .answer(status: 500, type: "text/plain", body: request.form)
            }
            let isEast = request.form.contains(#"cluster="east"}"#)
            return Self.success(isEast ? #"["only_east","up"]"# : #"["up"]"#)
        }
        defer { server.end() }
        let result = try await check(["--live", "--server", server.address])
        #expect(
            result.errors
                == "warning: cluster gone does not answer and is left out\n"
                + "rules.yaml: 7:11: group \"mesh\", rule 2, \"Errors\": retired_metric: "
                + "pilot_xds_push_errors is given by no release of today: "
                + "pilot_total_xds_internal_errors counts errors, "
                + "pilot_total_xds_rejects refusals\n"
                + "rules.yaml: 9:11: group \"mesh\", rule 3, \"Quiet\": partly_missing_metric: "
                + "west has no only_east\n")
        #expect(result.status == 3)
    }

    @Test func aGatewayThatDoesNotAnswerIsAFailure() async throws {
        let result = try await check([
            "--live", "--server", "http://127.0.0.1:\(try Loopback.freePort())",
        ])
        #expect(result.status == 1)
        #expect(result.errors.hasPrefix("Error: "))
    }

    private static func success(_ data: String) -> ScriptedServer.Behaviour {
        .answer(
            status: 200, type: "application/json",
            body: #"{"status":"success","data":\#(data)}"#)
    }
}
