import Spans
import Testing

@Suite struct IdentifierTests {
    @Test func tracesAreOrderedByTheirUpperHalfFirst() {
        #expect(TraceID(high: 1, low: 0) > TraceID(high: 0, low: .max))
    }
}
