import PrometheusAPI
import TestSupport
import Testing

/// What Prometheus 2.42 makes of the same texts.
struct APITimeTests {
    @Test(arguments: [
        ("0", 0), ("1435781430.781", 1_435_781_430_781), ("1435781430.7815", 1_435_781_430_782),
        ("1435781430.9999", 1_435_781_431_000), ("-1.5", -1500), ("-0.0004", 0), ("-0.0016", -2),
        (".5", 500), ("+5", 5000), ("1.7e9", 1_700_000_000_000),
        ("2015-07-01T20:10:51.781Z", 1_435_781_451_781),
        ("2015-07-01T20:10:51.7817Z", 1_435_781_451_781),
        ("2015-07-01T20:10:51,781Z", 1_435_781_451_781),
        ("2015-07-01T20:10:51.781+02:00", 1_435_774_251_781),
        ("2015-07-01T20:10:51-00:30", 1_435_783_251_000),
        ("2015-07-01T2:59:50Z", 1_435_719_590_000),
        ("2016-02-29T00:00:00Z", 1_456_704_000_000),
        ("2000-02-29T23:59:59.000000001Z", 951_868_799_000),
        ("1969-12-31T23:59:59.5Z", -500), ("0001-01-01T00:00:00Z", -62_135_596_800_000),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ("-292273086-05-16T16:47:06Z", APITime.earliest),
        ("292277025-08-18T07:12:54.999999999Z", APITime.latest),
    ])
    func aTimeIsRead(_ text: String, _ milliseconds: Int64) {
        #expect(APITime.parse(text) == milliseconds)
    }

    @Test(arguments: [
        "", "x", "30s", "now", "2015-02-29T20:10:51Z", "1900-02-29T00:00:00Z",
        "2015-13-01T00:00:00Z",
        "2015-00-01T00:00:00Z", "2015-01-00T00:00:00Z", "2015-04-31T00:00:00Z",
        "2015-07-01t20:10:51z", "2015-07-01T20:10Z", "2015-07-01T24:00:00Z", "2015-07-01T23:60:00Z",
        "2015-07-01T23:59:60Z", "2015-07-01T02:59:50+2:00", "2015-07-01T02:59:50+25:00",
        "2015-07-01T02:59:50", "2015-07-01T02:59:50.Z", "2015-07-01 02:59:50Z",
        "2015-07-01T02:59:50ZZ", "15-07-01T02:59:50Z", "0x10", "1e30", "NaN", "Inf", "-Inf",
        "9223372036854775807",
    ])
    func whatIsNoTimeIsNone(_ text: String) {
        #expect(APITime.parse(text) == nil)
    }

    @Test func aTimesTextReadsBackAsTheTime() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<2000 {
            let time = Int64.random(
                in: -62_135_596_800_000...253_402_300_799_999, using: &generator)
            #expect(APITime.parse(APITime.text(time)) == time)
        }
        #expect(APITime.text(0) == "1970-01-01T00:00:00Z")
        #expect(APITime.text(1_435_781_451_780) == "2015-07-01T20:10:51.78Z")
        #expect(APITime.text(-1) == "1969-12-31T23:59:59.999Z")
    }
}

struct APIDurationTests {
    @Test(arguments: [
        ("15", 15_000), ("0.5", 500), ("37.3", 37_300), ("0", 0), ("-1", -1000), ("1e3", 1_000_000),
        ("0.0005", 0), ("1.0005", 1000), ("0s", 0), ("5m", 300_000), ("1h30m", 5_400_000),
        ("1y2w3d4h5m6s7ms", 31_536_000_000 + 1_209_600_000 + 273_906_007), ("90d", 7_776_000_000),
        ("100ms", 100),
    ])
    func aDurationIsRead(_ text: String, _ milliseconds: Int64) {
        #expect(APIDuration.parse(text) == milliseconds)
    }

    @Test(arguments: [
        "", "x", "m", "5 m", "-5m", "1m1h", "1m1m", "1ms1s", "1.5h", "5M", "1h30", "300y",
        "99999999999999999999m", "1e30", "Inf", "NaN", "+5m", "5µs",
    ])
    func whatIsNoDurationIsNone(_ text: String) {
        #expect(APIDuration.parse(text) == nil)
    }

    @Test(arguments: [
        (0, "0s"), (1, "1ms"), (1000, "1s"), (90_000, "1m30s"), (300_000, "5m"),
        (5_400_000, "1h30m"), (86_400_000, "1d"), (604_800_000, "1w"), (691_200_000, "8d"),
        (7_776_000_000, "90d"), (31_536_000_000, "1y"), (31_536_000_001, "365d1ms"),
        (1_209_600_000, "2w"),
        (-300_000, "-5m"),
    ])
    func aDurationIsWrittenAsPrometheusWritesIt(_ milliseconds: Int64, _ wanted: String) {
        #expect(APIDuration.text(milliseconds) == wanted)
    }

    @Test func aDurationsTextReadsBackAsTheDuration() {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<2000 {
            let duration = Int64.random(in: 0...9_000_000_000_000, using: &generator)
            #expect(APIDuration.parse(APIDuration.text(duration)) == duration)
        }
    }
}
