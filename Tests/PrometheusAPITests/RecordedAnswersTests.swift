import PrometheusAPI
import Testing
import TimeSeries

/// What a real Prometheus wrote is read, and written again byte for byte.
struct RecordedAnswersTests {
    @Test func theRecordingsAreThere() {
        #expect(RecordedAnswer.all.count >= 40)
    }

    @Test(arguments: RecordedAnswer.results)
    func aResultIsWrittenAsPrometheusWroteIt(_ answer: RecordedAnswer) throws {
        let value = try queryValue(of: answer)
        // Prometheus 2.42 escapes label sets as it does all strings.
        let bytes = written(value, answer.form, labelEscaping: .html)
        #expect(text(bytes) == text(answer.body))
    }

    private func queryValue(of answer: RecordedAnswer) throws -> QueryValue {
        let expectation = try #require(answer.expectation)
        let grid = try #require(answer.grid)
        switch try decoded(answer.body, expectation).get().value {
        case .vector(let series): return .vector(series, grid: grid)
        case .samples(let series): return .samples(series)
        case .scalar(let values): return .scalar(values, grid: grid)
        case .string(let text): return .string(text, time: grid.start)
        case .failure(let error): throw error
        }
    }

    @Test(arguments: RecordedAnswer.errors)
    func anErrorIsReadAndWrittenAsPrometheusWroteIt(_ answer: RecordedAnswer) throws {
        let expectation = PrometheusAPI.Expectation.grid(TimeGrid(instant: 0))
        guard case .failure(let error) = try decoded(answer.body, expectation).get().value else {
            Issue.record("the answer is an error")
            return
        }
        #expect(text(ResponseText.failure(error)) == text(answer.body))
    }

    @Test(
        arguments: RecordedAnswer.errors.filter {
            !["error-query", "error-execution"].contains($0.name)
        })
    func aParameterThatPrometheusRefusedIsRefusedInItsWords(_ answer: RecordedAnswer) throws {
        let look: @Sendable (String) -> String? = { answer.parameters[$0] }
        let failure = #expect(throws: ParameterFailure.self) {
            switch answer.endpoint {
            case "query": _ = try InstantQueryParameters(now: 0, look)
            case "query_range": _ = try RangeQueryParameters(look)
            case "metadata": _ = try MetadataParameters(look)
            default: _ = try DiscoveryParameters(look)
            }
        }
        let error = try #require(failure?.serverError)
        #expect(text(ResponseText.failure(error)) == text(answer.body))
    }

    @Test(arguments: RecordedAnswer.lists)
    func aListIsWrittenAsPrometheusWroteIt(_ answer: RecordedAnswer) throws {
        let bytes: [UInt8]
        switch answer.endpoint {
        case "series":
            var decoder = ListResponseDecoder(of: .labelSets)
            try decoder.feed(answer.body)
            guard case .labelSets(let sets) = try decoder.finish().value else { return }
            bytes = Array(
                ListResponseChunks(labelSets: sets, labelEscaping: .html).joined())
        case "metadata":
            guard case .data(let data) = try SmallAnswer(decoding: answer.body).value else {
                return
            }
            bytes = ResponseText.success(data)
        default:
            var decoder = ListResponseDecoder(of: .texts)
            try decoder.feed(answer.body)
            guard case .texts(let texts) = try decoder.finish().value else { return }
            bytes = Array(ListResponseChunks(texts: texts).joined())
        }
        #expect(text(bytes) == text(answer.body))
    }

    // MARK: Prometheus 3

    @Test(.enabled(if: !RecordedAnswer.fromCorpus.isEmpty))
    func everyAnswerOfPrometheus3IsReadAndWrittenWithTheSameMeaning() throws {
        #expect(RecordedAnswer.fromCorpus.count > 500)
        for answer in RecordedAnswer.fromCorpus {
            let expectation = try #require(answer.expectation, "\(answer.name)")
            let grid = try #require(answer.grid)
            let response = try decoded(answer.body, expectation).get()
            let bytes: [UInt8]
            var annotations = Annotations()
            for warning in response.warnings { annotations.warn(warning) }
            for info in response.infos { annotations.inform(info) }
            switch response.value {
            case .vector(let series):
                bytes = written(
                    .vector(series, grid: grid), answer.form, annotations: annotations)
            case .scalar(let values):
                bytes = written(.scalar(values, grid: grid), answer.form, annotations: annotations)
            case .failure(let error):
                bytes = ResponseText.failure(error, annotations: annotations)
            default:
                Issue.record("no such answer is in the corpus: \(answer.name)")
                continue
            }
            #expect(
                try JSONValue(parsing: bytes).normalized
                    == JSONValue(parsing: answer.body).normalized, "\(answer.name)")
        }
    }
}

extension JSONValue {
    /// Without differences that mean nothing: the order of members and annotations, `1` for `1.0`.
    fileprivate var normalized: JSONValue {
        switch self {
        case .integer(let number): .number(Double(number))
        case .array(let elements): .array(elements.map(\.normalized))
        case .object(let members):
            .object(
                members.map { member in
                    let value = member.value.normalized
                    guard ["warnings", "infos"].contains(member.name) else {
                        return Member(member.name, value)
                    }
                    return Member(
                        member.name,
                        .array((value.array ?? []).sorted { $0.description < $1.description }))
                }.sorted { $0.name < $1.name })
        default: self
        }
    }
}
