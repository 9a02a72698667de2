import Testing
import TimeSeries

struct PatternTests {
    @Test(arguments: [
        ("", "", true), ("", "a", false), ("a", "a", true), ("a", "ab", false), ("a", "ba", false),
        ("a|b", "b", true), ("a|bc", "ac", false), (".*", "", true), (".+", "", false),
        (".*", "a\nb", true), ("5..", "503", true), ("(?i)EU", "eu", true),
        ("eu-\\d+", "eu-12", true),
        ("é.", "é😀", true), ("[^a]", "\n", true), ("\\Qa.b\\E", "a.b", true), ("(?s).", "\n", true),
    ])
    func thePatternMatchesTheWholeText(_ pattern: String, _ text: String, _ isMatch: Bool) throws {
        #expect(try Pattern(pattern).matches(text) == isMatch)
    }

    @Test(arguments: [
        ("(", "missing closing )", "("), ("a)", "unexpected )", "a)"),
        ("[a", "missing closing ]", "[a"), ("*", "missing argument to repetition operator", "*"),
        ("a**", "invalid nested repetition operator", "**"),
        ("a{1001}", "invalid repeat count", "{1001}"),
        ("(?=a)", "invalid or unsupported Perl syntax", "(?="),
        ("\\", "trailing backslash at end of expression", ""),
        ("\\8", "invalid escape sequence", "\\8"),
        ("[b-a]", "invalid character class range", "b-a"),
        ("(?P<n", "invalid named capture", "(?P<n"),
    ])
    func aTextThatIsNoPatternSaysWhyInGosWords(_ text: String, _ reason: String, _ part: String) {
        let failure = #expect(throws: Pattern.Failure.self) { try Pattern(text) }
        #expect(failure?.reason == reason)
        #expect(failure?.part == part)
    }

    @Test func theGroupsOfAMatchAreGiven() throws {
        let pattern = try Pattern("(?P<host>[^:]+)(?::(\\d+))?(x)?")
        #expect(pattern.groups(in: "a:9090") == ["a:9090", "a", "9090", ""])
        #expect(pattern.groups(in: "a") == ["a", "a", "", ""])
        #expect(pattern.groups(in: ":1") == nil)
        #expect(pattern.group(named: "host") == 1)
        #expect(pattern.group(named: "none") == nil)
    }

    @Test func anEscapedTextMatchesOnlyItself() throws {
        let text = #"a.b*c+d?e(f)g|h[i]j{k}l^m$n\o"#
        #expect(try Pattern(Pattern.escaped(text)).matches(text))
        #expect(try !Pattern(Pattern.escaped(text)).matches("axb*c+d?e(f)g|h[i]j{k}l^m$n\\o"))
    }
}
