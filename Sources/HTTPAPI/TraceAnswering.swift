import Spans
import Traces

/// The questions that the routes of Jaeger's API put to the fleet, each a function, so that the
/// server works with canned answers too.
package struct TraceAnswering: Sendable {
    package typealias Asking<Question, Value: Sendable> =
        @Sendable (Question, TraceCall) async -> TraceAnswer<Value>

    package var services: @Sendable (TraceCall) async -> TraceAnswer<[String]>
    package var operations: Asking<OperationsQuestion, [Operation]>
    package var find: Asking<SearchQuestion, [Trace]>
    /// Each trace in its place; nil for those that are not found.
    package var traces: Asking<TracesQuestion, [Trace?]>
    package var dependencies: Asking<DependenciesQuestion, DependencyReport>
    /// Whether any cluster has archived a part of it.
    package var archive: Asking<ArchiveQuestion, Bool>

    package struct OperationsQuestion: Hashable, Sendable {
        package var service: String
        /// Nil for all kinds.
        package var kind: SpanKind?

        package init(service: String, kind: SpanKind?) {
            self.service = service
            self.kind = kind
        }
    }

    package struct SearchQuestion: Hashable, Sendable {
        package var search: TraceSearch
        package var isRaw: Bool

        package init(search: TraceSearch, isRaw: Bool) {
            self.search = search
            self.isRaw = isRaw
        }
    }

    package struct TracesQuestion: Hashable, Sendable {
        package var ids: [TraceID]
        /// When they were, nanoseconds since 1970; nil where the client does not say.
        package var hints: ClosedRange<Int64>?
        package var isRaw: Bool

        package init(ids: [TraceID], hints: ClosedRange<Int64>?, isRaw: Bool) {
            self.ids = ids
            self.hints = hints
            self.isRaw = isRaw
        }
    }

    package struct DependenciesQuestion: Hashable, Sendable {
        /// Milliseconds since 1970.
        package var end: Int64
        /// Milliseconds.
        package var lookback: Int64
        /// Nil for all services.
        package var service: String?

        package init(end: Int64, lookback: Int64, service: String?) {
            self.end = end
            self.lookback = lookback
            self.service = service
        }
    }

    package struct ArchiveQuestion: Hashable, Sendable {
        package var id: TraceID
        package var hints: ClosedRange<Int64>?

        package init(id: TraceID, hints: ClosedRange<Int64>?) {
            self.id = id
            self.hints = hints
        }
    }

    package init(
        services: @escaping @Sendable (TraceCall) async -> TraceAnswer<[String]>,
        operations: @escaping Asking<OperationsQuestion, [Operation]>,
        find: @escaping Asking<SearchQuestion, [Trace]>,
        traces: @escaping Asking<TracesQuestion, [Trace?]>,
        dependencies: @escaping Asking<DependenciesQuestion, DependencyReport>,
        archive: @escaping Asking<ArchiveQuestion, Bool>
    ) {
        self.services = services
        self.operations = operations
        self.find = find
        self.traces = traces
        self.dependencies = dependencies
        self.archive = archive
    }

    /// The fleet's own service.
    package init(_ service: TraceService) {
        services = { call in await service.services(call) }
        operations = { question, call in
            await service.operations(service: question.service, kind: question.kind, call)
        }
        find = { question, call in
            await service.find(question.search, isRaw: question.isRaw, call)
        }
        traces = { question, call in
            await service.traces(
                question.ids, hints: question.hints, isRaw: question.isRaw, call)
        }
        dependencies = { question, call in
            await service.dependencies(
                end: question.end, lookback: question.lookback, service: question.service, call)
        }
        archive = { question, call in
            await service.archive(question.id, hints: question.hints, call)
        }
    }
}
