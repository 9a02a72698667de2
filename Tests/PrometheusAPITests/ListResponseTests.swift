import PrometheusAPI
import Testing
import TimeSeries

struct ListResponseTests {
    private func decoded(
        _ body: [UInt8], of elements: ListResponseDecoder.Elements,
        pieces length: Int = 1 << 20, limits: DecodingLimits = .standard
    ) -> Result<ListResponse, DecodingFailure> {
        var decoder = ListResponseDecoder(of: elements, limits: limits)
        do throws(DecodingFailure) {
            for piece in body.pieces(of: length) { try decoder.feed(Array(piece)) }
            return .success(try decoder.finish())
        } catch {
            return .failure(error)
        }
    }

    private let labelSets: [Labels] = [
        [:], ["__name__": "up", "job": "<api>"], ["é": "\"\\\u{2028}"],
    ]
    private let texts = ["", "plain", "<&>", "\u{1}\n\"\\", "é😀", "\u{2028}"]

    @Test(arguments: [1, 2, 3, 10, 1000])
    func labelSetsAreTheSameAfterWritingAndReading(_ size: Int) throws {
        for escaping in [JSONText.Escaping.plain, .html] {
            let chunks = ListResponseChunks(
                labelSets: labelSets, labelEscaping: escaping, chunkSize: size)
            let body = Array(chunks.joined())
            #expect(
                try decoded(body, of: .labelSets, pieces: size).get().value
                    == .labelSets(labelSets))
        }
    }

    @Test(arguments: [1, 2, 3, 10, 1000])
    func textsAreTheSameAfterWritingAndReading(_ size: Int) throws {
        let body = Array(ListResponseChunks(texts: texts, chunkSize: size).joined())
        #expect(try decoded(body, of: .texts, pieces: size).get().value == .texts(texts))
    }

    @Test func anEmptyListIsNeverNullButIsReadFromIt() throws {
        #expect(
            text(Array(ListResponseChunks(texts: []).joined()))
                == #"{"status":"success","data":[]}"#)
        #expect(
            text(Array(ListResponseChunks(labelSets: []).joined()))
                == #"{"status":"success","data":[]}"#)
    }

    @Test func warningsComeAlong() throws {
        var annotations = Annotations()
        annotations.warn("results truncated due to limit")
        let body = Array(ListResponseChunks(texts: ["a"], annotations: annotations).joined())
        #expect(
            text(body)
                == #"{"status":"success","data":["a"],"warnings":["results truncated due to limit"]}"#
        )
        #expect(
            try decoded(body, of: .texts).get().warnings == ["results truncated due to limit"])
    }

    @Test func anErrorIsAnOutcome() throws {
        let error = ServerError(type: "bad_data", message: "no match[] parameter provided")
        let body = ResponseText.failure(error)
        #expect(try decoded(body, of: .labelSets).get().value == .failure(error))
    }

    @Test(arguments: [
        (#"{"status":"success","data":[1]}"#, DecodingFailure.Expected.text),
        (#"{"status":"success","data":[{}]}"#, .text), (#"{"status":"success","data":{}}"#, .list),
        (#"{"status":"success","data":[null]}"#, .text), (#"{"status":"success"}"#, .data),
    ])
    func otherElementsAreRefused(_ body: String, _ expected: DecodingFailure.Expected) {
        guard case .failure(.wrongShape(expected, _)) = decoded(Array(body.utf8), of: .texts) else {
            Issue.record("\(decoded(Array(body.utf8), of: .texts))")
            return
        }
    }

    @Test func elementsAreCounted() {
        let limits = DecodingLimits(maximumSeries: 2)
        let body = Array(ListResponseChunks(texts: texts).joined())
        #expect(
            decoded(body, of: .texts, limits: limits)
                == .failure(.limit(.series, maximum: 2)))
        let sets = Array(ListResponseChunks(labelSets: labelSets).joined())
        #expect(
            decoded(sets, of: .labelSets, limits: limits)
                == .failure(.limit(.series, maximum: 2)))
    }
}
