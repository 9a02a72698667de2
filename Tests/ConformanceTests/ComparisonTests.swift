import Foundation
import TestSupport
import Testing

/// The comparison itself: what it must not let pass.
@Suite("The comparison of answers")
struct ComparisonTests {
    private static let start =
        #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"1"},"values":"#
    private static let good = start + #"[[10,"1.5"],[20.5,"NaN"],[30,"+Inf"]]}]}}"#

    private func differences(_ text: String, to other: String, exactly: Bool = false) throws
        -> [String]
    {
        var comparison = AnswerComparison()
        comparison.isExact = exactly
        return comparison.differences(gateway: try answer(text), union: try answer(other))
    }

    private func answer(_ text: String, status: Int = 200) throws -> QueryAnswer {
        try QueryAnswer(HTTPAnswer(status: status, headers: [], body: Data(text.utf8)))
    }

    @Test(arguments: [
        ("[[10,\"1.5\"],[20.5,\"NaN\"],[30,\"+Inf\"]]}]}}", true),
        ("[[10,\"1.5000000000001\"],[20.5,\"NaN\"],[30,\"+Inf\"]]}]}}", true),
        ("[[10,\"1.50001\"],[20.5,\"NaN\"],[30,\"+Inf\"]]}]}}", false),
        ("[[10,\"1.5\"],[20.5,\"1\"],[30,\"+Inf\"]]}]}}", false),
        ("[[10,\"1.5\"],[20.5,\"NaN\"],[30,\"-Inf\"]]}]}}", false),
        ("[[10,\"1.5\"],[20.5,\"NaN\"],[30,\"1\"]]}]}}", false),
        ("[[10,\"1.5\"],[20.501,\"NaN\"],[30,\"+Inf\"]]}]}}", false),
        ("[[10,\"1.5\"],[20.5,\"NaN\"]]}]}}", false),
    ])
    func pointsAgreeInTimeAndNearlyInValue(_ points: String, _ same: Bool) throws {
        #expect(try differences(Self.start + points, to: Self.good).isEmpty == same)
    }

    @Test func aSeriesTooManyOrTooFewOrTwiceIsSeen() throws {
        let none = #"{"status":"success","data":{"resultType":"matrix","result":[]}}"#
        #expect(try !differences(none, to: Self.good).isEmpty)
        #expect(try !differences(Self.good, to: none).isEmpty)
        let one = #"{"metric":{"a":"1"},"values":[[10,"1"]]}"#
        let head = #"{"status":"success","data":{"resultType":"matrix","result":["#
        #expect(try !differences("\(head)\(one),\(one)]}}", to: "\(head)\(one)]}}").isEmpty)
    }

    @Test func anotherTextOfTheSameValueIsSeenWhereTextCounts() throws {
        let other = Self.good.replacingOccurrences(of: "1.5", with: "1.50")
        #expect(try differences(other, to: Self.good).isEmpty)
        #expect(try !differences(other, to: Self.good, exactly: true).isEmpty)
        let warned = Self.good.dropLast() + #","warnings":["one"]}"#
        #expect(try differences(String(warned), to: Self.good, exactly: true).isEmpty)
    }

    @Test func errorsAgreeInStatusAndType() throws {
        let error = try answer(
            #"{"status":"error","errorType":"execution","error":"a"}"#, status: 422)
        let other = try answer(
            #"{"status":"error","errorType":"bad_data","error":"a"}"#, status: 400)
        let comparison = AnswerComparison()
        #expect(comparison.differences(gateway: error, union: error).isEmpty)
        #expect(!comparison.differences(gateway: error, union: other).isEmpty)
        #expect(!comparison.differences(gateway: error, union: try answer(Self.good)).isEmpty)
    }
}
