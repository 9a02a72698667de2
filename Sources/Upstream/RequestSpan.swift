import Clusters
package import Tracing

extension ServiceContext {
    /// The span of the question to a cluster that is being asked. The requests that are made for it
    /// have no spans of their own: they are events of this one.
    package var clientSpan: (any Tracing.Span)? {
        get { self[ClientSpanKey.self] }
        set { self[ClientSpanKey.self] = newValue }
    }

    private enum ClientSpanKey: ServiceContextKey {
        typealias Value = any Tracing.Span
        static let nameOverride: String? = "isthmus.client-span"
    }
}

/// The span of one request, whichever of the replicas answer it.
struct RequestSpan {
    private let span: any Tracing.Span

    init(_ question: UpstreamClient.Question, _ tracer: any Tracer, _ context: ServiceContext) {
        span = tracer.startSpan(
            "\(question.method) \(question.endpoint)", context: context, ofKind: .client)
        guard span.isRecording else { return }
        span.updateAttributes { attributes in
            attributes["isthmus.cluster"] = question.cluster.name
            attributes["isthmus.endpoint"] = question.endpoint
            attributes["http.request.method"] = question.method
        }
    }

    /// Does something inside the span, and ends it.
    func surrounding<Value: Sendable>(
        _ work: () async throws -> Value
    ) async throws -> Value {
        guard span.isRecording else {
            return try await ServiceContext.$current.withValue(span.context) { try await work() }
        }
        var context = span.context
        context.clientSpan = span
        defer { span.end() }
        do {
            return try await ServiceContext.$current.withValue(context) { try await work() }
        } catch {
            span.recordError(error)
            span.setStatus(SpanStatus(code: .error, message: "\(error)"))
            if let error = error as? UpstreamError {
                span.attributes["error.type"] = error.kind.label
            }
            throw error
        }
    }

    /// Notes in the span of the question under way how a replica answered, without what may be a
    /// secret in its address.
    static func note(
        _ transfer: Transfer, _ outcome: RequestOutcome, _ question: UpstreamClient.Question,
        _ time: Duration
    ) {
        guard let span = ServiceContext.current?.clientSpan, span.isRecording else { return }
        let address = transfer.order.address
        var attempt: SpanAttributes = [
            "isthmus.replica": .string(address.shown),
            "isthmus.endpoint": .string(question.endpoint),
            "isthmus.outcome": .string(outcome.label),
            "isthmus.bytes": .int64(Int64(transfer.receivedBytes)),
            "isthmus.seconds": .double(time.inSeconds),
        ]
        var ofSpan: SpanAttributes = [
            "server.address": .string(String(address.host.filter { $0 != "[" && $0 != "]" })),
            "server.port": .int64(Int64(address.port)),
        ]
        let status: Int? =
            switch outcome {
            case .answered(let status), .failed(.status(let status, _)),
                .failed(.redirect(let status, _)):
                status
            default: nil
            }
        if let status {
            attempt["http.response.status_code"] = status
            ofSpan["http.response.status_code"] = status
        }
        span.attributes.merge(ofSpan)
        span.addEvent(SpanEvent(name: "attempt", attributes: attempt))
    }
}

/// Puts the place in the trace into the headers of a request.
struct TraceInjection: Injector {
    /// The headers for the present work; none outside of any trace.
    static func headers(_ tracer: any Tracer) -> [Service.Header] {
        guard let context = ServiceContext.current else { return [] }
        var headers: [Service.Header] = []
        tracer.inject(context, into: &headers, using: TraceInjection())
        return headers
    }

    func inject(_ value: String, forKey key: String, into headers: inout [Service.Header]) {
        headers.append(Service.Header(name: key, value: value))
    }
}
