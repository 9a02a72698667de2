import Spans
import Testing

@Suite struct TraceSummaryTests {
    private static let id = TraceID(high: 1, low: 2)

    private static func span(
        _ id: UInt64, under parent: UInt64 = 0, of service: String, at start: Int64,
        for duration: Int64 = 10, fails: Bool = false
    ) -> Span {
        Span(
            traceID: Self.id, spanID: SpanID(id), parentSpanID: SpanID(parent),
            name: "\(service) \(id)", startTime: start, endTime: start + duration,
            status: Status(code: fails ? .error : .unset),
            resource: Resource(attributes: [Attribute("service.name", .string(service))]))
    }

    @Test func aTraceIsCountedAsJaegerCountsIt() {
        let summary = TraceSummary(
            Trace(
                id: Self.id,
                spans: [
                    Self.span(3, under: 1, of: "b", at: 105, for: 500, fails: true),
                    Self.span(2, of: "late", at: 200), Self.span(1, of: "b", at: 100),
                    Self.span(4, under: 9, of: "a", at: 90),
                    Self.span(4, under: 3, of: "a", at: 91),
                ]))
        #expect(summary.id == Self.id)
        // An orphan that begins before is no root.
        #expect(summary.rootService == "b" && summary.rootOperation == "b 1")
        #expect(summary.start == 90 && summary.end == 605)
        #expect(summary.spanCount == 5 && summary.errorCount == 1 && summary.orphanCount == 1)
        #expect(summary.services.map(\.name) == ["a", "b", "late"])
        #expect(summary.services.map(\.spanCount) == [2, 2, 1])
        #expect(summary.services.map(\.errorCount) == [0, 1, 0])
    }

    @Test func aTraceOfOrphansHasNoRoot() {
        let summary = TraceSummary(
            Trace(id: Self.id, spans: [Self.span(2, under: 1, of: "a", at: 1)]))
        #expect(summary.rootService == "" && summary.rootOperation == "")
        #expect(summary.orphanCount == 1)
    }

    @Test func ofTwoRootsAtOnceTheFirstCounts() {
        let summary = TraceSummary(
            Trace(id: Self.id, spans: [Self.span(1, of: "a", at: 1), Self.span(2, of: "b", at: 1)]))
        #expect(summary.rootService == "a")
    }

    @Test func nothingIsSummedUpToNothing() {
        let summary = TraceSummary(Trace(id: Self.id))
        #expect(summary.spanCount == 0 && summary.start == 0 && summary.services.isEmpty)
    }
}
