import TestSupport
import Testing

/// `isthmus trace` and `isthmus traces`, against a server that answers as it is told to.
@Suite struct TraceCommandTests {
    private static let id = "00000000000000000000000000000abc"

    private static func span(
        _ id: String, _ name: String, parent: String? = nil, start: Int, duration: Int,
        process: String, tags: String = "", warnings: String = "null"
    ) -> String {
        let reference = parent.map {
            #"{"refType":"CHILD_OF","traceID":"\#(Self.id)","spanID":"\#($0)"}"#
        }
        return #"{"traceID":"\#(Self.id)","spanID":"\#(id)","operationName":"\#(name)","#
            + #""references":[\#(reference ?? "")],"startTime":\#(1_700_000_000_000_000 + start),"#
            + #""duration":\#(duration),"tags":[\#(tags)],"logs":[],"processID":"\#(process)","#
            + #""warnings":\#(warnings)}"#
    }

    private static func process(_ service: String, _ cluster: String) -> String {
        #"{"serviceName":"\#(service)","tags":["#
            + #"{"key":"cluster","type":"string","value":"\#(cluster)"}]}"#
    }

    private static func body(_ spans: [String]) -> String {
        #"{"data":[{"traceID":"\#(id)","spans":[\#(spans.joined(separator: ","))],"#
            + #""processes":{"p1":\#(process("frontend", "east")),"#
            + #""p2":\#(process("cart", "west"))},"warnings":["cluster ap is missing"]}],"#
            + #""total":0,"limit":0,"offset":0,"errors":null}"#
    }

    private static let small = body([
        span("a1", "GET /", start: 0, duration: 100_000, process: "p1"),
        span(
            "b1", "Get", parent: "a1", start: 10_000, duration: 60_000, process: "p2",
            tags: #"{"key":"error","type":"bool","value":true},"#
                + #"{"key":"isthmus.clusters","type":"string","value":"east,west"}"#,
            warnings: #"["clock\u001b"]"#),
        span("c1", "SELECT", parent: "b1", start: 30_000, duration: 1250, process: "p2"),
    ])

    private static let aggregated =
        #"{"status":"success","data":{"traces":2,"tracesInPieces":0,"cut":true,"seconds":0.125,"#
        + #""operations":[{"service":"cart","operation":"Get","spans":4,"traces":1,"#
        + #""seconds":0.1,"meanSeconds":0.025,"share":0.8,"percentOfTraces":50,"#
        + #""secondsByCluster":{"east":0.025,"west":0.075}}],"contexts":[]},"#
        + #""warnings":["cluster ap is missing"]}"#

    /// Runs a command; gives what it asked too.
    private func run(
        _ arguments: [String], status: Int = 200, body: String = Self.small
    ) async throws -> (result: IsthmusCommand.Result, asked: [String]) {
        try await IsthmusCommand.run(
            arguments, status: status, body: body, environment: ["COLUMNS": "80"])
    }

    // MARK: One trace

    @Test func aTraceIsDrawnWithItsCriticalPath() async throws {
        let (result, asked) = try await run(["trace", "ABC"])
        #expect(
            result.output == """
                trace 00000000000000000000000000000abc  frontend GET /
                2023-11-14T22:13:20Z  100ms  3 spans  2 services  1 error  clusters east, west

                span             cluster      duration  0                   50ms           100ms
                frontend GET /   east            100ms  ████────────────────────────████████████
                  cart Get       east,west  !     60ms      ████████▐███████████████
                    cart SELECT  west           1.25ms              ▌

                warning: cluster ap is missing
                warning: cart Get: clock\\u{1b}

                """)
        #expect(result.errors == "" && result.status == 0)
        #expect(asked == ["/jaeger/api/traces/\(Self.id)?"])
    }

    @Test func aLongTraceIsFoldedAndSaysSo() async throws {
        let children = (0..<400).map {
            Self.span(
                "\(1000 + $0)", "n\($0)", parent: "a1", start: $0 * 100, duration: 90,
                process: "p2",
                tags: $0 == 350 ? #"{"key":"error","type":"bool","value":true}"# : "")
        }
        let body = Self.body(
            [Self.span("a1", "GET /", start: 0, duration: 100_000, process: "p1")] + children)
        let folded = try await run(["trace", "abc"], body: body).result.output
        #expect(folded.split(separator: "\n").count < 230)
        #expect(folded.contains(" more spans"))
        let all = try await run(["trace", "abc", "--all"], body: body).result.output
        #expect(all.contains("cart n350") && !all.contains(" more span"))
    }

    @Test func theAnswerIsGivenAsItCame() async throws {
        let (result, asked) = try await run([
            "trace", "abc", "--raw", "--json", "--clusters", "east", "--jaeger-path", "/x/",
        ])
        #expect(result.output == Self.small + "\n")
        #expect(asked == ["/x/api/traces/\(Self.id)?raw=true&clusters=east"])
    }

    @Test func aTraceThatIsNowhereIsAnError() async throws {
        let (result, _) = try await run(
            ["trace", "abc"], status: 404,
            body: #"{"data":null,"total":0,"limit":0,"offset":0,"#
                + #""errors":[{"code":404,"msg":"trace not found"}]}"#)
        #expect(result.status == 1 && result.output == "")
        #expect(result.errors == "Error: trace not found\n")
        let (page, _) = try await run(["trace", "abc"], body: "<html></html>")
        #expect(page.status == 1 && page.errors.hasPrefix("Error: the server's answer is no list"))
    }

    @Test func whatIsNoIDIsNotAskedFor() async throws {
        let (result, asked) = try await run(["trace", "xyz!"])
        #expect(result.status == 64 && asked == [])
        #expect(result.errors.contains("xyz! is no trace's id"))
    }

    // MARK: Many traces

    @Test func tracesAreSearchedAndListed() async throws {
        let (result, asked) = try await run([
            "traces", "--service", "cart", "--operation", "Get", "--tag", "a=b:c", "--tag", "d:e=f",
            "--min-duration", "5ms", "--start", "1700000000", "--end", "1700000100", "--limit", "7",
        ])
        let lines = result.output.split(separator: "\n").map {
            $0.split(separator: " ").joined(separator: " ")
        }
        #expect(
            lines == [
                "time duration root spans errors services clusters trace",
                "2023-11-14T22:13:20Z 100ms frontend GET / 3 1 2 east,west \(Self.id)",
            ])
        #expect(result.errors == "warning: cluster ap is missing\n" && result.status == 0)
        #expect(
            asked == [
                "/jaeger/api/traces?service=cart&operation=Get&limit=7&start=1700000000000000"
                    + "&end=1700000100000000&minDuration=5ms&tag=a:b:c&tag=d:e=f"
            ])
    }

    @Test func criticalPathsAreAddedUp() async throws {
        let (result, asked) = try await run(
            [
                "traces", "--service", "cart", "--critical-path", "--start", "1700000000", "--end",
                "1700000100",
            ], body: Self.aggregated)
        #expect(
            result.output == """
                service  operation  share   time  mean  spans  of traces  clusters
                cart     Get        80.0%  100ms  25ms      4      50.0%  east 25.0%, west 75.0%

                125ms on the critical paths of 2 traces (there may be more: see --limit)

                """)
        #expect(result.errors == "warning: cluster ap is missing\n")
        #expect(
            asked == [
                "/mesh/v1/critical-path?service=cart&limit=20&start=1700000000&end=1700000100"
            ])
    }

    @Test(arguments: [
        ["--service", "a", "--critical-path", "--tag", "a=b"], ["--service", "a", "--limit", "0"],
        ["--service", "a", "--tag", "=b"], [],
    ])
    func aBadSearchIsRefused(arguments: [String]) async throws {
        let (result, asked) = try await run(["traces"] + arguments)
        #expect(result.status == 64 && asked == [])
    }
}
