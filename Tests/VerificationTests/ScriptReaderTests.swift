import PromQL
import Testing
import TimeSeries
import Verification

/// The test language: what scripts mean, and what is no script.
@Suite struct ScriptReaderTests {
    // MARK: Samples

    /// The value of the only series at each minute, as text.
    private func loaded(_ points: String) throws -> [String] {
        let script = try PromQLScript(
            "load 1m\n  x \(points)\n\neval range from 0 to 6m step 1m x\n")
        var result: [String] = []
        var run = ScriptRun(
            script,
            proving: .expectations { store in
                Engine { _, times in
                    let texts = store.series.map { series in
                        zip(series.times, series.values).map { time, value in
                            let text =
                                Absent.isAbsent(value) ? "stale" : NumberText.literal(value)
                            return "\(text)@\(time / 60_000)"
                        }.joined(separator: " ")
                    }
                    return .failure(
                        EngineFailure(kind: .evaluation, text: texts.joined(separator: "; ")))
                }
            })
        while let one = run.next() {
            let difference = try #require(one.difference)
            result.append(String(difference.dropFirst("fails: ".count)))
        }
        return result
    }

    @Test(arguments: [
        ("1 2 3", "1@0 2@1 3@2"),
        ("1+2x3", "1@0 3@1 5@2 7@3"),
        ("10-3x2", "10@0 7@1 4@2"),
        ("-1-1x2", "-1@0 -2@1 -3@2"),
        ("-2+4x1", "-2@0 2@1"),
        ("5x2", "5@0 5@1 5@2"),
        ("1x0", "1@0"),
        ("_ 1 _x2 2", "1@1 2@4"),
        ("1 stale 2", "1@0 stale@1 2@2"),
        ("1e3 -1.5e-1 .5", "1000@0 -0.15@1 0.5@2"),
        ("Inf -Inf +inf NaN nan", "+Inf@0 -Inf@1 +Inf@2 NaN@3 NaN@4"),
        ("1e2+1e1x1", "100@0 110@1"),
        ("0.5+.25x2", "0.5@0 0.75@1 1@2"),
        ("010 1_000", "8@0 1000@1"),
        ("0x3", "0@0 0@1 0@2 0@3"),
        ("", ""),
    ])
    func pointsExpand(_ points: String, _ expected: String) throws {
        #expect(try loaded(points) == [expected])
    }

    @Test func loadsAddUpUntilTheyAreCleared() throws {
        let script = try PromQLScript(
            """
            load 1m
              x 1
              x{a="b"} 2

            load 30s
              y 3 4

            eval instant at 1m count({__name__=~"x|y"})
              {} 3

            clear

            eval instant at 1m count({__name__=~"x|y"})

            """)
        var run = ScriptRun(script, proving: .expectations { .whole($0) })
        var differences: [String?] = []
        while let one = run.next() { differences.append(one.difference) }
        #expect(differences == [nil, nil])
    }

    // MARK: Expectations

    /// What differs for the only query of a script with one series `x` of 5.
    private func difference(_ expectations: String, of query: String = "x") throws -> String? {
        let script = try PromQLScript(
            "load 1m\n  x 5\n\neval instant at 0 \(query)\n\(expectations)\n")
        var run = ScriptRun(script, proving: .expectations { .whole($0) })
        let next = run.next()
        return try #require(next).difference
    }

    @Test(arguments: [
        ("x 5", "x"), ("  x{} 5.0000001", "x"), ("\tx 5", "x"), ("{__name__=\"x\"} 5", "x"),
        ("{\"x\"} 5", "x"), ("{} 10", "x * 2"), ("3", "1 + 2"), ("0x10", "16"),
        ("expect string \"a\\n\"", "\"a\\n\""), ("expect string `a`", "'a'"),
        ("expect fail", "topk(NaN, x)"),
        ("expect fail msg: Parameter value is NaN", "topk(NaN, x)"),
        ("expect fail regex: value .s NaN", "topk(NaN, x)"),
        ("expect no_warn\nexpect no_info\nx 5", "x"),
        (
            "expect warn msg: PromQL warning: quantile value should be between 0 and 1, got 2 "
                + "(1:10)\n{} Inf", "quantile(2, x)"
        ),
        ("expect warn regex: quantile value\n{} Inf", "quantile(2, x)"),
        ("expect warn\n{} Inf", "quantile(2, x)"),
        ("expect range vector from 0 to 0 step 1m\nx 5", "x[1m]"),
        ("expect ordered\nx 5", "x"),
    ])
    func whatIsExpectedIsFound(_ expectations: String, _ query: String) throws {
        #expect(try difference(expectations, of: query) == nil)
    }

    @Test(arguments: [
        ("x 6", "x"), ("y 5", "x"), ("", "x"), ("x 5\ny 5", "x"), ("{} 5", "x"),
        ("4", "1 + 2"), ("x 3", "1 + 2"), ("expect string \"b\"", "\"a\""),
        ("expect fail", "x"), ("x 5", "topk(NaN, x)"),
        ("expect fail msg: value is NaN", "topk(NaN, x)"),
        ("expect fail regex: value is 3", "topk(NaN, x)"),
        ("expect no_warn\n{} Inf", "quantile(2, x)"),
        ("expect warn msg: something else\n{} Inf", "quantile(2, x)"),
        ("expect warn\nx 5", "x"), ("expect info\nx 5", "x"),
        ("expect range vector from 0 to 0 step 1m\nx 6", "x[1m]"),
        ("x 5", "x[1m]"),
    ])
    func whatDiffersIsTold(_ expectations: String, _ query: String) throws {
        #expect(try difference(expectations, of: query) != nil)
    }

    @Test func olderFormsAreUnderstood() throws {
        let script = try PromQLScript(
            """
            load 1m
              x{a="2"} 5
              x{a="1"} 6

            eval_fail instant at 0 topk(NaN, x)
              expected_fail_message Parameter value is NaN

            eval_fail instant at 0 topk(NaN, x)
              expected_fail_regexp Para.*NaN

            eval_warn instant at 0 quantile(2, x)
              {} Inf

            eval_ordered instant at 0 sort(x)
              x{a="2"} 5
              x{a="1"} 6

            eval_info range from 0 to 1m step 1m rate(x[1m])

            """)
        var run = ScriptRun(script, proving: .expectations { .whole($0) })
        var differences: [String?] = []
        while let one = run.next() { differences.append(one.difference) }
        #expect(Array(differences.dropLast()) == [nil, nil, nil, nil])
        #expect(differences.last == "no info")
    }

    @Test func aFilterLeavesOutQueriesAndNotSamples() throws {
        let script = try PromQLScript(
            "load 1m\n  x 5\n\neval instant at 0 x\n  x 5\n\neval instant at 0 x * 2\n  {} 10\n")
        var run = ScriptRun(script, proving: .expectations { .whole($0) }, filter: "*")
        let next = run.next()
        let only = try #require(next)
        #expect(only.line == 7)
        #expect(only.difference == nil)
        let last = run.next()
        #expect(last?.line == nil)
    }

    // MARK: What is no script

    @Test(arguments: [
        ("lod 1m", 1), ("load", 1), ("load 5", 1), ("load 1m1h", 1), ("load -1m", 1),
        ("load 1m\n  x 1 b", 2), ("load 1m\n  x 1+2", 2), ("load 1m\n  x{a=1} 1", 2),
        ("load 1m\n  x{a=\"1\" 1", 2), ("load 1m\n\n  x 1", 3), ("load 1m\n# ends\n  x 1", 3),
        ("load 1m\n  x 1x99999999999", 2), ("load 1m\n  1 2", 2), ("load 1m\n  x 1y3", 2),
        ("load 1m\n  x _x", 2), ("load 1m\n  x --1", 2), ("load 1m\n  x{\"a} 1", 2),
        ("eval x", 1), ("eval instant x", 1), ("eval instant at x", 1), ("eval instant at 1m", 1),
        ("eval range from 0 to 1m x", 1), ("eval range from 1m to 0 step 1m x", 1),
        ("eval_ordered range from 0 to 1m step 1m x", 1), ("eval_odd instant at 0 x", 1),
        ("eval instant at 0 x\n  x 1 2", 2), ("eval instant at 0 x\n  expect luck", 2),
        ("eval instant at 0 x\n  expect fail msg", 2),
        ("eval instant at 0 x\n  expect fail\n  expect fail", 3),
        ("eval instant at 0 x\n  expect warn regex: (", 2),
        ("eval instant at 0 x\n  expect warn\n  expect no_warn", 3),
        ("eval instant at 0 x\n  expect range vector from 1m to 0 step 1m", 2),
        ("eval instant at 0 x\n  expect string a", 2),
        ("load 1m\n  x@st 0s 0s\n  x 1", 3), ("load 1m\n  x@st 0s", 2),
        ("load 1m\n  @st -1\n  x 1", 2), ("load 1m\n  x {{count:}}", 2),
        ("load 1m\n  x {{count:1}", 2),
    ])
    func aMistakeIsFoundAtItsLine(_ text: String, _ line: Int) {
        let error = #expect(throws: ScriptError.self) { try PromQLScript(text) }
        #expect(error?.line == line)
    }
}
