import JaegerAPI
import Spans
import Testing

@Suite struct IdentifierTextTests {
    @Test func identifiersKeepTheirLeadingZeros() {
        #expect(TraceID(high: 0, low: 0xabc).hexadecimal == "00000000000000000000000000000abc")
        #expect(SpanID(0xA).hexadecimal == "000000000000000a")
    }
}
