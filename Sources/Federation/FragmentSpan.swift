import Clusters
import Planning
import TimeSeries
import Tracing
import Upstream

/// The span of one fragment at one cluster, whatever it takes to answer it: what is remembered, and
/// any number of requests, which are its events.
enum FragmentSpan {
    /// The outcome of a fetch, which happens inside the span; without a span outside of any trace.
    static func outcome(
        of fetch: FragmentFetch, fragment: String
    ) async -> Outcome<FragmentPart> {
        guard let context = ServiceContext.current else { return await fetch.outcome() }
        let cluster = fetch.request.cluster.name
        let span = fetch.answering.client.upstream.tracer.startSpan(
            "fragment \(cluster)", context: context, ofKind: .client)
        var inner = span.context
        // Set for those too that are not recorded, whose requests need none of their own.
        inner.clientSpan = span
        let outcome = await ServiceContext.$current.withValue(inner) { await fetch.outcome() }
        guard span.isRecording else { return outcome }
        span.updateAttributes { attributes in
            attributes["isthmus.cluster"] = cluster
            attributes["isthmus.fragment"] = fragment
            attributes["db.system.name"] = "prometheus"
            attributes["db.query.text"] = fetch.request.query
            attributes["isthmus.steps"] = fetch.question.grid.count
        }
        note(outcome, in: span)
        span.end()
        return outcome
    }

    private static func note(_ outcome: Outcome<FragmentPart>, in span: any Tracing.Span) {
        switch outcome {
        case .answered(let part):
            span.updateAttributes { attributes in
                attributes["isthmus.outcome"] = "answered"
                attributes["isthmus.bytes"] = part.bytes
                attributes["isthmus.series"] = part.series.count + part.samples.count
                attributes["isthmus.cache"] = part.cache.outcome.rawValue
                attributes["isthmus.requests"] = part.cache.requests
                attributes["isthmus.shared"] = part.cache.isShared
            }
        case .missing(let cause):
            fail(span, outcome: "missing", type: cause.kind, message: cause.message)
        case .rejected(let type, let message):
            fail(span, outcome: "rejected", type: type, message: message)
        }
    }

    private static func fail(
        _ span: any Tracing.Span, outcome: String, type: String, message: String
    ) {
        span.updateAttributes { attributes in
            attributes["isthmus.outcome"] = outcome
            attributes["error.type"] = type
        }
        span.addEvent(
            SpanEvent(
                name: "exception",
                attributes: [
                    "exception.type": .string(type), "exception.message": .string(message),
                ]))
        span.setStatus(SpanStatus(code: .error, message: message))
    }
}
