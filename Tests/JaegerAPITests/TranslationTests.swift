import JaegerAPI
import Spans
import Testing

/// Both forms of the API, read and written: this repository's cases, and what real Jaegers answered.
@Suite struct TranslationTests {
    private static func first(_ traces: [Trace]) -> String {
        let texts = traces.map { String(decoding: V1TraceText.bytes(of: $0), as: UTF8.self) }
        return #"{"data":[\#(texts.joined(separator: ","))]"#
            + #","total":0,"limit":0,"offset":0,"errors":null}"#
    }

    private static func third(_ traces: [Trace]) -> String {
        let texts = traces.map { String(decoding: OTLPTraceText.bytes(of: $0), as: UTF8.self) }
        return #"{"result":{"resourceSpans":[\#(texts.joined(separator: ","))]}}"#
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    // MARK: Cases

    @Test func thereAreCases() { #expect(RecordedAnswers.cases.count >= 13) }

    @Test(arguments: RecordedAnswers.cases)
    func v3IsReadAndWrittenTheSame(_ example: RecordedAnswers.Case) throws {
        let traces = try V3Answer.traces(example.v3).traces
        #expect(Self.third(traces) == Self.text(example.v3))
    }

    @Test(arguments: RecordedAnswers.cases)
    func v1IsReadAndWrittenTheSame(_ example: RecordedAnswers.Case) throws {
        // A reference that would be the parent, were it not said to follow, is read as a link.
        let traces = try V1Answer.traces(example.v1)
        #expect(Self.first(traces) == Self.text(example.v1))
    }

    @Test(arguments: RecordedAnswers.cases)
    func v3IsWrittenInTheOlderFormAsJaegerTranslatesIt(_ example: RecordedAnswers.Case) throws {
        let traces = try V3Answer.traces(example.v3).traces
        #expect(Self.first(traces) == Self.text(example.v1))
    }

    @Test(arguments: RecordedAnswers.cases.filter { !$0.isLossy })
    func v1IsWrittenInTheNewerFormWhereItSaysAll(_ example: RecordedAnswers.Case) throws {
        let traces = try V1Answer.traces(example.v1)
        #expect(Self.third(traces) == Self.text(example.v3))
    }

    // MARK: Recordings

    /// Answers that are traces and nothing else. A store that has just warned for the first time has
    /// not yet put its attributes into order; those are left out.
    private static let recordedTraces = RecordedAnswers.exchanges.filter { exchange in
        let text = text(exchange.body)
        return exchange.status == 200 && exchange.request.contains("/traces")
            && !text.contains(#""errors":["#) && !text.contains(##"},{"key":"@jaeger@warnings""##)
    }

    @Test(.enabled(if: !recordedTraces.isEmpty, "there are no recordings of real Jaegers"))
    func recordedAnswersAreReadAndWrittenByteForByte() throws {
        for exchange in Self.recordedTraces {
            if exchange.request.contains("/v3/") {
                let traces = try V3Answer.traces(exchange.body).traces
                let isSame = Self.third(traces) == Self.text(exchange.body)
                #expect(isSame, "\(exchange)")
            } else {
                let traces = try V1Answer.traces(exchange.body)
                let isSame = Self.first(traces) == Self.text(exchange.body)
                #expect(isSame, "\(exchange)")
            }
        }
    }

    @Test(.enabled(if: !recordedTraces.isEmpty, "there are no recordings of real Jaegers"))
    func aRecordedTraceOfV3IsTheRecordedOneOfV1() throws {
        var compared = 0
        for third in Self.recordedTraces where third.request.hasSuffix("?raw_traces=true") {
            let request = third.request.dropLast("?raw_traces=true".count)
                .replacing("/api/v3/", with: "/api/")
            let first = try #require(
                Self.recordedTraces.first {
                    $0.store == third.store && $0.request == "\(request)?raw=true"
                })
            // With each answer the store warns once more.
            let newer = Self.withoutWarnings(try V3Answer.traces(third.body).traces)
            let older = Self.withoutWarnings(try V1Answer.traces(first.body))
            #expect(newer == older, "\(third)")
            #expect(Self.first(newer) == Self.first(older), "\(third)")
            compared += 1
        }
        #expect(compared >= 10)
    }

    private static func withoutWarnings(_ traces: [Trace]) -> [Trace] {
        traces.map { trace in
            var trace = trace
            for index in trace.spans.indices { trace.spans[index].warnings = [] }
            return trace
        }
    }
}
