import Foundation
import TestSupport
import Testing

/// `isthmus query` and `isthmus clusters`, against a server that answers as it is told to.
@Suite struct QueryCommandTests {
    // MARK: Tables

    @Test func aVectorIsATableWithAColumnForEachLabel() async throws {
        let result = try await query(
            vector(
                #"{"metric":{"__name__":"up","job":"api","zone":"a"},"value":[100,"1"]}"#,
                #"{"metric":{"__name__":"up","job":"worker"},"value":[100,"12.5"]}"#))
        #expect(
            result.output == """
                metric  job     zone  value
                up      api     a         1
                up      worker         12.5

                """)
        #expect(result.errors.isEmpty)
        #expect(result.status == 0)
    }

    @Test func aTableThatIsTooWideHasAColumnForTheSeries() async throws {
        let result = try await query(
            vector(#"{"metric":{"__name__":"up","instance":"a:1"},"value":[100,"1"]}"#),
            environment: ["COLUMNS": "15"])
        #expect(
            result.output == """
                value  series
                    1  up{instance="a:1"}

                """)
    }

    @Test func theOrderIsTheAnswers() async throws {
        let result = try await query(
            vector(
                #"{"metric":{"a":"2"},"value":[100,"2"]}"#,
                #"{"metric":{"a":"1"},"value":[100,"1"]}"#))
        #expect(result.output == "a  value\n2      2\n1      1\n")
    }

    @Test func scalarsAndStringsArePrintedAlone() async throws {
        let scalar = try await query(success(#"{"resultType":"scalar","result":[100,"0.5"]}"#))
        #expect(scalar.output == "0.5\n")
        let text = try await query(success(#"{"resultType":"string","result":[100,"a\u001bb"]}"#))
        #expect(text.output == "a\\u{1b}b\n")
    }

    @Test func anEmptyAnswerSaysSo() async throws {
        let result = try await query(vector())
        #expect(result.output == "no series\n")
        #expect(result.status == 0)
    }

    @Test func aRangeSelectorsSamplesStandBelowEachOther() async throws {
        let result = try await query(
            success(
                #"{"resultType":"matrix","result":[{"metric":{"a":"1"},"#
                    + #""values":[[99.5,"1"],[100,"2"]]},{"metric":{"a":"2"},"values":[[99,"3"]]}]}"#
            ))
        #expect(
            result.output == """
                {a="1"}
                  time                    value
                  1970-01-01T00:01:39.5Z      1
                  1970-01-01T00:01:40Z        2

                {a="2"}
                  time                  value
                  1970-01-01T00:01:39Z      3

                """)
    }

    @Test func aNativeHistogramIsPrintedWithItsBuckets() async throws {
        let result = try await query(
            vector(
                #"{"metric":{},"histogram":[100,{"count":"3","sum":"1.5","#
                    + #""buckets":[[3,"-1","1","1"],[0,"1","2","2"]]}]}"#))
        let histogram = "{count:3, sum:1.5, [-1,1]:1, (1,2]:2}"
        let title = String(repeating: " ", count: histogram.count - 5) + "value"
        #expect(result.output == "\(title)\n\(histogram)\n")
    }

    @Test func aRangeCanBeATable() async throws {
        let result = try await query(
            Self.twoLines, ["--start", "100", "--end", "130", "--step", "10", "--output", "table"])
        #expect(
            result.output == """
                load
                time                  {job="a"}  {job="b"}
                1970-01-01T00:01:40Z          0
                1970-01-01T00:01:50Z          1          4
                1970-01-01T00:02:00Z          2          4
                1970-01-01T00:02:10Z          3          4

                """)
    }

    @Test func jsonIsAsTheServerSentIt() async throws {
        let body = vector(#"{"metric":{"a":"1"},"value":[100,"1"]}"#)
        let result = try await query(body, ["--output", "json"])
        #expect(result.output == body + "\n")
    }

    // MARK: Plots

    private static let twoLines = success(
        #"{"resultType":"matrix","result":["#
            + #"{"metric":{"__name__":"load","job":"a"},"values":[[100,"0"],[110,"1"],[120,"2"],"#
            + #"[130,"3"]]},"#
            + #"{"metric":{"__name__":"load","job":"b"},"values":[[110,"4"],[120,"4"],[130,"4"]]}]}"#
    )

    private static let range = ["--start", "100", "--end", "130", "--step", "10"]

    @Test func aRangeIsAPlotInWhichLinesHaveLetters() async throws {
        let result = try await query(
            Self.twoLines, Self.range, environment: ["COLUMNS": "40", "LINES": "14"])
        #expect(
            result.output == """
                load
                4 ┤            bbbbbbbbbbbbbbbbbbbbbbbbb
                  │                                 aaaa
                  │                         aaaaaaaaa
                2 ┤                aaaaaaaaaa
                  │       aaaaaaaaa
                0 ┤aaaaaaa
                  └──────┬─────────────────┬────────────
                     00:01:45          00:02:00
                  a {job="a"}
                  b {job="b"}
                  1970-01-01T00:01:40Z to 1970-01-01T00:02:10Z, step 10s, UTC

                """)
    }

    @Test func aSingleLineIsDrawnWithDots() async throws {
        let result = try await query(
            success(
                #"{"resultType":"matrix","result":[{"metric":{"a":"1"},"#
                    + #""values":[[100,"1"],[110,"1"],[130,"2"]]}]}"#), Self.range,
            environment: ["COLUMNS": "30", "LINES": "14"])
        #expect(result.output.contains("⠤") || result.output.contains("⣀"))
        #expect(!result.output.contains("\u{1b}"))
        #expect(result.output.contains("■ {a=\"1\"}"))
    }

    @Test func valuesThatCannotBeDrawnAreLeftOut() async throws {
        let result = try await query(
            success(
                #"{"resultType":"matrix","result":[{"metric":{},"#
                    + #""values":[[100,"NaN"],[110,"+Inf"],[130,"-Inf"]]}]}"#), Self.range)
        #expect(result.output == "no values to draw\n")
    }

    @Test(arguments: [
        ["0", "0"], ["1e300", "-1e300"], ["1.7976931348623157e+308", "-1.7976931348623157e+308"],
        ["5e-324", "0"], ["1e-12", "2e-12"], ["123456789", "123456790"],
    ])
    func anyFiniteValuesCanBeDrawn(_ values: [String]) async throws {
        let result = try await query(
            success(
                #"{"resultType":"matrix","result":[{"metric":{},"values":[[100,"\#(values[0])"],"#
                    + #"[110,"\#(values[1])"]]}]}"#), Self.range)
        #expect(result.status == 0)
        #expect(result.output.contains("┤"))
    }

    @Test func aVectorCanBeDrawnAsBars() async throws {
        let result = try await query(
            vector(
                #"{"metric":{"a":"1"},"value":[100,"4"]}"#,
                #"{"metric":{"a":"2"},"value":[100,"1"]}"#,
                #"{"metric":{"a":"3"},"value":[100,"-2"]}"#), ["--output", "graph"],
            environment: ["COLUMNS": "30"])
        #expect(
            result.output == """
                {a="1"}   4  █████████████████
                {a="2"}   1  ████▎
                {a="3"}  -2  ░░░░░░░░░

                """)
    }

    // MARK: What goes wrong

    @Test func warningsGoToTheOtherStream() async throws {
        let result = try await query(
            #"{"status":"success","data":{"resultType":"vector","result":[]},"#
                + #""warnings":["cluster \u001bx is missing"],"infos":["look"]}"#)
        #expect(result.output == "no series\n")
        #expect(result.errors == "warning: cluster \\u{1b}x is missing\ninfo: look\n")
        #expect(result.status == 0)
    }

    @Test(arguments: [400, 422, 503])
    func theServersErrorIsSaidInItsOwnWords(_ status: Int) async throws {
        let result = try await query(
            #"{"status":"error","errorType":"bad_data","error":"1:4: parse error"}"#,
            status: status)
        #expect(result.errors == "Error: bad_data: 1:4: parse error\n")
        #expect(result.output.isEmpty)
        #expect(result.status == 1)
    }

    @Test func aPageIsNoAnswer() async throws {
        let page = try await query("<html>login</html>")
        #expect(page.status == 1)
        #expect(page.errors.contains("login page"))
        let missing = try await query("not\nhere", status: 404)
        #expect(missing.errors == "Error: the server answered with HTTP status 404: not here\n")
    }

    @Test func aServerThatIsNotThereIsNamed() async throws {
        let result = try await IsthmusCommand.run([
            "query", "up", "--server", "http://127.0.0.1:\(try Loopback.freePort())",
        ])
        #expect(result.status == 1)
        #expect(result.errors.contains("cannot be reached"))
    }

    @Test(arguments: [
        ["up", "--end", "now"], ["up", "--step", "5"], ["up", "--start", "-1h", "--time", "now"],
        ["up", "--start", "nonsense"], ["up", "--step", "-5s", "--start", "-1h"],
        ["up", "--server", "localhost"], ["up", "--output", "picture"], [],
    ])
    func argumentsThatMakeNoSenseAreRefused(_ arguments: [String]) async throws {
        let result = try await IsthmusCommand.run(["query"] + arguments)
        #expect(result.status == 64)
        #expect(result.errors.hasPrefix("Error: "))
    }

    // MARK: What is asked

    @Test func theQuestionIsPutAsPrometheusWantsIt() async throws {
        let seen = Mailbox()
        let server = try ScriptedServer { request in
            seen.put("\(request.method) \(request.path) \(request.form)")
            return .answer(
                status: 200, type: "application/json",
                body: Self.success(#"{"resultType":"matrix","result":[]}"#))
        }
        defer { server.end() }
        _ = try await IsthmusCommand.run([
            "query", "--server", server.address + "/prefix", "--start", "2015-07-01T20:10:51Z",
            "--end", "1435781461.5", "--step", "1m30s", "--timeout", "9s", "--", "-up",
        ])
        #expect(
            seen.all == [
                "POST /prefix/api/v1/query_range &query=-up&timeout=9&start=1435781451"
                    + "&end=1435781461.500&step=90"
            ])
    }

    @Test func theClustersAreATable() async throws {
        let body = Self.success(
            #"[{"name":"eu","externalLabels":{"cluster":"eu","region":"e"},"reachable":true,"#
                + #""version":"3.1.0","latencySeconds":0.00123,"series":1200,"#
                + #""dataStart":"2026-01-01T00:00:00.5Z","dataEnd":null,"probedAt":null,"#
                + #""lastError":null,"urls":["http://a"]},"#
                + #"{"name":"us","externalLabels":{"cluster":"us"},"reachable":false,"#
                + #""version":null,"latencySeconds":null,"series":null,"dataStart":null,"#
                + #""dataEnd":null,"probedAt":null,"lastError":"gone","urls":[]},"#
                + #"{"name":"new","externalLabels":{},"reachable":null}]"#)
        let server = try ScriptedServer { _ in
            .answer(status: 200, type: "application/json", body: body)
        }
        defer { server.end() }
        let result = try await IsthmusCommand.run(["clusters", "--server", server.address])
        let lines = result.output.split(separator: "\n").map {
            $0.split(separator: " ").joined(separator: " ")
        }
        #expect(
            lines == [
                "cluster reachable version latency series external labels data error",
                "eu yes 3.1.0 1.2 ms 1200 region=e since 2026-01-01T00:00:00Z", "us no gone",
                "new not asked yet",
            ])
        #expect(result.status == 0)
    }

    @Test func theClustersJaegersAreTold() async throws {
        let body = Self.success(
            #"[{"name":"eu","externalLabels":{},"reachable":true,"urls":[],"#
                + #""jaeger":{"url":"http://j","generation":"v1"}},"#
                + #"{"name":"us","externalLabels":{},"reachable":true,"urls":[],"#
                + #""jaeger":{"url":"http://k","generation":null}}]"#)
        let server = try ScriptedServer { _ in
            .answer(status: 200, type: "application/json", body: body)
        }
        defer { server.end() }
        let result = try await IsthmusCommand.run(["clusters", "--server", server.address])
        let lines = result.output.split(separator: "\n").map {
            $0.split(separator: " ").joined(separator: " ")
        }
        #expect(lines.first?.hasSuffix("error jaeger") == true)
        #expect(lines.dropFirst() == ["eu yes http://j v1", "us yes http://k (not asked yet)"])
    }

    @Test func theClustersControlPlanesAreTold() async throws {
        let body = Self.success(
            #"[{"name":"eu","reachable":true,"version":"3.1.0","controlPlane":{"#
                + #""state":"degraded","because":["istiod: x"],"components":2,"issues":1,"#
                + #""expiring":2}},{"name":"us","reachable":true,"controlPlane":{"#
                + #""state":"unknown","because":[],"components":0,"issues":0,"expiring":0}}]"#)
        let server = try ScriptedServer { _ in
            .answer(status: 200, type: "application/json", body: body)
        }
        defer { server.end() }
        let result = try await IsthmusCommand.run(["clusters", "--server", server.address])
        let lines = result.output.split(separator: "\n").map {
            $0.split(separator: " ").joined(separator: " ")
        }
        #expect(
            lines == [
                "cluster reachable control plane version latency series external labels data error",
                "eu yes degraded, 1 issue, 2 certificates 3.1.0", "us yes -",
            ])
        #expect(result.status == 0)
    }

    // MARK: Pieces

    /// Asks a server that answers this for `expr`, at the hundredth second.
    private func query(
        _ body: String, _ arguments: [String]? = nil, status: Int = 200,
        environment: [String: String] = [:]
    ) async throws -> IsthmusCommand.Result {
        let server = try ScriptedServer { _ in
            .answer(status: status, type: "application/json", body: body)
        }
        defer { server.end() }
        var arguments = arguments ?? []
        if !arguments.contains("--start") { arguments += ["--time", "100"] }
        return try await IsthmusCommand.run(
            ["query", "expr", "--server", server.address] + arguments, environment: environment)
    }

    private func vector(_ series: String...) -> String {
        success(#"{"resultType":"vector","result":[\#(series.joined(separator: ","))]}"#)
    }

    private func success(_ data: String) -> String { Self.success(data) }

    private static func success(_ data: String) -> String {
        #"{"status":"success","data":\#(data)}"#
    }
}
