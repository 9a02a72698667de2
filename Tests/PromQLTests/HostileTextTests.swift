import PromQL
import Testing

private let everything = ParseOptions(experimentalFunctions: true)

private func refusal(of query: String) -> ParseError? {
    do {
        _ = try parse(query, options: everything)
        return nil
    } catch {
        return error
    }
}

@Suite struct HostileTextTests {
    private static let many = 5_000

    private func repeated(_ text: String) -> String { String(repeating: text, count: Self.many) }

    @Test(arguments: [
        ("", "(", "1", ")", ""), ("", "-", "1", "", ""), ("", "abs(", "x", ")", ""),
        ("", "sum by (a) (", "x", ")", ""), ("", "2 ^ ", "2", "", ""),
        ("", "1 or 2 and 3 == 4 + 5 * 6 ^ ", "7", "", ""), ("x[", "(", "1", ")", "]"),
        ("x[", "-", "1", "", "]"), ("x[", "max(1, ", "1", ")", "]"), ("x[2", " ^ 2", "", "", "]"),
        ("x offset ", "-(", "1", ")", ""), ("x offset ", "- ", "1", "", ""),
    ])
    func deepNestingIsRefused(
        _ start: String, _ open: String, _ inner: String, _ close: String, _ end: String
    ) throws {
        let whole = start + repeated(open) + inner + repeated(close) + end
        #expect(try #require(refusal(of: whole)).kind == .depth)
        _ = try #require(refusal(of: start + repeated(open)))
    }

    @Test(arguments: ["1", "x"], [" + 1", " or x", "[1m:]", " ^ 2", " offset 0", " smoothed"])
    func longRowsAreRefusedOrRead(_ first: String, _ more: String) {
        let query = first + repeated(more)
        if let error = refusal(of: query) {
            #expect(!error.message.isEmpty)
        }
    }

    @Test func longRowsOfDurationsAreRefused() throws {
        let error = try #require(refusal(of: "x[1" + repeated(" + 1") + "]"))
        #expect(error.kind == .depth)
        #expect(error.message == "the expression has more than 1000 levels")
    }

    @Test func rowsThatPeopleWriteAreRead() throws {
        let query = Array(repeating: "up{job=\"api\"}", count: 900).joined(separator: " or ")
        let expression = try parse(query)
        #expect(expression.text() == query)
        #expect(expression.treeJSON.utf8.count > query.utf8.count)
    }

    @Test func longWordsAreReadOrRefused() throws {
        #expect(refusal(of: repeated("a")) == nil)
        #expect(refusal(of: repeated("9")) != nil)
        #expect(refusal(of: repeated("9") + "y")?.message == "duration out of range")
        #expect(refusal(of: "\"" + repeated("\\x41") + "\"") == nil)
        #expect(refusal(of: "x{a=\"" + repeated("b") + "\"}") == nil)
        #expect(refusal(of: "sum by (" + repeated("a,") + ") (x)") == nil)
        #expect(refusal(of: "x{" + repeated("a=\"b\",") + "}") == nil)
        #expect(refusal(of: repeated("# comment\n") + "x") == nil)
    }

    @Test(arguments: [
        "\0", "x\0", "\"\0", "'\\0'", "\"\\", "\"\\x", "\"\\xf", "\"\\u12", "\"\\UFFFFFFFF\"",
        "\"\\ud800\"", "\"\\777\"", "\"\u{fffd}\"", "`\u{fffd}`", "\u{fffd}", "x{\u{202e}}", "é",
        "x @",
        "x @ 1e300", "x @ -Inf", "x @ NaN", "x offset NaN", "x offset 1e300", "x[1e300]",
        "x[9223372037]",
        "x[1m / 0]", "x[1m % (0)]", "x[1h:", "x[1h:1m", "1e999", "0x", "0x8000000000000000",
        "fill(", "[",
        "x{", "x{a", "x{a=", "x{a=\"b", "x{a=~\"*\"}", "sum by", "sum by (", "a + on", "", " ", "#",
    ])
    func textsThatBreakOffOrOverflowAreRefused(_ query: String) throws {
        let error = try #require(refusal(of: query))
        #expect(!error.message.isEmpty)
        #expect(error.source.lowerBound <= query.utf8.count)
    }

    @Test func noiseNeverTraps() {
        let seed: UInt64 = 7
        var generator = QueryGenerator(seed: seed)
        for _ in 0..<5000 {
            let noise = generator.noise()
            if let expression = try? parse(noise, options: everything) {
                let line = expression.text()
                #expect(
                    (try? parse(line, options: everything)) == expression,
                    "seed \(seed): \(noise) becomes \(line)")
            }
            _ = try? parseSelector(noise)
        }
    }

    @Test func everyCutOfALongQueryIsReadOrRefused() {
        var generator = QueryGenerator(seed: 11)
        for _ in 0..<50 {
            let query = Array(generator.vector().unicodeScalars)
            for length in query.indices {
                var cut = String.UnicodeScalarView()
                cut.append(contentsOf: query[..<length])
                _ = refusal(of: String(cut))
            }
        }
    }

    @Test func theKindOfAMistakeSaysWhereItWasMet() {
        #expect(refusal(of: "a $")?.kind == .characters)
        #expect(refusal(of: "a b")?.kind == .grammar)
        #expect(refusal(of: "rate(a)")?.kind == .types)
        #expect(refusal(of: repeated("("))?.kind == .depth)
    }
}
