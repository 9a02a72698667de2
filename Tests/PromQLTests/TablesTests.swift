import PromQL
import Testing

@Suite struct TablesTests {
    @Test func everyFunctionIsThereOnceAndInOrder() {
        let names = Function.all.map(\.name)
        #expect(names == names.sorted())
        #expect(Set(names).count == names.count)
        #expect(names.count == 90)
        for name in names { #expect(Function.named(name)?.name == name) }
        #expect(Function.named("ABS") == nil)
    }

    @Test func everyRowSaysWhatItMeansInOneLine() {
        let meanings =
            Function.all.map(\.meaning) + AggregationOperator.allCases.map(\.facts.meaning)
            + BinaryOperator.allCases.map(\.facts.meaning) + Modifier.all.map(\.meaning)
        for meaning in meanings {
            #expect((3...80).contains(meaning.count), "\(meaning)")
            #expect(!meaning.contains("\n") && !meaning.hasSuffix("."), "\(meaning)")
        }
        #expect(Set(meanings).count == meanings.count)
    }

    @Test func modifiersAreWrittenAsTheirRowsSay() throws {
        for row in Modifier.all {
            let query =
                row.text.hasPrefix("x")
                ? row.text
                : row.meaning.hasPrefix("Aggregation")
                    ? "sum \(row.text) (x)"
                    : row.text.hasPrefix("group")
                        ? "x / on (c) \(row.text) y" : "x > \(row.text) y"
            #expect(throws: Never.self, "\(query)") {
                try parse(query, options: ParseOptions(experimentalFunctions: true))
            }
            #expect((try? parse(query)) == nil || !row.isExperimental, "\(query)")
        }
    }

    @Test func signaturesShowWhatMayBeLeftOutOrRepeated() {
        #expect(Function.named("rate")?.signature == "rate(matrix) vector")
        #expect(Function.named("round")?.signature == "round(vector, [scalar]) vector")
        #expect(
            Function.named("label_join")?.signature
                == "label_join(vector, string, string, [string]…) vector")
        #expect(AggregationOperator.topk.signature == "topk(scalar, vector)")
    }

    @Test func whatPrometheus314CountsAsExperimentalIsSo() {
        #expect(
            Function.all.filter(\.isExperimental).map(\.name) == [
                "double_exponential_smoothing", "end", "histogram_quantiles", "info",
                "mad_over_time", "max_of", "min_of", "range", "sort_by_label",
                "sort_by_label_desc", "start", "start_timestamp", "step",
                "ts_of_first_over_time", "ts_of_last_over_time", "ts_of_max_over_time",
                "ts_of_min_over_time",
            ])
        #expect(AggregationOperator.allCases.filter(\.isExperimental) == [.limitk, .limitRatio])
    }

    @Test func functionsThatComeOfNothingHaveNoArguments() {
        for function in Function.all where function.kind == .query || function.kind == .constant {
            #expect(function.arguments.isEmpty && function.variadic == 0, "\(function.name)")
        }
        for function in Function.all where function.variadic > 0 {
            #expect(function.arguments.count >= 1, "\(function.name)")
        }
    }

    @Test func operatorsBindAsInPrometheus() throws {
        func grouped(_ query: String) throws -> String {
            func text(_ expression: Expression) -> String {
                guard case .binary(let operation) = expression else { return expression.text() }
                return "(\(text(operation.left)) \(operation.operator.rawValue) "
                    + "\(text(operation.right)))"
            }
            return text(try parse(query))
        }
        #expect(try grouped("a or b and c") == "(a or (b and c))")
        #expect(try grouped("a and b unless c") == "((a and b) unless c)")
        #expect(try grouped("a and b == c") == "(a and (b == c))")
        #expect(try grouped("a == b </ c") == "((a == b) </ c)")
        #expect(try grouped("a < b + c") == "(a < (b + c))")
        #expect(try grouped("a - b - c * d") == "((a - b) - (c * d))")
        #expect(try grouped("a * b atan2 c ^ d ^ e") == "((a * b) atan2 (c ^ (d ^ e)))")
        #expect(try grouped("-a ^ b * c") == "(-a ^ b * c)")
    }

    @Test func everyOperatorIsOfOneKind() {
        for operation in BinaryOperator.allCases {
            let isTrimming = operation == .trimUpper || operation == .trimLower
            let kinds = [
                operation.isArithmetic, operation.isComparison, operation.isSet, isTrimming,
            ]
            #expect(kinds.filter { $0 }.count == 1, "\(operation)")
        }
    }

    @Test func aggregationsWithAParameterSayItsType() {
        let withParameter = AggregationOperator.allCases.filter(\.takesParameter)
        #expect(
            withParameter == [.topk, .bottomk, .quantile, .countValues, .limitk, .limitRatio])
        #expect(AggregationOperator.countValues.parameterType == .string)
    }
}
