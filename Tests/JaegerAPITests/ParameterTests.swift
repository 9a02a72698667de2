import JaegerAPI
import Spans
import Testing

/// Parameters of both generations of Jaeger's API.
@Suite struct ParameterTests {
    private static let now: Int64 = 1_700_000_000_000_000_000

    private static func first(_ values: [String: [String]]) -> V1Parameters {
        V1Parameters(now: now) { values[$0] ?? [] }
    }

    private static func third(_ values: [String: String]) -> V3Parameters {
        V3Parameters { values[$0] }
    }

    private static func mistake<Value>(
        _ body: () throws(ParameterMistake) -> Value
    ) -> String? {
        do {
            _ = try body()
            return nil
        } catch {
            return error.message
        }
    }

    private static func isSyntax(_ json: String, _ words: String) -> (String, [String: [String]]) {
        (
            "malformed 'tags' parameter, cannot unmarshal JSON: \(words)",
            ["service": ["a"], "tags": [json]]
        )
    }

    @Test(arguments: [
        ("parameter 'service' is required", [:]),
        ("parameter 'service' is required", ["service": [""]]),
        (
            #"unable to parse param 'start': strconv.ParseInt: parsing "x": invalid syntax"#,
            ["start": ["x"]]
        ),
        (
            #"unable to parse param 'end': strconv.ParseInt: parsing "99999999999999999999": "#
                + "value out of range", ["end": ["99999999999999999999"]]
        ),
        (#"strconv.ParseInt: parsing "1.5": invalid syntax"#, ["limit": ["1.5"]]),
        (#"strconv.ParseInt: parsing "2147483648": value out of range"#, ["limit": ["2147483648"]]),
        (
            "invalid parameter: limit must be greater than 0", ["service": ["a"], "limit": ["0"]]
        ),
        (
            "malformed 'tag' parameter, expecting key:value, received: bad",
            ["service": ["a"], "tag": ["a:b", "bad"]]
        ),
        (
            #"unable to parse param 'minDuration': time: missing unit in duration "5""#,
            ["minDuration": ["5"]]
        ),
        (
            #"unable to parse param 'maxDuration': time: unknown unit "parsecs" in duration "5parsecs""#,
            ["maxDuration": ["5parsecs"]]
        ),
        (
            #"unable to parse param 'maxDuration': time: missing unit in duration "1.2.3s""#,
            ["maxDuration": ["1.2.3s"]]
        ),
        (
            #"unable to parse param 'maxDuration': time: unknown unit "\xc3\xa4" in duration "5\xc3\xa4""#,
            ["maxDuration": ["5\u{e4}"]]
        ),
        (
            #"unable to parse param 'maxDuration': time: invalid duration "9223372036854775808ns""#,
            ["maxDuration": ["9223372036854775808ns"]]
        ),
        (
            #"unable to parse param 'maxDuration': time: invalid duration "fast""#,
            ["maxDuration": ["fast"]]
        ),
        (
            "'maxDuration' should be greater than 'minDuration'",
            ["service": ["a"], "minDuration": ["1s"], "maxDuration": ["999ms"]]
        ),
        (
            #"cannot parse traceID param: strconv.ParseUint: parsing "zzz": invalid syntax"#,
            ["traceID": ["zzz"]]
        ),
        (
            #"unable to parse param 'raw': strconv.ParseBool: parsing "yes": invalid syntax"#,
            ["service": ["a"], "raw": ["yes"]]
        ),
        isSyntax("{bad", "invalid character 'b' looking for beginning of object key string"),
        isSyntax("{", "unexpected end of JSON input"),
        isSyntax("", "unexpected end of JSON input"),
        isSyntax("x", "invalid character 'x' looking for beginning of value"),
        isSyntax(#"{"a":"b"}x"#, "invalid character 'x' after top-level value"),
        isSyntax(#"{"a" "b"}"#, #"invalid character '"' after object key"#),
        isSyntax(#"{"a":"b";}"#, "invalid character ';' after object key:value pair"),
        isSyntax(#"{"a":tru0}"#, "invalid character '0' in literal true (expecting 'e')"),
        isSyntax(#"{"a":1}"#, "json: cannot unmarshal number into Go value of type string"),
        isSyntax(
            #"{"a":[true,{"b":-1.5e3}]}"#,
            "json: cannot unmarshal array into Go value of type string"),
        isSyntax("[]", "json: cannot unmarshal array into Go value of type map[string]string"),
    ])
    func whatCannotBeReadIsSaidInJaegersWords(_ words: String, _ values: [String: [String]]) {
        #expect(
            Self.mistake { () throws(ParameterMistake) in try Self.first(values).search() } == words
        )
    }

    @Test func aSearchHasAllItsConditions() throws {
        let values = [
            "service": ["cart"], "operation": ["GET /"], "start": ["1000"], "end": ["2000"],
            "limit": ["7"], "minDuration": ["1.5ms"], "maxDuration": ["1h2m3s"],
            "tag": ["a:b:c", "x:1"], "tags": [#"{"x":"\u00e9\ud83d\ude00","y":null}"#],
            "raw": ["t"],
        ]
        let search = TraceSearch(
            service: "cart", operation: "GET /",
            tags: [
                .init(key: "a", value: "b:c"), .init(key: "x", value: "é😀"),
                .init(key: "y", value: ""),
            ], start: 1_000_000, end: 2_000_000, minimumDuration: 1_500_000,
            maximumDuration: 3_723_000_000_000, limit: 7)
        #expect(try Self.first(values).search() == .conditions(search, isRaw: true))
    }

    @Test func aSearchByIdsNeedsNoService() throws {
        let values = ["traceID": ["abc", "0000000000000ABC", "1"]]
        #expect(
            try Self.first(values).search()
                == .ids(
                    [TraceID(high: 0, low: 0xabc), TraceID(high: 0, low: 1)], hints: nil,
                    isRaw: false))
    }

    @Test(arguments: [
        ["start": "1700000000000", "end": "1700000060000"],
        ["start": "1700000000000000", "end": "1700000060000000"],
    ])
    func timesInMillisecondsAreKnownByTheirSize(_ values: [String: String]) throws {
        let hints = try Self.first(values.mapValues { [$0] }).hints()
        #expect(hints == Self.now...(Self.now + 60_000_000_000))
    }

    @Test func hintsMayBeOpenAtOneSide() throws {
        #expect(try Self.first([:]).hints() == nil)
        #expect(
            try Self.first(["start": ["1700000000000000"]]).hints()
                == 1_700_000_000_000_000_000...(.max))
        #expect(
            try Self.first(["start": ["1700000060000000"], "end": ["1700000000000000"]]).hints()
                == nil)
    }

    @Test(arguments: [
        "e2acf72f9e574f7aa0ee89aed453dd33", "E2ACF72F9E574F7AA0EE89AED453DD33",
        "4qz3L55XT3qg7omu1FPdMw==", "4qz3L55XT3qg7omu1FPdMw",
    ])
    func anIdIsOneInAllItsForms(_ text: String) throws {
        let id = TraceID(high: 0xe2ac_f72f_9e57_4f7a, low: 0xa0ee_89ae_d453_dd33)
        #expect(try TraceID(text: text) == id)
    }

    @Test func leadingZerosDoNotMatter() throws {
        for text in ["0000000000000000008d4127610461e3", "8d4127610461e3", "08D4127610461E3"] {
            #expect(try TraceID(text: text) == TraceID(high: 0, low: 0x8d_4127_6104_61e3))
        }
    }

    @Test(arguments: ["", "zzz", "g0", "+1", "e2acf72f9e574f7aa0ee89aed453dd334", "a b", "é"])
    func whatIsNoIdIsRefused(_ text: String) {
        #expect(throws: ParameterMistake.self) { try TraceID(text: text) }
    }

    @Test func bothSpellingsOfV3AreRead() throws {
        let camel = [
            "query.serviceName": "a", "query.startTimeMin": "2023-11-14T22:13:20Z",
            "query.startTimeMax": "2023-11-15T00:13:20.5 02:00", "query.searchDepth": "4",
            "query.durationMin": "1us", "query.rawTraces": "true",
            "query.attributes": #"{"x":"y"}"#,
        ]
        let snake = [
            "query.service_name": "a", "query.start_time_min": "2023-11-14T22:13:20Z",
            "query.start_time_max": "2023-11-14T22:13:20.500000000Z", "query.num_traces": "4",
            "query.duration_min": "1µs", "query.raw_traces": "true",
            "query.attributes": #"{"x":"y"}"#,
        ]
        for values in [camel, snake] {
            let (search, isRaw) = try Self.third(values).search()
            #expect(
                search
                    == TraceSearch(
                        service: "a", tags: [.init(key: "x", value: "y")], start: Self.now,
                        end: Self.now + 500_000_000, minimumDuration: 1000, limit: 4))
            #expect(isRaw)
        }
    }

    @Test(arguments: [
        ("query.startTimeMin and query.startTimeMax are required", ["query.serviceName": "a"]),
        (
            "query.startTimeMin must be before query.startTimeMax",
            [
                "query.startTimeMin": "2026-11-23T16:56:40Z",
                "query.startTimeMax": "2026-11-23T16:06:30Z",
            ]
        ),
        (
            #"malformed parameter query.search_depth: strconv.ParseUint: parsing "-1": invalid syntax"#,
            [
                "query.startTimeMin": "2026-11-23T16:06:30Z",
                "query.startTimeMax": "2026-11-23T16:56:40Z", "query.search_depth": "-1",
            ]
        ),
        (
            #"malformed parameter query.durationMax: time: missing unit in duration "7""#,
            [
                "query.startTimeMin": "2026-11-23T16:06:30Z",
                "query.startTimeMax": "2026-11-23T16:56:40Z", "query.durationMax": "7",
            ]
        ),
    ])
    func whatCannotBeReadOfV3IsSaidInItsWords(_ words: String, _ values: [String: String]) {
        #expect(
            Self.mistake { () throws(ParameterMistake) in try Self.third(values).search() } == words
        )
    }

    /// Words of Go's `time.Parse`.
    @Test(arguments: [
        ("2023-02-29T00:00:00Z", ": day out of range"),
        ("2023-13-01T00:00:00Z", ": month out of range"),
        ("2023-01-01T24:00:00Z", ": hour out of range"),
        ("2023-01-01T00:00:00+25:00", ": time zone offset hour out of range"),
        ("2023-01-01 00:00:00Z", unfitting(" 00:00:00Z", "T")),
        ("2023-01-01T00:00:00", unfitting("", "Z07:00")),
        ("2023-01-01T00:00:00.Z", unfitting(".Z", "Z07:00")),
        ("2023-1-01T00:00:00Z", unfitting("1-01T00:00:00Z", "01")),
        ("2023-01-01T00:00:00Zx", ": extra text: \"x\""),
        ("yesterday", unfitting("yesterday", "2006")),
    ])
    func aTimeThatIsNoneIsNamed(_ text: String, _ words: String) {
        let mistake = Self.mistake { () throws(ParameterMistake) in
            try Self.third(["startTime": text]).lookup()
        }
        #expect(mistake == "malformed parameter startTime: parsing time \"\(text)\"\(words)")
    }

    private static func unfitting(_ rest: String, _ element: String) -> String {
        #" as "2006-01-02T15:04:05.999999999Z07:00": cannot parse "\#(rest)" as "\#(element)""#
    }

    @Test func aTimeThatIsTooFarAwayIsTheFarthest() throws {
        let hints = try Self.third([
            "startTime": "1500-01-01T00:00:00Z", "endTime": "9999-12-31T23:59:59,9Z",
        ]).lookup().hints
        #expect(hints == .min ... .max)
    }
}
