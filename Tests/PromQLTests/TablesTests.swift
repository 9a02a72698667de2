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
