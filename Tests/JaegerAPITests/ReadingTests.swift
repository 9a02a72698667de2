import JaegerAPI
import Spans
import Testing

@Suite struct ReadingTests {
    // MARK: v1

    private static let first = #"""
        {"data":[{"traceID":"8d4127610461e3","spans":[
         {"traceID":"008d4127610461e3","spanID":"1","flags":1,"operationName":"a \"b\" \u00e9\ud83d\ude00",
          "references":[
           {"refType":"FOLLOWS_FROM","traceID":"8d4127610461e3","spanID":"9"},
           {"refType":"CHILD_OF","traceID":"8D4127610461E3","spanID":"2"},
           {"refType":"CHILD_OF","traceID":"8d4127610461e3","spanID":"3"},
           {"refType":"CHILD_OF","traceID":"ffffffffffffffff8d4127610461e3","spanID":"4"}],
          "startTime":1700000000000001,"duration":250,
          "tags":[
           {"key":"span.kind","type":"string","value":"client"},
           {"key":"otel.scope.name","type":"string","value":"lib"},
           {"key":"otel.scope.version","type":"string","value":"1"},
           {"key":"otel.status_code","type":"string","value":"ERROR"},
           {"key":"error","type":"bool","value":true},
           {"key":"otel.status_description","type":"string","value":"broken"},
           {"key":"w3c.tracestate","type":"string","value":"a=b"},
           {"key":"big","type":"int64","value":"9007199254740993"},
           {"key":"small","type":"int64","value":-5},
           {"key":"ratio","type":"float64","value":0.25},
           {"key":"blob","type":"binary","value":"AQL/"},
           {"key":"flag","type":"bool","value":"true"},
           {"value":7,"type":"int64","key":"late"}],
          "logs":[{"timestamp":1700000000000002,"fields":[
           {"key":"event","type":"string","value":"miss"},
           {"key":"key","type":"string","value":"k"}]}],
          "processID":"p1","warnings":["odd"]},
         {"traceID":"008d4127610461e3","spanID":"5","operationName":"c","parentSpanID":"1",
          "startTime":1,"duration":1,"tags":[],"processID":"p9","warnings":null}],
         "processes":{"p1":{"serviceName":"shop","tags":[
          {"key":"host","type":"string","value":"n1"},{"key":"zone","type":"string","value":"z"}]}},
         "warnings":["cut"]}],"total":0,"limit":0,"offset":0,"errors":null}
        """#

    @Test func whatV1KeepsInTagsIsPutBackWhereItBelongs() throws {
        let traces = try V1Answer.traces([UInt8](Self.first.utf8))
        let trace = try #require(traces.first)
        #expect(traces.count == 1 && trace.spans.count == 2)
        let id = TraceID(high: 0, low: 0x8d_4127_6104_61e3)
        #expect(trace.id == id && trace.warnings == ["cut"])
        let childOf = [Attribute("opentracing.ref_type", .string("child_of"))]
        #expect(
            trace.spans[0]
                == Span(
                    traceID: id, spanID: SpanID(1), parentSpanID: SpanID(2), traceState: "a=b",
                    flags: 1, name: "a \"b\" é😀", kind: .client,
                    startTime: 1_700_000_000_000_001_000, endTime: 1_700_000_000_000_251_000,
                    attributes: [
                        Attribute("big", .int(9_007_199_254_740_993)), Attribute("small", .int(-5)),
                        Attribute("ratio", .double(0.25)), Attribute("blob", .bytes([1, 2, 255])),
                        Attribute("flag", .bool(true)), Attribute("late", .int(7)),
                    ],
                    events: [
                        Event(
                            time: 1_700_000_000_000_002_000, name: "miss",
                            attributes: [Attribute("key", .string("k"))])
                    ],
                    links: [
                        Link(traceID: id, spanID: SpanID(9)),
                        Link(traceID: id, spanID: SpanID(3), attributes: childOf),
                        Link(
                            traceID: TraceID(high: 0xff_ffff_ffff_ffff, low: 0xff8d_4127_6104_61e3),
                            spanID: SpanID(4), attributes: childOf),
                    ],
                    status: Status(code: .error, message: "broken"), warnings: ["odd"],
                    resource: Resource(attributes: [
                        Attribute("host", .string("n1")),
                        Attribute("service.name", .string("shop")),
                        Attribute("zone", .string("z")),
                    ]), scope: Scope(name: "lib", version: "1")))
        // The parent's older place; and a process that is not there.
        #expect(trace.spans[1].parentSpanID == SpanID(1))
        #expect(trace.spans[1].resource == Resource())
    }

    @Test func listsOfV1AreRead() throws {
        #expect(
            try V1Answer.services([UInt8](#"{"data":["a","b"],"total":2}"#.utf8)) == ["a", "b"])
        #expect(try V1Answer.services([UInt8](#"{"data":null,"errors":null}"#.utf8)) == [])
        #expect(
            try V1Answer.operations(
                [UInt8](
                    #"{"data":[{"name":"o","spanKind":"server"},{"name":"p","spanKind":""}]}"#.utf8)
            )
                == [Operation(name: "o", kind: .server), Operation(name: "p", kind: .unspecified)])
        // In the envelope, or without.
        let edges = #"[{"parent":"a","child":"b","callCount":3}]"#
        for text in [edges, #"{"data":\#(edges)}"#] {
            #expect(
                try V1Answer.dependencies([UInt8](text.utf8))
                    == [ServiceDependency(parent: "a", child: "b", callCount: 3)])
        }
    }

    // MARK: v3

    private static let third = #"""
        {"result":{"resourceSpans":[{"resource":{"attributes":[
          {"key":"service.name","value":{"stringValue":"shop"}}],"droppedAttributesCount":1},
         "scopeSpans":[{"scope":{"name":"lib","version":"1"},"spans":[
          {"traceId":"000000000000000000000000000000aa","spanId":"0000000000000001",
           "parentSpanId":"0000000000000002","traceState":"a=b","flags":257,"name":"n","kind":2,
           "startTimeUnixNano":"1700000000000000001","endTimeUnixNano":1700000000000000002,
           "attributes":[
            {"key":"@jaeger@warnings","value":{"arrayValue":{"values":[{"stringValue":"odd"}]}}},
            {"key":"i","value":{"intValue":"-9223372036854775808"}},
            {"key":"d","value":{"doubleValue":"NaN"}},{"key":"e","value":{}},
            {"key":"y","value":{"bytesValue":"AQL_"}},
            {"key":"l","value":{"arrayValue":{"values":[{"boolValue":false},{"arrayValue":{}}]}}},
            {"key":"m","value":{"kvlistValue":{"values":[{"key":"k","value":{"stringValue":"v"}}]}}}],
           "droppedAttributesCount":2,"droppedEventsCount":3,"droppedLinksCount":4,
           "events":[{"timeUnixNano":"5","name":"e","droppedAttributesCount":6}],
           "links":[{"traceId":"000000000000000000000000000000bb","spanId":"0000000000000003",
            "traceState":"c","flags":1,"attributes":[{"key":"k","value":{"stringValue":"v"}}]}],
           "status":{"code":2,"message":"broken"}}],"schemaUrl":"s2"}],"schemaUrl":"s1"},
         {"scopeSpans":[{"spans":[{"traceId":"000000000000000000000000000000bb","spanId":"03",
          "kind":"SPAN_KIND_PRODUCER","status":{"code":"STATUS_CODE_OK"}}]}],
          "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"late"}}]}}]}}
        {"result":{"resourceSpans":[{"resource":{},"scopeSpans":[{"scope":{},"spans":[
          {"traceId":"AAAAAAAAAAAAAAAAAAAAqg==","spanId":"AAAAAAAAAAk="}]}]}]}}
        """#

    @Test func everythingOfOTLPIsRead() throws {
        let traces = try V3Answer.traces([UInt8](Self.third.utf8)).traces
        #expect(traces.map(\.id.low) == [0xaa, 0xbb])
        #expect(traces[0].spans.map(\.spanID.rawValue) == [1, 9])
        let span = try #require(traces.first?.spans.first)
        #expect(
            span
                == Span(
                    traceID: TraceID(high: 0, low: 0xaa), spanID: SpanID(1),
                    parentSpanID: SpanID(2), traceState: "a=b", flags: 257, name: "n",
                    kind: .server, startTime: 1_700_000_000_000_000_001,
                    endTime: 1_700_000_000_000_000_002,
                    attributes: [
                        Attribute("i", .int(.min)), Attribute("d", .double(.nan)),
                        Attribute("e", .empty), Attribute("y", .bytes([1, 2, 255])),
                        Attribute("l", .array([.bool(false), .array([])])),
                        Attribute("m", .map([Attribute("k", .string("v"))])),
                    ],
                    events: [Event(time: 5, name: "e", droppedAttributes: 6)],
                    links: [
                        Link(
                            traceID: TraceID(high: 0, low: 0xbb), spanID: SpanID(3),
                            traceState: "c", flags: 1,
                            attributes: [Attribute("k", .string("v"))])
                    ],
                    status: Status(code: .error, message: "broken"),
                    dropped: DroppedCounts(attributes: 2, events: 3, links: 4), warnings: ["odd"],
                    resource: Resource(
                        attributes: [Attribute("service.name", .string("shop"))], schemaURL: "s1",
                        droppedAttributes: 1),
                    scope: Scope(name: "lib", version: "1", schemaURL: "s2")))
        // A resource may come after its spans.
        #expect(traces[1].spans[0].resource.serviceName == "late")
        #expect(traces[1].spans[0].kind == .producer && traces[1].spans[0].status.code == .ok)
    }

    @Test func namesMayHaveUnderscores() throws {
        let snake = #"""
            {"resource_spans":[{"resource":{"attributes":[
              {"key":"service.name","value":{"string_value":"shop"}}],"dropped_attributes_count":1},
             "scope_spans":[{"spans":[{"trace_id":"000000000000000000000000000000aa",
               "span_id":"0000000000000001","parent_span_id":"0000000000000002","trace_state":"a=b",
               "kind":"SPAN_KIND_CLIENT","start_time_unix_nano":"5","end_time_unix_nano":"6",
               "attributes":[{"key":"n","value":{"int_value":"1"}}],
               "events":[{"time_unix_nano":"5","name":"e"}]}],"schema_url":"s2"}],
             "schema_url":"s1"}]}
            """#
        let span = try #require(try OTLPExport.traces([UInt8](snake.utf8)).first?.spans.first)
        #expect(
            span
                == Span(
                    traceID: TraceID(high: 0, low: 0xaa), spanID: SpanID(1),
                    parentSpanID: SpanID(2), traceState: "a=b", name: "", kind: .client,
                    startTime: 5, endTime: 6, attributes: [Attribute("n", .int(1))],
                    events: [Event(time: 5, name: "e")],
                    resource: Resource(
                        attributes: [Attribute("service.name", .string("shop"))], schemaURL: "s1",
                        droppedAttributes: 1),
                    scope: Scope(schemaURL: "s2")))
    }

    @Test func aDocumentMayBeEmptyButNotBroken() throws {
        #expect(try OTLPExport.traces([UInt8]("{}".utf8)) == [])
        for text in ["", "[]", "{", #"{"resourceSpans":{}}"#, "<html>"] {
            #expect(throws: ReadingFailure.self) { try OTLPExport.traces([UInt8](text.utf8)) }
        }
    }

    @Test func anAnswerThatBreaksOffIsReadAsFarAsItGoesWhereThatIsWanted() throws {
        let bytes = [UInt8](Self.third.utf8)
        for count in 0..<bytes.count {
            let cut = Array(bytes[..<count])
            let read = try? V3Answer.traces(cut, mayBeCut: true)
            #expect(read != nil, "cut after \(count) bytes")
        }
        let cut = try V3Answer.traces(Array(bytes.dropLast(20)), mayBeCut: true)
        #expect(cut.isCut && cut.traces.count == 2)
    }

    @Test func aTraceThatIsTooLongInTheOlderFormIsReadFromItsBeginningAndItsEnd() throws {
        let text = Self.first.replacing("p9", with: "p1")
        let bytes = [UInt8](text.utf8)
        let whole = try #require(try V1Answer.traces(bytes).first)
        for count in 0..<bytes.count {
            let read = try V1Answer.trace(beginning: Array(bytes[..<count]), end: bytes)
            let spans = read.traces.first?.spans ?? []
            #expect(read.isCut && spans == Array(whole.spans.prefix(spans.count)))
        }
        let places = bytes.indices.filter { bytes[$0...].starts(with: #""processes""#.utf8) }
        let place = try #require(places.first)
        let beginning = Array(bytes[..<(place - 20)])
        #expect(
            try V1Answer.trace(beginning: beginning, end: Array(bytes[place...])).traces.first?
                .spans == Array(whole.spans.prefix(1)))
        // Without its processes, or with others, nothing can be told of it.
        for end in ["", String(text.suffix(40)), #""processes" : {"p2":{"serviceName":"x"}}"#] {
            let read = try V1Answer.trace(beginning: beginning, end: [UInt8](end.utf8))
            #expect(read.isCut && read.traces.isEmpty)
        }
    }

    /// The name in a text has strokes before its quotes.
    @Test func processesInATextAreNone() throws {
        let beginning =
            #"{"data":[{"traceID":"1","spans":[{"traceID":"1","spanID":"2","processID":"p1"},"#
        let end =
            #""processes":{"p1":{"serviceName":"a"}},"warnings":["\"processes\":{\"p1\":{}}"]}]}"#
        let read = try V1Answer.trace(
            beginning: [UInt8](beginning.utf8), end: [UInt8](end.utf8))
        #expect(read.traces.first?.spans.map(\.resource.serviceName) == ["a"])
    }

    // MARK: What is none

    @Test(arguments: [
        "", "null", "[]", "{}", "{\"data\":{}}", "{\"data\":[1]}", "{\"data\":[\"a\"]} x",
        "{\"data\":[\"a\"", "{\"services\":{}}", "<html>", "{\"data\":[\"\u{1}\"]}", "{\"data\" 1}",
    ])
    func whatIsNoListOfServicesIsRefused(_ text: String) {
        #expect(throws: ReadingFailure.self) { try V1Answer.services([UInt8](text.utf8)) }
        #expect(throws: ReadingFailure.self) { try V3Answer.services([UInt8](text.utf8)) }
    }

    @Test func deepNestingIsRefused() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: ReadingFailure.self) {
            try V1Answer.traces([UInt8](("{\"data\":" + deep).utf8))
        }
        #expect(throws: ReadingFailure.self) {
            try V3Answer.traces([UInt8](("{\"x\":" + deep).utf8))
        }
    }

    @Test func brokenAnswersOfV1AreRefusedAtEachPlace() throws {
        let bytes = [UInt8](Self.first.utf8)
        for count in 0..<(bytes.count - 1) {
            #expect(throws: ReadingFailure.self) { try V1Answer.traces(Array(bytes[..<count])) }
        }
        // Whatever stands there, it is read or refused.
        for place in bytes.indices {
            for byte in [0x22, 0x5C, 0x7B, 0x5D, 0x30, 0xFF] as [UInt8] {
                var changed = bytes
                changed[place] = byte
                _ = try? V1Answer.traces(changed)
                _ = try? V3Answer.traces(changed, mayBeCut: true)
            }
        }
    }

    @Test func errorsOfBothGenerationsAreRead() {
        func message(_ text: String) -> String? { ErrorAnswer.message([UInt8](text.utf8)) }
        #expect(
            message(#"{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}"#)
                == "trace not found")
        #expect(message(#"{"error":{"httpCode":400,"message":"no"}}"#) == "no")
        #expect(message(#"{"data":[],"errors":null}"#) == nil)
        #expect(message("404 page not found\n") == nil)
    }
}
