import PromQL
import Testing

@Suite struct ResolutionTests {
    private func resolved(_ query: String, step: Int64 = 15_000) throws -> String {
        let times = QueryTimes(
            start: 1_000_000, end: 1_600_000, step: step, defaultSubqueryStep: 60_000)
        return try parse(query, options: ParseOptions(experimentalFunctions: true))
            .resolved(in: times).text()
    }

    @Test func durationsBecomeLiterals() throws {
        #expect(try resolved("rate(x[step() * 4])") == "rate(x[1m])")
        #expect(try resolved("x offset (range() / 2)") == "x offset 5m")
        #expect(try resolved("rate(x[max_of(step(), 1m)])") == "rate(x[1m])")
        #expect(try resolved("rate(x[300])") == "rate(x[5m])")
    }

    @Test func timesOfTheQueryBecomeLiterals() throws {
        #expect(try resolved("x @ start()") == "x @ 1000.000")
        #expect(try resolved("x @ end() - start()") == "x @ 1600.000 - 1000")
        #expect(try resolved("range() / step()") == "600 / 15")
    }

    @Test func subqueriesGetTheDefaultStepAndMeanTheOuterQuery() throws {
        #expect(
            try resolved("max_over_time(vector(step())[5m:])")
                == "max_over_time(vector(15)[5m:1m])")
    }

    @Test func durationsThatAreNotPositiveAreRefused() throws {
        #expect(throws: ResolutionError.self) { try resolved("rate(x[1m - 1m])") }
        #expect(throws: ResolutionError.self) { try resolved("rate(x[1m / (step() - 15)])") }
        #expect(throws: ResolutionError.self) { try resolved("rate(x[step()])", step: 0) }
    }

    @Test(arguments: [
        ("rate(x[1m - 1m])", "7:14: duration must be greater than 0"),
        ("x[step() - 15]", "2:13: duration must be greater than 0"),
        ("max_over_time(x[5m:-step()])", "19:26: duration must be greater than 0"),
        ("x[(step()) * 0]", "3:14: duration must be greater than 0"),
        ("rate(x[1m / (step() - 15)])", "7:24: division by zero"),
        ("x[5m + 1m % (step() - 15)]", "7:24: modulo by zero"),
        ("x offset (1m / (range() - 600))", "10:29: division by zero"),
        ("x[10 ^ 100 + 1]", "2:14: duration is out of range"),
        ("x[max_of(step(), 1) - 1m]", "9:24: duration must be greater than 0"),
        ("x[min_of(step() - 1m, 5m)]", "9:24: duration must be greater than 0"),
    ])
    func mistakesAreToldWithTheirPlaceInBytes(_ query: String, _ message: String) {
        let error = #expect(throws: ResolutionError.self) { try resolved(query) }
        #expect(error?.description == message)
    }

    @Test func whatIsLeftOverOfAMillisecondDoesNotCount() throws {
        #expect(try resolved("x[1.0019 * 1]") == "x[1s1ms]")
        #expect(try resolved("x[0.1 + 0.2]") == "x[300ms]")
        #expect(try resolved("x offset (0 - 1.0019)") == "x offset -1s1ms")
        #expect(try resolved("x[1.0019]") == "x[1s1ms]")
        #expect(try resolved("x[1.1]") == "x[1s100ms]")
        #expect(throws: ResolutionError.self) { try resolved("x[step() / 100000]") }
    }

    @Test func arithmeticOfDurationsIsThatOfNumbers() throws {
        #expect(try resolved("x[2 ^ 3 ^ 2 - 500]") == "x[12s]")
        #expect(try resolved("x[4 ^ 0.5]") == "x[2s]")
        #expect(try resolved("x[2 ^ -1]") == "x[500ms]")
        #expect(try resolved("x[7m % 4m]") == "x[3m]")
        #expect(try resolved("x[-(1m - 3m) * 2]") == "x[4m]")
        #expect(try resolved("x offset -min_of(1m, step())") == "x offset -15s")
        #expect(throws: ResolutionError.self) { try resolved("x[(-1 + 0.5) ^ 0.5]") }
        #expect(throws: ResolutionError.self) { try resolved("x[10 ^ 100 + 1]") }
    }

    @Test func aNegativeLiteralInPlaceOfACallKeepsItsSign() throws {
        let times = QueryTimes(start: -2000, end: -1000, step: 0, defaultSubqueryStep: 60_000)
        let query = try parse("start() ^ 2", options: ParseOptions(experimentalFunctions: true))
        #expect(try query.resolved(in: times).text() == "(-2) ^ 2")
    }
}
