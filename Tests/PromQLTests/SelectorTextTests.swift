import PromQL
import Testing

@Suite struct SelectorTextTests {
    private func refusal(of text: String) -> String? {
        do {
            _ = try parseSelector(text)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func aSelectorForMatchIsRead() throws {
        #expect(try parseSelector("up").text == "up")
        #expect(
            try parseSelector("{job=~'a|b', \"c.d\"!=''}").text == "{\"c.d\"!=\"\",job=~\"a|b\"}")
        #expect(try parseSelector("sum{by='x'} # comment").text == "sum{by=\"x\"}")
        // Prometheus checks the name's conditions in queries only.
        #expect(try parseSelector("up{__name__=~'u.*'}").matchers.count == 2)
    }

    @Test func onlyASelectorIsOne() {
        #expect(refusal(of: "") == "1:1: parse error: unexpected end of input")
        #expect(refusal(of: "up[5m]") == "1:3: parse error: unexpected \"[\"")
        #expect(refusal(of: "up offset 5m") == "1:4: parse error: unexpected <offset>")
        #expect(refusal(of: "1") == "1:1: parse error: unexpected number \"1\"")
        #expect(refusal(of: "up{") == "1:4: parse error: unexpected end of input inside braces")
    }

    @Test func aSelectorOfEverythingIsRefused() {
        let message = "match[] must contain at least one non-empty matcher"
        #expect(refusal(of: "{}") == message)
        #expect(refusal(of: "{a=~'.*'}") == message)
    }

    @Test func aNameInQuotesIsAConditionLikeAnyOther() throws {
        let selector = try parseSelector("{\"my.metric\", a=\"b\"}")
        #expect(selector.name == nil)
        #expect(selector.matchers.count == 2)
        #expect(selector.text == "{__name__=\"my.metric\",a=\"b\"}")
    }

    @Test func wordsBehindASelectorStandInPrometheussOrder() throws {
        func printed(_ query: String) throws -> String {
            try parse(query, options: ParseOptions(experimentalFunctions: true)).text()
        }
        #expect(try printed("x offset 1m smoothed @ 2") == "x @ 2.000 smoothed offset 1m")
        #expect(try printed("x[5m] offset 1m @ 2 anchored") == "x[5m] anchored @ 2.000 offset 1m")
        #expect(try printed("x @ end() [5m]") == "x[5m] @ end()")
        #expect(try printed("x offset 0s") == "x")
    }
}
