import PrometheusAPI
import TestSupport
import Testing
import TimeSeries

struct QueryResponseDecoderTests {
    private let grid = TimeGrid(start: 1_000_000, end: 1_030_000, step: 15_000)

    private func vector(_ result: String) -> String {
        #"{"status":"success","data":{"resultType":"vector","result":[\#(result)]}}"#
    }

    private func matrix(_ result: String) -> String {
        #"{"status":"success","data":{"resultType":"matrix","result":[\#(result)]}}"#
    }

    private var instant: PrometheusAPI.Expectation { .grid(TimeGrid(instant: 1_000_000)) }

    // MARK: Forms

    @Test func aVectorHasOneValueForEachSeries() {
        let body = vector(
            #"{"metric":{"__name__":"up","job":"api"},"value":[1000,"1"]},"#
                + #"{"metric":{},"value":[1000,"0.5"]}"#)
        #expect(
            decoded(body, instant).series == [
                GridSeries(labels: ["__name__": "up", "job": "api"], values: [1]),
                GridSeries(labels: [:], values: [0.5]),
            ])
    }

    @Test func aMatrixIsLaidOnTheGridAndItsGapsAreAbsent() {
        let body = matrix(#"{"metric":{"a":"b"},"values":[[1000,"1"],[1030,"-2.25e3"]]}"#)
        #expect(
            decoded(body, .grid(grid)).series
                == [GridSeries(labels: ["a": "b"], values: [1, Absent.value, -2250])])
    }

    @Test func aScalarIsLaidOnTheGrid() throws {
        let body = #"{"status":"success","data":{"resultType":"scalar","result":[1000,"2.5"]}}"#
        #expect(try decoded(body, instant).get().value == .scalar([2.5]))
    }

    @Test func aStringIsAString() throws {
        let body = #"{"status":"success","data":{"resultType":"string","result":[1,"a\"b"]}}"#
        #expect(try decoded(body, instant).get().value == .string("a\"b"))
    }

    @Test func windowsOfSamplesKeepTheirOwnTimes() throws {
        let body = matrix(
            #"{"metric":{"a":"b"},"values":[[1.001,"1"],[3,"2"]],"#
                + #""histograms":[[2,{"count":"4","sum":"5"}]]}"#)
        let histogram = try #require(NativeHistogram(ShownHistogram(count: 4, sum: 5)))
        #expect(
            try decoded(body, .samples).get().value
                == .samples([
                    SampledSeries(
                        labels: ["a": "b"],
                        samples: [
                            .init(time: 1001, value: .float(1)),
                            .init(time: 2000, value: .histogram(histogram)),
                            .init(time: 3000, value: .float(2)),
                        ])
                ]))
    }

    @Test func aNativeHistogramHasItsBuckets() throws {
        let body = vector(
            #"{"metric":{},"histogram":[1000,{"count":"3","sum":"+Inf","#
                + #""buckets":[[3,"-0.5","0.5","1"],[0,"1","2","2"]],"more":[{}]}]}"#)
        let shown = ShownHistogram(
            count: 3, sum: .infinity,
            buckets: [
                .init(boundaries: .closedBoth, lower: -0.5, upper: 0.5, count: 1),
                .init(boundaries: .openLeft, lower: 1, upper: 2, count: 2),
            ])
        let histogram = try #require(NativeHistogram(shown))
        #expect(
            decoded(body, instant).series == [
                GridSeries(
                    labels: [:], values: [Absent.value],
                    histograms: [.init(index: 0, histogram: histogram)])
            ])
    }

    @Test func histogramsOfAMatrixStandByPlaceAndEachPlaceOnce() {
        let body = matrix(
            #"{"metric":{},"histograms":[[1030,{"count":"1"}],[1000,{"count":"2"}],"#
                + #"[1030,{"count":"3"}]]}"#)
        let points = decoded(body, .grid(grid)).series?.first?.histograms ?? []
        #expect(points.map(\.index) == [0, 2])
        #expect(points.map(\.histogram.count) == [2, 3])
    }

    // MARK: Forgiving

    @Test(arguments: [
        #"{"data":{"result":[{"value":[1000,"7"],"metric":{"a":"b"}}],"resultType":"vector"},"status":"success"}"#,
        #"{"status":"success","isPartial":false,"data":{"stats":{"a":[1,{"b":null}],"c":"]"},"resultType":"vector","analysis":{},"result":[{"group":"x","metric":{"a":"b"},"value":[1000,"7"],"values2":[[1]]}]},"trace":[[[]]],"n":-1.5e9}"#,
        " \n{ \"status\" :\t\"success\" , \"data\" : { \"resultType\" : \"vector\" , \"result\" : [ { \"metric\" : { \"a\" : \"b\" } , \"value\" : [ 1000 , \"7\" ] } ] } }\r\n",
        #"{"st\u0061tus":"success","data":{"resultType":"vector","result":[{"metric":{"\u0061":"\u0062"},"value":[1.0e3,"\u0037"]}]}}"#,
        #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"x":"y"},"metric":{"c":"","a":"z","a":"b"},"value":[1000,"1"],"value":[1000.000,"7.0"]}]}}"#,
    ])
    func orderSpaceUnknownKeysAndRepetitionDoNotMatter(_ body: String) {
        #expect(
            decoded(body, instant).series == [GridSeries(labels: ["a": "b"], values: [7])])
    }

    @Test(arguments: [
        #"{"status":"success","data":{"resultType":"matrix","result":null}}"#,
        #"{"status":"success","data":{"resultType":"matrix","result":[]},"warnings":null,"infos":null}"#,
        #"{"status":"success","data":{"resultType":"matrix"}}"#,
    ])
    func anAnswerWithoutSeriesIsEmpty(_ body: String) {
        #expect(decoded(body, .grid(grid)).series == [])
    }

    @Test func labelsInAnyOrderArePutInOrder() {
        let body = vector(
            #"{"metric":{"z":"1","__name__":"m","b":"2","Z":"3"},"value":[1000,"1"]}"#)
        #expect(
            decoded(body, instant).series?.first?.labels.pairs.map(\.name)
                == ["Z", "__name__", "b", "z"])
    }

    @Test(arguments: [
        (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t"),
        (#"\u0041\u00e9\u20AC"#, "Aé€"),
        (#"\ud83d\ude00"#, "😀"),
        (#"\ud83d"#, "\u{fffd}"),
        (#"\ude00x"#, "\u{fffd}x"),
        (#"\ud83d\n"#, "\u{fffd}\n"),
        (#"\ud83d\u0041"#, "\u{fffd}A"),
        (#"\ud83d\ud83d\ude00"#, "\u{fffd}😀"),
        ("é😀\u{2028}", "é😀\u{2028}"),
    ])
    func aStringsEscapesAreResolved(_ escaped: String, _ wanted: String) {
        let body = vector(#"{"metric":{"a":"\#(escaped)"},"value":[1000,"1"]}"#)
        #expect(decoded(body, instant).series?.first?.labels["a"] == wanted)
    }

    @Test func bytesThatAreNoUTF8BecomeReplacementCharacters() {
        var body = Array(vector(#"{"metric":{"a":"x!y"},"value":[1000,"1"]}"#).utf8)
        for index in body.indices where body[index] == UInt8(ascii: "!") { body[index] = 0xff }
        let labels = decoded(body, instant).series?.first?.labels
        #expect(labels == ["a": "x\u{fffd}y"])
    }

    @Test func annotationsComeAsTheyAre() throws {
        let body =
            #"{"status":"success","warnings":["b","a\n"],"infos":["c"],"#
            + #""data":{"resultType":"vector","result":[]}}"#
        let response = try decoded(body, instant).get()
        #expect(response.warnings == ["b", "a\n"])
        #expect(response.infos == ["c"])
    }

    // MARK: Errors

    @Test func anErrorOfTheServerIsAnOutcome() throws {
        let body =
            #"{"status":"error","data":{"resultType":"matrix","result":[]},"#
            + #""errorType":"execution","error":"too \"many\"","warnings":["w"]}"#
        let response = try decoded(body, .samples).get()
        #expect(
            response.value == .failure(ServerError(type: "execution", message: "too \"many\"")))
        #expect(response.warnings == ["w"])
    }

    // MARK: Times and values

    @Test(arguments: [
        ("1700000000.1", 1_700_000_000_100), ("1700000000.12", 1_700_000_000_120),
        ("1700000000.123", 1_700_000_000_123), ("1700000000.001", 1_700_000_000_001),
        ("1.7e9", 1_700_000_000_000), ("1.7000000001E9", 1_700_000_000_100),
        ("-1.5", -1500), ("0", 0), ("-0", 0), ("1435781430.7815", 1_435_781_430_782),
        ("253402300799.999", 253_402_300_799_999),
    ])
    func aTimeIsReadWithoutARoundingError(_ text: String, _ milliseconds: Int64) throws {
        let body = matrix(#"{"metric":{},"values":[[\#(text),"1"]]}"#)
        guard case .samples(let series) = try decoded(body, .samples).get().value else { return }
        #expect(series.first?.samples.map(\.time) == [milliseconds])
    }

    @Test(arguments: [
        "0", "-0", "1", "0.1", "123.456", "0.30000000000000004", "1e-07", "5e-324", "1e+21",
        "1.7976931348623157e+308", "100000000000000000000", "9007199254740993",
        "18446744073709551616",
        "0.000001", "+Inf", "-Inf", "NaN", "99999999999999999999.5", "0.1234567890123456789",
        "12345678901234567890123456789",
    ])
    func aValueIsTheDoubleNearestToItsText(_ text: String) throws {
        let wanted: Double = text == "NaN" ? .nan : try #require(Double(text))
        for body in [
            vector(#"{"metric":{},"value":[1000,"\#(text)"]}"#),
            matrix(#"{"metric":{},"values":[[1000,"\#(text)"]]}"#),
        ] {
            let value = decoded(body, instant).series?.first?.values.first
            #expect(value?.bitPattern == wanted.bitPattern)
        }
    }

    @Test func aRandomNumberIsReadAsTheStandardLibraryReadsIt() {
        var generator = SeededGenerator(seed: 11)
        var texts: [String] = []
        for _ in 0..<4000 {
            let digits = (0..<Int.random(in: 1...22, using: &generator)).map { _ in
                String(Int.random(in: 0...9, using: &generator))
            }
            let point = Int.random(in: 1...digits.count, using: &generator)
            var text = digits[..<point].joined()
            if point < digits.count { text += "." + digits[point...].joined() }
            if Bool.random(using: &generator) { text = "-" + text }
            if Int.random(in: 0...3, using: &generator) == 0 {
                text += "e\(Int.random(in: -340...310, using: &generator))"
            }
            texts.append(text)
        }
        let samples = texts.enumerated().map { #"[\#($0),"\#($1)"]"# }.joined(separator: ",")
        let wide = TimeGrid(start: 0, end: Int64(texts.count - 1) * 1000, step: 1000)
        let body = matrix(#"{"metric":{},"values":[\#(samples)]}"#)
        let values = decoded(body, .grid(wide)).series?.first?.values ?? []
        let wanted = texts.compactMap { Double($0) }
        #expect(values.map(\.bitPattern) == wanted.map(\.bitPattern))
    }
}
