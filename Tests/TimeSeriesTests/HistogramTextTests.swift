import Testing
import TimeSeries

/// The histogram that a script's text stands for.
func histogram(_ text: String) throws -> NativeHistogram {
    try NativeHistogram(text: Substring(text))
}

struct HistogramTextTests {
    @Test(arguments: [
        "{{}}", "{{count:2 sum:1}}", "{{schema:1 count:3.1 sum:-0.3 z_bucket:7.1 z_bucket_w:0.05}}",
        "{{count:4 sum:1e+06 offset:-3 buckets:[5.1 0 7]}}",
        "{{schema:-4 count:4 buckets:[1] n_offset:5 n_buckets:[4.1 5]}}",
        "{{schema:-53 count:2 custom_values:[1 2.5 10] offset:3 buckets:[2]}}",
        "{{count:NaN sum:+Inf counter_reset_hint:gauge}}",
        "{{schema:-53 custom_values:[] counter_reset_hint:not_reset}}",
        "{{counter_reset_hint:reset}}",
    ])
    func whatIsWrittenIsRead(_ text: String) throws {
        #expect(try histogram(text).description == text)
    }

    @Test func keysComeInAnyOrderAndSpacesAreFree() throws {
        let loose = try histogram(
            "{{ n_buckets:[1 2]  sum:-3 counter_reset_hint:unknown buckets:[4 ] schema:2 }}")
        #expect(loose.description == "{{schema:2 sum:-3 buckets:[4] n_buckets:[1 2]}}")
    }

    @Test func emptyBucketsAreKeptButNotWrittenAtTheEnds() throws {
        let loose = try histogram("{{buckets:[0 1 0 2 0]}}")
        #expect(loose.positive.indices == [0, 1, 2, 3, 4])
        #expect(loose.description == "{{offset:1 buckets:[1 0 2]}}")
        #expect(!loose.hasSameData(as: loose.compacted()))
    }

    @Test(
        arguments: [
            ("", .expected("{{")), ("{{", .unknownKey("")), ("{{sum:1", .expected("}}")),
            ("{{sum}}", .expected(":")), ("{{total:1}}", .unknownKey("total")),
            ("{{sum:1 sum:1}}", .repeatedKey("sum")),
            ("{{sum:x}}", .badValue(key: "sum", text: "x")),
            ("{{schema:1.5}}", .badValue(key: "schema", text: "word(\"1.5\")")),
            ("{{buckets:1}}", .badValue(key: "buckets", text: "word(\"1\")")),
            ("{{sum:[1]}}", .badValue(key: "sum", text: "a list")),
            ("{{buckets:[1}}", .expected("]")),
            ("{{counter_reset_hint:maybe}}", .badValue(key: "counter_reset_hint", text: "maybe")),
            ("{{schema:9}}", .badLayout), ("{{custom_values:[1]}}", .badLayout),
            ("{{schema:-53 custom_values:[1] buckets:[1 1 1]}}", .badLayout),
            ("{{schema:-53 custom_values:[1] offset:-1 buckets:[1]}}", .badLayout),
            ("{{schema:-53 custom_values:[2 1]}}", .badLayout),
            ("{{schema:-53 n_buckets:[1]}}", .badLayout), ("{{}} ", .expected("nothing more")),
            (
                "{{offset:99999999999 buckets:[1]}}",
                .badValue(key: "offset", text: "word(\"99999999999\")")
            ),
        ] as [(String, HistogramTextFailure)])
    func aBadTextIsRefused(_ text: String, _ failure: HistogramTextFailure) {
        #expect(throws: failure) { try NativeHistogram(text: Substring(text)) }
    }

    @Test func anItemOfASeriesMayBeRepeatedOrGrow() throws {
        var text: Substring = "{{count:1}}x2 {{count:5 buckets:[5]}}-{{count:1 buckets:[1]}}x1 _"
        #expect(
            try NativeHistogram.readSeriesItem(from: &text).map(\.description) == [
                "{{count:1}}", "{{count:1}}", "{{count:1}}",
            ])
        #expect(text.removeFirst() == " ")
        #expect(
            try NativeHistogram.readSeriesItem(from: &text).map(\.description) == [
                "{{count:5 buckets:[5]}}", "{{count:4 buckets:[4]}}",
            ])
        #expect(text == " _")
        text = "{{schema:1 count:1}}+{{schema:2 count:2 sum:1 buckets:[1 1]}}x2"
        #expect(
            try NativeHistogram.readSeriesItem(from: &text).map(\.description) == [
                "{{schema:1 count:1}}", "{{schema:1 count:3 sum:1 buckets:[1 1]}}",
                "{{schema:1 count:5 sum:2 buckets:[2 2]}}",
            ])
    }

    @Test(arguments: [
        ("{{schema:2}}+{{schema:1}}x1", HistogramTextFailure.incompatible),
        ("{{schema:-53}}+{{schema:1}}x1", .incompatible), ("{{}}+{{}}", .expected("x")),
        ("{{}}x", .badValue(key: "x", text: "")),
        ("{{}}x99999999", .badValue(key: "x", text: "99999999")),
    ])
    func aBadItemIsRefused(_ text: String, _ failure: HistogramTextFailure) {
        var rest = Substring(text)
        #expect(throws: failure) { try NativeHistogram.readSeriesItem(from: &rest) }
    }

    @Test func countValuesWritesIntervals() throws {
        let exponential = try histogram(
            "{{count:20 sum:10 z_bucket:2 z_bucket_w:0.001 buckets:[1 2 0] n_buckets:[1 1]}}")
        #expect(
            exponential.intervalText
                == "{count:20, sum:10, [-2,-1):1, [-1,-0.5):1, [-0.001,0.001]:2, (0.5,1]:1, (1,2]:2}"
        )
        let custom = try histogram(
            "{{schema:-53 count:1e6 custom_values:[2 5] buckets:[1 0 0.00001]}}")
        #expect(custom.intervalText == "{count:1e+06, sum:0, [-Inf,2]:1, (5,+Inf]:1e-05}")
    }
}
