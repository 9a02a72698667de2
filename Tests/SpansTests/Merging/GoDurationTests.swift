import Spans
import Testing

@Suite struct GoDurationTests {
    @Test(
        arguments: [
            (0, "0s"), (1, "1ns"), (1_100, "1.1µs"), (-180_000_000, "-180ms"),
            (237_500_000, "237.5ms"), (1_000_000_000, "1s"), (90_000_000_000, "1m30s"),
            (111_500_000_001, "1m51.500000001s"), (3_600_000_000_000, "1h0m0s"),
            (Int64.max, "2562047h47m16.854775807s"), (Int64.min, "-2562047h47m16.854775808s"),
        ] as [(Int64, String)])
    func durationsAreWrittenAndReadAsGoDoes(nanoseconds: Int64, text: String) {
        #expect(GoDuration.text(nanoseconds) == text)
        #expect(GoDuration.nanoseconds(text) == nanoseconds)
    }

    @Test(
        arguments: [
            ("1.5h", 5_400_000_000_000), ("+5us", 5_000), ("3\u{3bc}s", 3_000),
            (".5s", 500_000_000),
            ("0", 0), ("1.0000000001s", 1_000_000_000), ("0.25m", 15_000_000_000),
        ] as [(String, Int64)])
    func otherFormsAreRead(text: String, nanoseconds: Int64) {
        #expect(GoDuration.nanoseconds(text) == nanoseconds)
    }

    @Test(arguments: ["", "5", "s", ".s", "1.2.3s", "1 s", "-", "2562048h", "5sm", "1d", "٣s"])
    func whatIsNoDurationIsRefused(text: String) {
        #expect(GoDuration.nanoseconds(text) == nil)
    }
}
