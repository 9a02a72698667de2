import PrometheusAPI
import TestSupport
import Testing
import TimeSeries

struct QueryResponseDecoderFailureTests {
    private let grid = TimeGrid(start: 1_000_000, end: 1_030_000, step: 15_000)

    private func matrix(_ result: String) -> String {
        #"{"status":"success","data":{"resultType":"matrix","result":[\#(result)]}}"#
    }

    // MARK: Not JSON

    @Test func aPageIsSaidToBeOne() {
        let failure = decoded("\n <!DOCTYPE html>", .grid(grid)).failure
        #expect(failure == .html)
        #expect(
            failure?.description == "the answer is HTML, not JSON: is this a login page?")
    }

    @Test func nothingIsTruncated() {
        #expect(decoded("", .grid(grid)).failure == .truncated(offset: 0))
    }

    @Test(arguments: [
        ("upstream connect error", 0), (#"{"status":"success",}"#, 20),
        (#"{"status" "success"}"#, 10),
        (#"{status:1}"#, 1), (#"{"status":"success"]"#, 19), ("[1,]", 3), (#"{"a":01x}"#, 7),
        (#"{"a":tru }"#, 8), ("{\"a\":\"\u{1}\"}", 6), (#"{"a":"\u12g4"}"#, 10), (#"{"a":.5}"#, 5),
        (#"{"a":1}{"b":2}"#, 7), ("{\"a\":1}\0", 7), (#"{"a":<}"#, 5),
    ])
    func whatIsNotJSONIsToldWithItsPlace(_ body: String, _ offset: Int) {
        // A list is JSON, but no answer; its end is not reached.
        let failure = decoded(body, .grid(grid)).failure
        if body.hasPrefix("[") {
            #expect(failure == .wrongShape(.object, offset: 0))
        } else {
            #expect(failure == .notJSON(offset: offset))
        }
    }

    // MARK: Not of the form

    @Test(arguments: [
        (#"{"status":"success"}"#, DecodingFailure.Expected.data),
        (#"{"message":"Forbidden"}"#, .status),
        (#"{"status":"maybe","data":{}}"#, .status),
        (#"{"status":1}"#, .text),
        (#"{"status":"success","data":[]}"#, .object),
        (#"{"status":"success","data":"x"}"#, .object),
        (#"{"status":"success","data":{"result":{}}}"#, .list),
        (#"{"status":"success","data":{"resultType":[],"result":[]}}"#, .text),
        (#"{"status":"success","data":{"resultType":"streams","result":[]}}"#, .vectorOrMatrix),
        (#"{"status":"success","data":{"result":[]}}"#, .vectorOrMatrix),
        (#"{"status":"success","data":{"resultType":"scalar","result":[]}}"#, .sample),
        (#"{"status":"success","data":{"resultType":"scalar","result":[1000]}}"#, .text),
        (#"{"status":"success","data":{"resultType":"scalar","result":[1000,"x"]}}"#, .sample),
        (#"{"status":"success","data":{"resultType":"scalar","result":[1000,"1","2"]}}"#, .text),
        (
            #"{"status":"success","data":{"resultType":"vector","result":[1000,"1"]}}"#,
            .vectorOrMatrix
        ),
        (#"{"status":"success","data":{"resultType":"vector","result":["1"]}}"#, .object),
        (#"{"status":"success","warnings":"x"}"#, .list),
        (#"{"status":"success","warnings":[1]}"#, .text),
        (#"{"status":"success","warnings":[["x"]]}"#, .text),
    ])
    func whatIsMissingInAnAnswerIsNamed(_ body: String, _ expected: DecodingFailure.Expected) {
        guard case .wrongShape(expected, _) = decoded(body, .grid(grid)).failure else {
            Issue.record("\(decoded(body, .grid(grid))) for \(body)")
            return
        }
    }

    @Test(arguments: [
        (#"[]"#, DecodingFailure.Expected.object), (#"{"metric":[]}"#, .object),
        (#"{"metric":{"a":1}}"#, .text), (#"{"metric":{"a":null}}"#, .text),
        (#"{"metric":{"a":{}}}"#, .text), (#"{"metric":"x"}"#, .object),
        (#"{"values":{}}"#, .sample), (#"{"values":[1]}"#, .sample), (#"{"values":[{}]}"#, .sample),
        (#"{"value":7}"#, .sample), (#"{"values":[[]]}"#, .sample),
        (#"{"values":[[1000]]}"#, .sample),
        (#"{"values":[["1000","1"]]}"#, .time), (#"{"values":[[null,"1"]]}"#, .time),
        (#"{"values":[[{},"1"]]}"#, .time), (#"{"values":[[1000,1]]}"#, .sampleValue),
        (#"{"values":[[1000,"1","2"]]}"#, .sampleValue),
        (#"{"values":[[1000,"1x"]]}"#, .sampleValue),
        (#"{"values":[[1000,""]]}"#, .sampleValue), (#"{"values":[[1000,"0x10"]]}"#, .sampleValue),
        (#"{"values":[[1000,[]]]}"#, .sampleValue), (#"{"values":[[1-2,"1"]]}"#, .time),
        (#"{"values":[[1.,"1"]]}"#, .time), (#"{"values":[[-,"1"]]}"#, .time),
        (#"{"values":[[99999999999999999999999,"1"]]}"#, .time),
        (#"{"values":[[1e300,"1"]]}"#, .time), (#"{"values":[[-9e18,"1"]]}"#, .time),
        (#"{"histograms":[[1000,{"count":1}]]}"#, .sampleValue),
        (#"{"histograms":[[1000,{"count":"x"}]]}"#, .sampleValue),
        (#"{"histograms":[[1000,{"buckets":{}}]]}"#, .list),
        (#"{"histograms":[[1000,{"buckets":[[4,"1","2","3"]]}]]}"#, .boundaries),
        (#"{"histograms":[[1000,{"buckets":[["0","1","2","3"]]}]]}"#, .boundaries),
        (#"{"histograms":[[1000,{"buckets":[[0,"1","2"]]}]]}"#, .sampleValue),
        (#"{"histograms":[[1000,{"buckets":[[0,"1","2","3","4"]]}]]}"#, .sampleValue),
    ])
    func whatIsMissingInASeriesIsNamed(_ series: String, _ expected: DecodingFailure.Expected) {
        for expectation in [PrometheusAPI.Expectation.grid(grid), .samples] {
            let result = decoded(matrix(series), expectation)
            guard case .wrongShape(expected, _) = result.failure else {
                Issue.record("\(result) for \(series)")
                return
            }
        }
    }

    @Test func aVectorIsNoWindowOfSamples() {
        let body = #"{"status":"success","data":{"resultType":"vector","result":[]}}"#
        #expect(decoded(body, .samples).failure == .wrongShape(.matrix, offset: body.utf8.count))
    }

    @Test func theSentenceSaysWhatAndWhere() {
        let failure = decoded(#"{"status":7}"#, .samples).failure
        #expect(
            failure?.description
                == "the answer is not of the API's form: a string was expected at byte 10")
        #expect(failure?.kind == "wrong_shape")
        #expect(
            DecodingFailure.limit(.series, maximum: 5).description
                == "the answer has more than 5 series")
        #expect(
            DecodingFailure.truncated(offset: 9).description
                == "the answer ends at byte 9, before it is complete")
    }

    // MARK: Off the grid

    @Test(arguments: ["999.999", "1000.001", "1007.5", "1045", "-1000", "985", "9000000000000"])
    func aTimeThatWasNotAskedForIsAFailure(_ time: String) {
        for key in ["values", "histograms"] {
            let value = key == "values" ? #""1""# : "{}"
            let body = matrix(
                #"{"metric":{},"\#(key)":[[1000,\#(value)],[\#(time),\#(value)]]}"#)
            let failure = decoded(body, .grid(grid)).failure
            guard case .offGrid = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
            #expect(failure?.description == "the server realigned the timestamps")
        }
        let scalar =
            #"{"status":"success","data":{"resultType":"scalar","result":[\#(time),"1"]}}"#
        #expect(decoded(scalar, .grid(grid)).failure?.kind == "off_grid")
    }

    // MARK: Limits

    @Test func seriesAreCounted() {
        let series = #"{"metric":{},"value":[1000,"1"]}"#
        let limits = DecodingLimits(maximumSeries: 2)
        #expect(decoded(matrix("\(series),\(series)"), .grid(grid), limits: limits).failure == nil)
        #expect(
            decoded(matrix("\(series),\(series),\(series)"), .grid(grid), limits: limits).failure
                == .limit(.series, maximum: 2))
    }

    @Test func placesOfTheGridAreCounted() {
        let series = #"{"metric":{},"value":[1000,"1"]}"#
        let body = matrix("\(series),\(series)")
        #expect(
            decoded(body, .grid(grid), limits: DecodingLimits(maximumSamples: 6)).failure == nil)
        #expect(
            decoded(body, .grid(grid), limits: DecodingLimits(maximumSamples: 5)).failure
                == .limit(.samples, maximum: 5))
    }

    @Test func samplesAndBucketsAreCounted() {
        let body = matrix(
            #"{"values":[[1,"1"],[2,"1"]],"histograms":[[3,{"buckets":[[0,"1","2","3"]]}]]}"#)
        #expect(decoded(body, .samples, limits: DecodingLimits(maximumSamples: 4)).failure == nil)
        for maximum in 0..<4 {
            #expect(
                decoded(body, .samples, limits: DecodingLimits(maximumSamples: maximum)).failure
                    == .limit(.samples, maximum: maximum))
        }
    }

    @Test func nestingIsBounded() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(
            decoded(#"{"x":"# + deep, .samples).failure == .limit(.depth, maximum: 64))
        let objects = String(repeating: #"{"a":"#, count: 100_000)
        #expect(decoded(objects, .samples).failure == .limit(.depth, maximum: 64))
    }

    @Test func aTextIsBoundedInEveryPlaceAndPiece() {
        let limits = DecodingLimits(maximumTextBytes: 10)
        let long = String(repeating: "x", count: 11)
        for body in [
            matrix(#"{"metric":{"\#(long)":"a"}}"#), matrix(#"{"metric":{"a":"\#(long)"}}"#),
            matrix(#"{"metric":{"a":"\n\#(long)"}}"#), #"{"\#(long)":1}"#,
            #"{"x":123456789012}"#,
        ] {
            for length in [1, 5, 1000] {
                let result = decoded(
                    Array(body.utf8).pieces(of: length), .samples, limits: limits)
                #expect(result.failure == .limit(.text, maximum: 10))
            }
        }
    }

    // MARK: Hostile

    @Test func randomlyChangedBodiesNeverTrap() {
        var generator = SeededGenerator(seed: 99)
        let alphabet = Array(#"{}[]",:\u0d8e1-+.eE NnIi<"#.utf8) + [0, 0x1f, 0x80, 0xff]
        for (body, expectation) in QueryResponseDecoderPiecesTests.bodies {
            let original = Array(body.utf8)
            for _ in 0..<400 {
                var bytes = original
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    let index = Int.random(in: bytes.indices, using: &generator)
                    let byte = alphabet.randomElement(using: &generator) ?? 0
                    switch Int.random(in: 0...2, using: &generator) {
                    case 0: bytes[index] = byte
                    case 1: bytes.insert(byte, at: index)
                    default: bytes.remove(at: index)
                    }
                }
                let whole = String(describing: decoded(bytes, expectation))
                let pieces = bytes.randomPieces(upTo: 9, using: &generator)
                #expect(String(describing: decoded(pieces, expectation)) == whole)
            }
        }
    }
}
