import PrometheusAPI
import TestSupport
import Testing
import TimeSeries

/// However the network cuts a body, the decoder says the same.
struct QueryResponseDecoderPiecesTests {
    /// Bodies with all that a token can be cut in, good and bad.
    static let bodies: [(String, PrometheusAPI.Expectation)] = [
        (
            #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"é😀","a\"b":"\ud83d\ude00\n","x":"\u00e9"},"values":[[1000,"1"],[1015.000,"-2.5e-3"],[1030,"+Inf"]],"histograms":[[1000,{"count":"1","sum":"2","buckets":[[0,"1","2","3"]]}]]},{"metric":{},"values":[[1e3,"NaN"]]}],"stats":{"a":[true,false,null,-1.5e+9,"]"]}},"warnings":["w"],"infos":["i\\"]} "#,
            .grid(TimeGrid(start: 1_000_000, end: 1_030_000, step: 15_000))
        ),
        (
            #"{"data":{"result":[1000.5,"0.25"],"resultType":"scalar"},"status":"success"}"#,
            .grid(TimeGrid(instant: 1_000_500))
        ),
        (
            #"{"status":"error","errorType":"bad_data","error":"a \u003cb\u003e"}"#,
            .samples
        ),
        (#"  <html><body>Please log in</body></html>"#, .samples),
        (
            #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1001,"1"]]}]}}"#,
            .grid(TimeGrid(instant: 1_000_000))
        ),
        (
            #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"\x"}}]}}"#,
            .samples
        ),
        (
            #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"1a"]]}]}}"#,
            .samples
        ),
        (
            #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":1}}]}}"#,
            .samples
        ),
        (#"{"status":"success","data":{"resultType":"matrix","result":[]}} x"#, .samples),
        (#"{"status":"success","data":{"x":nulL}}"#, .samples),
    ]

    @Test(arguments: bodies)
    func twoPiecesGiveTheSameAsOneWhereverTheCutIs(
        _ body: String, _ expectation: PrometheusAPI.Expectation
    ) {
        let bytes = Array(body.utf8)
        let whole = String(describing: decoded(bytes, expectation))
        for cut in 0...bytes.count {
            let result = decoded([bytes[..<cut], bytes[cut...]], expectation)
            #expect(String(describing: result) == whole, "cut at \(cut)")
        }
    }

    @Test(arguments: bodies)
    func piecesOfAnyLengthGiveTheSameAsOne(
        _ body: String, _ expectation: PrometheusAPI.Expectation
    ) {
        let bytes = Array(body.utf8)
        let whole = String(describing: decoded(bytes, expectation))
        for length in 1...40 {
            let result = decoded(bytes.pieces(of: length), expectation)
            #expect(String(describing: result) == whole, "pieces of \(length)")
        }
    }

    @Test(arguments: RecordedAnswer.results)
    func aRecordedBodyInPiecesGivesTheSameAsWhole(_ answer: RecordedAnswer) throws {
        let expectation = try #require(answer.expectation)
        let whole = String(describing: decoded(answer.body, expectation))
        var generator = SeededGenerator(seed: 5)
        for longest in [1, 2, 3, 7, 20, 64, 300] {
            let pieces = answer.body.randomPieces(upTo: longest, using: &generator)
            #expect(String(describing: decoded(pieces, expectation)) == whole)
        }
        // Every cut, where that is quick.
        guard answer.body.count < 2500 else { return }
        for cut in answer.body.indices {
            let result = decoded([answer.body[..<cut], answer.body[cut...]], expectation)
            #expect(String(describing: result) == whole, "cut at \(cut)")
        }
    }

    @Test(arguments: bodies.prefix(3))
    func aBodyThatEndsEarlyIsTruncated(
        _ body: String, _ expectation: PrometheusAPI.Expectation
    ) {
        var bytes = Array(body.utf8)
        while bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
        for length in bytes.indices {
            #expect(
                decoded(Array(bytes[..<length]), expectation).failure
                    == .truncated(offset: length))
        }
    }

    @Test func aLongSeriesInManyPiecesIsReadOnce() {
        let grid = TimeGrid(start: 0, end: 10_999 * 15_000, step: 15_000)
        let wanted = GridSeries(
            labels: ["__name__": "long"],
            values: (0..<11_000).map { $0 % 7 == 0 ? Absent.value : Double($0) / 3 })
        let body = written(.vector([wanted], grid: grid), .range)
        for length in [1, 100, 1000] {
            #expect(decoded(body.pieces(of: length), .grid(grid)).series == [wanted])
        }
    }

    @Test func afterAFailureEveryCallFailsTheSameWay() {
        var decoder = QueryResponseDecoder(expecting: .samples)
        #expect(throws: DecodingFailure.notJSON(offset: 0)) { try decoder.feed([0x78]) }
        #expect(throws: DecodingFailure.notJSON(offset: 0)) { try decoder.feed(Array("{}".utf8)) }
        let failed = decoder
        #expect(throws: DecodingFailure.notJSON(offset: 0)) { _ = try failed.finish() }
    }
}
