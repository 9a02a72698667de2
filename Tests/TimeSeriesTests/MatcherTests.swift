import Testing
import TimeSeries

struct MatcherTests {
    private let labels: Labels = ["__name__": "up", "job": "api", "code": "503"]

    @Test(arguments: [
        ("job", Matcher.Operator.equal, "api", true), ("job", .equal, "", false),
        ("job", .notEqual, "api", false), ("job", .notEqual, "", true),
        ("job", .matches, "a.*|b", true), ("job", .matches, "a", false),
        ("job", .matches, "", false),
        ("job", .notMatches, "a.*", false), ("job", .notMatches, "a", true),
        ("job", .notMatches, "", true),
        ("code", .matches, "5..", true),
        ("none", .equal, "", true), ("none", .equal, "x", false), ("none", .notEqual, "", false),
        ("none", .notEqual, "x", true), ("none", .matches, "", true),
        ("none", .matches, ".*", true),
        ("none", .matches, ".+", false), ("none", .notMatches, "", false),
        ("none", .notMatches, ".+", true),
        ("none", .notMatches, "x|", false), ("__name__", .equal, "up", true),
    ])
    func anAbsentLabelCountsAsEmpty(
        _ name: String, _ operator: Matcher.Operator, _ value: String, _ isMatch: Bool
    ) throws {
        let matcher = try Matcher(name, `operator`, value)
        #expect(matcher.matches(labels) == isMatch)
        #expect(matcher.matches(labels[name] ?? "") == isMatch)
        if name == "none" { #expect(matcher.matchesEmpty == isMatch) }
    }

    @Test func onlyTheTextsDecideWhetherMatchersAreEqual() throws {
        #expect(try Matcher("a", .matches, "x+") == Matcher("a", .matches, "x+"))
        #expect(try Matcher("a", .matches, "x") != Matcher("a", .notMatches, "x"))
        #expect(try Matcher("a", .equal, "x") == Matcher("a", equal: "x"))
        #expect(try Matcher("b", .equal, "x") != Matcher("a", equal: "x"))
    }

    @Test func aPatternThatIsNoneIsRefusedWhereOneIsWanted() throws {
        #expect(throws: Pattern.Failure.self) { try Matcher("a", .matches, "(") }
        #expect(throws: Pattern.Failure.self) { try Matcher("a", .notMatches, "(") }
        #expect(try Matcher("a", .equal, "(").matches("("))
    }
}
