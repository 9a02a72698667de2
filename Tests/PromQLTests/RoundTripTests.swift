import PromQL
import Testing

private let everything = ParseOptions(experimentalFunctions: true)

@Suite struct RoundTripTests {
    private static let seed: UInt64 = 20_250_701

    @Test func whatIsPrintedReadsTheSame() throws {
        var generator = QueryGenerator(seed: Self.seed)
        var read = 0
        for index in 0..<2000 {
            let query = generator.vector()
            guard let expression = try? parse(query, options: everything) else { continue }
            read += 1
            let place: Comment = "query \(index) of seed \(Self.seed): \(query)"
            let line = expression.text()
            #expect(try parse(line, options: everything) == expression, place)
            #expect(try parse(line, options: everything).text() == line, place)
            #expect(try parse(expression.prettyPrinted, options: everything) == expression, place)
        }
        // A generator whose queries are refused proves nothing.
        #expect(read > 1500, "\(read) of 2000 queries of seed \(Self.seed) are queries")
    }

    @Test func printedLinesAreShortWhereTheyCanBe() throws {
        let sum = "sum by (cluster, destination_service) (rate(istio_requests_total[5m]))"
        let query = try parse("\(sum) / \(sum) > 0.5")
        #expect(
            query.prettyPrinted == """
                    \(sum)
                  /
                    \(sum)
                >
                  0.5
                """)
    }

    @Test func childrenAreReplacedInPlace() throws {
        let query = try parse("topk(2, a) + -(b)")
        let renamed = query.mapChildren { child in
            child.type == .vector ? .parenthesized(Parenthesized(child)) : child
        }
        #expect(renamed.text() == "(topk(2, a)) + (-(b))")
        #expect(query.children.map { $0.text() } == ["topk(2, a)", "-(b)"])
    }

    @Test func functionsAreRenamedInPrint() throws {
        let query = try parse("double_exponential_smoothing(x[5m], 0.5, 0.5)", options: everything)
        let names = ["double_exponential_smoothing": "holt_winters"]
        #expect(query.text(functionNames: names) == "holt_winters(x[5m], 0.5, 0.5)")
    }
}
