import Foundation
import TestSupport
import Testing

/// `isthmus explain` and `isthmus functions`.
@Suite struct ExplainCommandTests {
    private static let clusters: [IsthmusServer.Member] = [
        IsthmusServer.Member(
            "eu-1", labels: [("region", "emea")], urls: ["http://127.0.0.1:1"]),
        IsthmusServer.Member("us-1", labels: [("region", "amer")], urls: ["http://127.0.0.1:1"]),
    ]

    private func explain(_ arguments: [String]) async throws -> IsthmusCommand.Result {
        let directory = try TemporaryDirectory("clusters")
        defer { directory.remove() }
        for member in Self.clusters { try directory.write(member.file, to: "\(member.name).yaml") }
        return try await IsthmusCommand.run(
            ["explain", "--clusters", directory.path, "--time", "100"] + arguments)
    }

    private func json(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    // MARK: Without a gateway

    @Test func aPlanNeedsNoGateway() async throws {
        let result = try await explain(["sum by (job) (up{region=\"emea\"})"])
        #expect(result.status == 0)
        #expect(result.errors.isEmpty)
        #expect(result.output.contains("sum by (job) (up)"))
        #expect(result.output.contains("clusters: 1 of 2 asked"))
        #expect(result.output.contains("not asked for {region=\"emea\"}: us-1"))
        #expect(result.output.contains("taken for the newest Prometheus"))
    }

    @Test func aPlanIsJSONToo() async throws {
        let result = try await explain(["sum(up)", "--json"])
        let explanation = try json(result.output)
        #expect(explanation["query"] as? String == "sum(up)")
        #expect(explanation["time"] as? Double == 100)
        let plan = try #require(explanation["plan"] as? [String: Any])
        let fragments = try #require(plan["fragments"] as? [[String: Any]])
        let requests = try #require(fragments.first?["requests"] as? [[String: Any]])
        #expect(requests.map { $0["cluster"] as? String } == ["eu-1", "us-1"])
        let root = try #require(plan["root"] as? [String: Any])
        #expect(root["class"] as? String == "PC")
        #expect(explanation["analysis"] == nil)
    }

    @Test func aRangeIsPlannedOverItsTimes() async throws {
        let directory = try TemporaryDirectory("clusters")
        defer { directory.remove() }
        for member in Self.clusters { try directory.write(member.file, to: "\(member.name).yaml") }
        let result = try await IsthmusCommand.run([
            "explain", "up", "--clusters", directory.path, "--start", "0", "--end", "60", "--step",
            "20s",
        ])
        #expect(result.output.contains("from 0 to 60 every 20 s: 4 points"))
    }

    @Test func experimentalPartsNeedTheirSwitch() async throws {
        let without = try await explain(["info(up)"])
        #expect(without.status != 0)
        #expect(without.errors.contains("1:1: parse error: function \"info\" is not enabled"))
        let with = try await explain(["a + fill (0) b", "--experimental-functions"])
        #expect(with.status == 0)
        let gateway = try await IsthmusCommand.run(["explain", "up", "--experimental-functions"])
        #expect(gateway.status != 0)
        #expect(gateway.errors.contains("needs --clusters"))
    }

    @Test func clustersThatDoNotAnswerAreToldOneByOne() async throws {
        let result = try await explain(["up", "--analyze", "--json"])
        #expect(result.status == 0)
        let analysis = try #require(try json(result.output)["analysis"] as? [String: Any])
        let failure = try #require(analysis["failure"] as? [String: Any])
        #expect(failure["kind"] as? String == "unavailable")
        let coverage = try #require(analysis["completeness"] as? [String: Any])
        #expect(coverage["complete"] as? Bool == false)
        let missing = try #require(coverage["missing"] as? [[String: Any]])
        #expect(missing.map { $0["cluster"] as? String } == ["eu-1", "us-1"])
    }

    @Test func aMistakeInTheQueryIsToldWithItsPlace() async throws {
        let result = try await explain(["sum(", "--json"])
        #expect(result.status != 0)
        #expect(result.errors.contains("bad_data: invalid parameter \"query\": 1:5: parse error"))
        #expect(result.output.isEmpty)
    }

    // MARK: With one

    @Test func aGatewayIsAskedForItsOwnPlan() async throws {
        let seen = Mailbox()
        let server = try ScriptedServer { request in
            seen.put("\(request.method) \(request.path) \(request.form)")
            return .answer(status: 200, type: "text/plain", body: "L fragment 0\n\u{1b}\n")
        }
        defer { server.end() }
        let result = try await IsthmusCommand.run([
            "explain", "up", "--server", server.address, "--time", "100", "--analyze",
        ])
        #expect(result.output == "L fragment 0\n\\u{1b}\n")
        #expect(
            seen.all == [
                "POST /mesh/v1/explain &query=up&format=text&analyze=true&time=100"
            ])
    }

    @Test func whatIsNoGatewayCannotExplain() async throws {
        let server = try ScriptedServer { _ in
            .answer(status: 404, type: "text/plain", body: "404 page not found")
        }
        defer { server.end() }
        let result = try await IsthmusCommand.run(["explain", "up", "--server", server.address])
        #expect(result.status != 0)
        #expect(result.errors.contains("is it an Isthmus gateway?"))
    }

    // MARK: The language's tables

    @Test func theLanguageIsListed() async throws {
        let result = try await IsthmusCommand.run(["functions"])
        #expect(result.status == 0)
        #expect(result.output.contains("rate(matrix) vector"))
        #expect(result.output.contains("topk(scalar, vector)"))
        #expect(result.output.contains("fill_left (0)"))
        let markdown = try await IsthmusCommand.run(["functions", "--markdown"])
        #expect(markdown.output.contains("| abs(vector) vector | where its argument is |"))
    }
}
