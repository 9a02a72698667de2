import Clusters
import Testing

/// How places in a JSON text are written; what stands there is `HTTPExpectationTests`' to say.
@Suite struct JSONPointerTests {
    @Test(arguments: [
        ("", []), ("/", [""]), ("/a/0", ["a", "0"]), ("/a~1b/m~0n", ["a/b", "m~n"]),
        ("/~01", ["~1"]), ("//", ["", ""]),
    ])
    func namesAreReadOnce(_ text: String, _ tokens: [String]) {
        #expect(JSONPointer(text)?.tokens == tokens)
        #expect(JSONPointer(text)?.description == text)
    }

    @Test(arguments: ["a", "#/a", "/~", "/~2", "/a~"])
    func whatIsNoPointerIsNone(_ text: String) {
        #expect(JSONPointer(text) == nil)
    }
}
