import PrometheusAPI
import Testing
import TimeSeries

/// The sentences that Prometheus 2.42 has too are compared with its own in `RecordedAnswersTests`.
struct QueryParametersTests {
    private func message(_ parameters: [String: String], isRange: Bool = false) -> String? {
        do throws(ParameterFailure) {
            if isRange {
                _ = try RangeQueryParameters { parameters[$0] }
            } else {
                _ = try InstantQueryParameters(now: 0) { parameters[$0] }
            }
            return nil
        } catch {
            #expect(error.serverError.type == "bad_data")
            return error.message
        }
    }

    @Test func anInstantQueryHasItsParameters() throws {
        let given = [
            "query": "up", "time": "1.5", "timeout": "1m", "limit": "7", "lookback_delta": "90",
            "stats": "all",
        ]
        let parameters = try InstantQueryParameters(now: 0) { given[$0] }
        var options = QueryOptions()
        options.limit = 7
        options.timeout = .seconds(60)
        options.lookbackDelta = 90_000
        options.stats = "all"
        #expect(parameters == InstantQueryParameters(query: "up", time: 1500, options: options))
        #expect(parameters.grid == TimeGrid(instant: 1500))
    }

    @Test func withoutATimeItIsNow() throws {
        let parameters = try InstantQueryParameters(now: 42) { $0 == "time" ? "" : nil }
        #expect(parameters == InstantQueryParameters(query: "", time: 42))
    }

    @Test func aRangeHasAGrid() throws {
        let given = ["start": "1970-01-01T00:00:10Z", "end": "100.5", "step": "30s", "query": "x"]
        let parameters = try RangeQueryParameters { given[$0] }
        #expect(parameters.grid == TimeGrid(start: 10_000, end: 100_500, step: 30_000))
        #expect(parameters.grid.count == 4)
    }

    @Test(arguments: [
        ("0", "11000", "1", true), ("0", "11000.5", "1", true), ("0", "11001", "1", false),
        ("0", "11005", "1.0005", true), ("0", "1e12", "1e9", true), ("0", "1e12", "1", false),
        ("-9e12", "9e12", "1000000000", true), ("-9e12", "9e12", "500000", false),
    ])
    func aRangeHasAtMostElevenThousandSteps(
        _ start: String, _ end: String, _ step: String, _ isTaken: Bool
    ) {
        let message = message(["start": start, "end": end, "step": step], isRange: true)
        #expect(
            message
                == (isTaken
                    ? nil
                    : "exceeded maximum resolution of 11,000 points per timeseries."
                        + " Try decreasing the query resolution (?step=XX)"))
    }

    @Test func aStepBelowAMillisecondIsNone() {
        #expect(
            message(["start": "0", "end": "0", "step": "0.0004"], isRange: true)
                == #"invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer"#
        )
    }

    @Test(arguments: [
        ("x", #"strconv.Atoi: parsing "x": invalid syntax"#), ("-1", "limit must be non-negative"),
        ("1.5", #"strconv.Atoi: parsing "1.5": invalid syntax"#),
        (
            "99999999999999999999",
            #"strconv.Atoi: parsing "99999999999999999999": value out of range"#
        ),
    ])
    func aLimitIsANumberFromZeroOn(_ text: String, _ reason: String) {
        let wanted = "invalid parameter \"limit\": \(reason)"
        // The limit is looked at first.
        #expect(message(["limit": text, "time": "x"]) == wanted)
        #expect(message(["limit": text], isRange: true) == wanted)
        #expect(throws: ParameterFailure.self) {
            _ = try DiscoveryParameters { $0 == "limit" ? text : nil }
        }
    }

    @Test func aLookbackThatIsNoDurationIsTold() {
        #expect(
            message(["lookback_delta": "x"])
                == #"error parsing lookback delta duration: cannot parse "x" to a valid duration"#)
    }

    @Test func discoveryHasNoBoundsUnlessGiven() throws {
        #expect(try DiscoveryParameters { _ in nil } == DiscoveryParameters())
        let given = ["start": "1", "end": "2.5", "limit": "3"]
        #expect(
            try DiscoveryParameters { given[$0] }
                == DiscoveryParameters(start: 1000, end: 2500, limit: 3))
    }

    @Test func metadataTakesANegativeLimitForNone() throws {
        let given = ["limit": "-1", "limit_per_metric": "2", "metric": "up"]
        let parameters = try MetadataParameters { given[$0] }
        #expect(parameters.limit == nil)
        #expect(parameters.limitPerMetric == 2)
        #expect(parameters.metric == "up")
        #expect(throws: ParameterFailure.self) {
            _ = try MetadataParameters { $0 == "limit_per_metric" ? "x" : nil }
        }
    }

    @Test(arguments: [
        ("a\"b\\", #""a\"b\\""#), ("\u{7}\u{8}\u{c}\n\r\t\u{b}", #""\a\b\f\n\r\t\v""#),
        ("\u{1}\u{7f}", #""\x01\x7f""#), ("é😀 ", #""é😀 ""#),
        ("\u{a0}\u{2028}\u{200b}", #""\u00a0\u2028\u200b""#),
        ("\u{e000}\u{10ffff}", #""\ue000\U0010ffff""#),
    ])
    func aTextIsQuotedAsGoQuotesIt(_ text: String, _ wanted: String) {
        #expect(GoText.quoted(text) == wanted)
    }
}
