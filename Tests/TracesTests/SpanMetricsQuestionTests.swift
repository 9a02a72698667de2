import Spans
import Testing
import TimeSeries
import Traces

/// What `metrics/*` ask of Prometheus, and how their answers are named.
@Suite struct SpanMetricsQuestionTests {
    private static let settings = SpanMetricsSettings()

    private static func question(
        _ measure: SpanMetricsQuestion.Measure, services: [String] = ["cart"],
        byOperation: Bool = false, kinds: [SpanKind] = [.server]
    ) -> SpanMetricsQuestion {
        SpanMetricsQuestion(
            measure, services: services, groupsByOperation: byOperation, kinds: kinds,
            end: 1_700_000_000_000)
    }

    @Test func quantilesAreOfTheSumOfAllBuckets() {
        #expect(
            Self.question(.latencies(quantile: 0.95)).query(Self.settings)
                == "histogram_quantile(0.95, sum by (service_name, le) "
                + "(rate(traces_span_metrics_duration_milliseconds_bucket"
                + #"{service_name="cart",span_kind="SPAN_KIND_SERVER"}[600000ms])))"#)
    }

    @Test func aQuantileIsNotRounded() {
        let question = Self.question(.latencies(quantile: 0.999))
        #expect(question.query(Self.settings).hasPrefix("histogram_quantile(0.999, "))
        #expect(question.familyHelp == "0.999th quantile latency, grouped by service")
        #expect(
            Self.question(.latencies(quantile: 0.5)).familyHelp
                == "0.50th quantile latency, grouped by service")
    }

    @Test func callsAreSummedByServiceAndOperation() {
        let question = Self.question(.calls, byOperation: true, kinds: [])
        #expect(
            question.query(Self.settings)
                == "sum by (service_name, span_name) "
                + #"(rate(traces_span_metrics_calls_total{service_name="cart"}[600000ms]))"#)
        #expect(question.familyName == "service_operation_call_rate")
        #expect(question.familyHelp == "calls/sec, grouped by service & operation")
    }

    @Test func errorsAreZeroWhereThereAreCalls() {
        let calls =
            #"sum by (service_name) (rate(traces_span_metrics_calls_total{service_name="cart","#
            + #"span_kind="SPAN_KIND_SERVER"}[600000ms]))"#
        let errors =
            #"sum by (service_name) (rate(traces_span_metrics_calls_total{service_name="cart","#
            + #"span_kind="SPAN_KIND_SERVER",status_code="STATUS_CODE_ERROR"}[600000ms]))"#
        #expect(
            Self.question(.errors).query(Self.settings) == "\(errors) / \(calls) or \(calls) * 0")
    }

    @Test func servicesAreMatchedToTheLetter() {
        let services = ["a.b", "c|d", "e\"f"]
        let query = Self.question(.calls, services: services, kinds: [.client, .producer])
            .query(Self.settings)
        #expect(query.contains(#"service_name=~"a\\.b|c\\|d|e\"f""#))
        #expect(query.contains(#"span_kind=~"SPAN_KIND_CLIENT|SPAN_KIND_PRODUCER""#))
    }

    @Test func clustersAreChosenByTheirLabel() {
        var question = Self.question(.calls, kinds: [])
        question.clusters = ["east", "west"]
        #expect(
            question.query(Self.settings).contains(#"{cluster=~"east|west",service_name="cart"}"#))
    }

    @Test func namesAreAsTheSettingsSay() {
        var settings = SpanMetricsSettings()
        settings.namespace = ""
        settings.latencyUnit = .seconds
        settings.normalizesCalls = false
        settings.serviceLabel = "service"
        #expect(
            Self.question(.latencies(quantile: 1)).query(settings).contains(
                #"rate(duration_seconds_bucket{service="cart","#))
        #expect(
            Self.question(.latencies(quantile: 1)).query(settings).hasPrefix(
                "1000 * histogram_quantile("))
        #expect(
            Self.question(.calls, kinds: []).query(settings)
                == #"sum by (service) (rate(calls{service="cart"}[600000ms]))"#)
        settings.normalizesDuration = false
        #expect(
            Self.question(.latencies(quantile: 1)).query(settings).contains("rate(duration_bucket{")
        )
    }

    @Test func labelsAreTheOnesThatJaegersUIKnows() {
        var settings = SpanMetricsSettings()
        settings.serviceLabel = "service"
        let labels = Self.question(.calls, byOperation: true)
            .familyLabels(of: ["service": "cart", "span_name": "GET /"], settings)
        #expect(labels.map(\.name) == ["service_name", "operation"])
        #expect(labels.map(\.value) == ["cart", "GET /"])
    }
}
