import Clusters
import Federation
import HTTPAPI
import Spans
import Synchronization
import TimeSeries
import Traces

/// Traces that need no cluster, and what was asked of them.
final class CannedTraces: Sendable {
    /// What the routes have asked, in order.
    enum Question: Hashable, Sendable {
        case services
        case operations(TraceAnswering.OperationsQuestion)
        case find(TraceAnswering.SearchQuestion)
        case traces(TraceAnswering.TracesQuestion)
        case dependencies(TraceAnswering.DependenciesQuestion)
        case archive(TraceAnswering.ArchiveQuestion)
    }

    private let asked = Mutex<[(question: Question, call: TraceCall)]>([])
    private let canned: Content

    /// What the answers are about.
    struct Content: Sendable {
        var services = ["cart", "frontend"]
        var operations: [Operation] = [
            Operation(name: "GET /", kind: .server), Operation(name: "GET /", kind: .client),
            Operation(name: "checkout", kind: .unspecified),
        ]
        var traces: [Trace] = [CannedTraces.trace]
        var report = DependencyReport()
        var isArchived = true
        var answered = ["east", "west"]
        var missing: [Coverage.Missing] = []
        var refusal: TraceRefusal?
    }

    init(_ content: Content = Content()) { canned = content }

    var questions: [Question] { asked.withLock { $0.map(\.question) } }
    var calls: [TraceCall] { asked.withLock { $0.map(\.call) } }

    static let id = TraceID(high: 0xe2ac_f72f_9e57_4f7a, low: 0xa0ee_89ae_d453_dd33)
    static let missingWest = Coverage.Missing(
        cluster: ClusterID("west"), cause: "timeout", message: "it took too long")

    /// A trace of two spans.
    static let trace: Trace = {
        let frontend = Resource(attributes: [
            Attribute("service.name", .string("frontend")), Attribute("cluster", .string("east")),
        ])
        let cart = Resource(attributes: [
            Attribute("service.name", .string("cart")), Attribute("cluster", .string("west")),
        ])
        let start: Int64 = 1_700_000_000_000_000_000
        return Trace(
            id: id,
            spans: [
                Span(
                    traceID: id, spanID: SpanID(1), name: "GET /", kind: .server, startTime: start,
                    endTime: start + 5_000_000, resource: frontend, clusters: ["east"]),
                Span(
                    traceID: id, spanID: SpanID(2), parentSpanID: SpanID(1), name: "get",
                    kind: .server, startTime: start + 1_000_000, endTime: start + 2_000_000,
                    status: Status(code: .error), resource: cart, clusters: ["west"]),
            ])
    }()

    var answering: TraceAnswering {
        TraceAnswering(
            services: { [self] in answer(canned.services, .services, $0) },
            operations: { [self] in answer(canned.operations, .operations($0), $1) },
            find: { [self] in answer(canned.traces, .find($0), $1) },
            traces: { [self] question, call in
                let found = question.ids.map { id in canned.traces.first { $0.id == id } }
                return answer(found, .traces(question), call)
            },
            dependencies: { [self] in answer(canned.report, .dependencies($0), $1) },
            archive: { [self] in answer(canned.isArchived, .archive($0), $1) })
    }

    private func answer<Value: Sendable>(
        _ value: Value, _ question: Question, _ call: TraceCall
    ) -> TraceAnswer<Value> {
        asked.withLock { $0.append((question, call)) }
        return TraceAnswer(
            value: value, answered: canned.answered.map { ClusterID($0) },
            missing: canned.missing, refusal: canned.refusal)
    }
}

extension Canned {
    /// A server's dependencies with these traces, in a fleet of `east` and `west`.
    static func dependencies(_ traces: CannedTraces) -> HTTPAPIDependencies {
        dependencies(
            traces: traces,
            clusters: ["east", "west"].map {
                ClusterStatus(name: $0, externalLabels: ["cluster": $0], urls: [])
            })
    }
}
