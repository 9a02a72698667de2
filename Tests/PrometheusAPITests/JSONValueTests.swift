import PrometheusAPI
import Testing

struct JSONValueTests {
    private func parsed(_ text: String, limits: DecodingLimits = .standard) throws(DecodingFailure)
        -> JSONValue
    {
        try JSONValue(parsing: Array(text.utf8), limits: limits)
    }

    @Test func everyKindOfValueIsReadAndKeepsItsOrder() throws {
        let value = try parsed(
            "\n { \"b\" : [ 1 , -2.5e3 , true , false , null , \"x\\u00e9\" ] , \"a\" : { } , \"c\":[] } "
        )
        #expect(value == ["b": [1, -2500.0, true, false, nil, "xé"], "a": [:], "c": []])
        #expect(value.description == #"{"b":[1,-2500,true,false,null,"xé"],"a":{},"c":[]}"#)
        #expect(value["b"]?.array?.count == 6)
        #expect(value["none"] == nil)
    }

    @Test(arguments: [
        "0", "-1", "9223372036854775807", #""a\u003cb""#, "[[],{}]", "1e+21", "1e-07", "0.5",
        "null",
    ])
    func aValueIsTheSameAfterReadingAndWriting(_ text: String) throws {
        #expect(try parsed(text).description == text)
    }

    @Test(arguments: [
        "", "{", "[", "[1", "[1,", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "\"a", "tru",
        "\"\\u12",
    ])
    func whatEndsEarlyIsTruncated(_ text: String) {
        #expect(throws: DecodingFailure.truncated(offset: text.utf8.count)) { try parsed(text) }
    }

    @Test(arguments: [
        ("[1,]", 3), ("{\"a\":1,}", 7), ("{,}", 1), ("1 2", 2), ("[1}", 2), ("nil", 1), ("-", 0),
        ("1-2", 0), ("{1:2}", 1), ("'a'", 0), ("\"\\q\"", 2),
    ])
    func whatIsNotJSONIsToldWithItsPlace(_ text: String, _ offset: Int) {
        #expect(throws: DecodingFailure.notJSON(offset: offset)) { try parsed(text) }
    }

    @Test func aPageIsSaidToBeOne() {
        #expect(throws: DecodingFailure.html) { try parsed("<html>") }
    }

    @Test func nestingIsBounded() throws {
        let limits = DecodingLimits(maximumDepth: 3)
        #expect(try parsed("[[1]]", limits: limits) == [[1]])
        #expect(throws: DecodingFailure.limit(.depth, maximum: 3)) {
            try parsed("[[[1]]]", limits: limits)
        }
        #expect(throws: DecodingFailure.limit(.depth, maximum: 64)) {
            try parsed(String(repeating: "[", count: 1_000_000))
        }
    }

    @Test func aNumberThatIsNoNumberIsWrittenAsNull() {
        #expect(JSONValue.array([.number(.nan), .number(.infinity)]).description == "[null,null]")
    }
}

struct JSONTextTests {
    @Test(arguments: [
        ("", #""""#), ("plain é😀\u{7f}", "\"plain é😀\u{7f}\""), ("\"\\/", #""\"\\/""#),
        ("\n\r\t\u{8}\u{c}\0", #""\n\r\t\u0008\u000c\u0000""#),
        ("<>&", #""\u003c\u003e\u0026""#), ("a\u{2028}b\u{2029}c", #""a\u2028b\u2029c""#),
        ("\u{2027}\u{202a}\u{20a8}", "\"\u{2027}\u{202a}\u{20a8}\""), ("\u{fffd}", "\"\u{fffd}\""),
    ])
    func aTextIsEscapedAsGoDoesIt(_ text: String, _ wanted: String) {
        var bytes: [UInt8] = []
        JSONText.append(text, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == wanted)
    }

    @Test func aLabelsTextIsEscapedNoMoreThanJSONNeeds() {
        var bytes: [UInt8] = []
        JSONText.append("<>&\u{2028}\"\\\n\u{1f}", escaping: .plain, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "\"<>&\u{2028}\\\"\\\\\\n\\u001f\"")
    }
}

struct SmallAnswerTests {
    private func data(_ body: String) throws -> JSONValue? {
        if case .data(let data) = try SmallAnswer(decoding: Array(body.utf8)).value {
            data
        } else {
            nil
        }
    }

    @Test func theVersionIsRead() throws {
        let data = try data(
            #"{"status":"success","data":{"version":"2.42.0+ds","revision":"x","goVersion":"go1.19.8"}}"#
        )
        #expect(data.flatMap { BuildInformation($0) } == BuildInformation(version: "2.42.0+ds"))
        #expect(BuildInformation(["revision": "x"]) == nil)
    }

    @Test func theRetentionIsRead() throws {
        let data = try data(
            #"{"status":"success","data":{"startTime":"2026-01-01T00:00:00Z","storageRetention":"15d","GOGC":""}}"#
        )
        let information = data.flatMap { RuntimeInformation($0) }
        #expect(information?.storageRetention == "15d")
        #expect(information?.startTime == "2026-01-01T00:00:00Z")
        #expect(RuntimeInformation([1]) == nil)
    }

    @Test func flagsAreTexts() throws {
        let data = try data(#"{"status":"success","data":{"a":"b","c":""}}"#)
        #expect(data?.stringMembers == ["a": "b", "c": ""])
    }

    @Test func metadataIsTheSameAfterReadingAndWriting() throws {
        let body =
            #"{"status":"success","data":{"up":[{"type":"gauge","help":"a\u003cb","unit":""}]}}"#
        let metadata = try data(body).flatMap { MetricMetadata.byMetric($0) }
        let wanted = MetricMetadata(type: "gauge", help: "a<b", unit: "")
        #expect(metadata == ["up": [wanted]])
        #expect(text(ResponseText.success(["up": [wanted.json]])) == body)
    }

    @Test func anErrorIsAnOutcomeAndAnythingElseAFailure() throws {
        let error = ServerError(type: "internal", message: "x")
        let body = ResponseText.failure(error, data: [:])
        #expect(
            text(body) == #"{"status":"error","data":{},"errorType":"internal","error":"x"}"#)
        #expect(try SmallAnswer(decoding: body).value == .failure(error))
        #expect(throws: DecodingFailure.wrongShape(.object, offset: 0)) {
            try SmallAnswer(decoding: Array("[]".utf8))
        }
        #expect(throws: DecodingFailure.wrongShape(.status, offset: 0)) {
            try SmallAnswer(decoding: Array("{}".utf8))
        }
        #expect(throws: DecodingFailure.wrongShape(.data, offset: 0)) {
            try SmallAnswer(decoding: Array(#"{"status":"success"}"#.utf8))
        }
    }
}
