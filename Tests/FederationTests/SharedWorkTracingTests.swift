import Federation
import Spans
import Synchronization
import Telemetry
import Testing
import Tracing
import Upstream

/// Whose trace shared work belongs to.
@Suite struct SharedWorkTracingTests {
    private typealias Work = SharedWork<String, TraceContext?>

    @Test func sharedWorkIsTheFirstAskersAndTheOthersAreLinked() async throws {
        let recorded = Mutex<[Spans.Span]>([])
        let tracer = GatewayTracer(
            sampleRatio: 1, record: { span in recorded.withLock { $0.append(span) } })
        let work = Work(cancelled: nil, isTimeout: { _ in false })
        let gate = Gate()
        let (first, second) = await withTaskGroup(
            of: Void.self, returning: (Asked, Asked).self
        ) { group in
            group.addTask { await work.run() }
            await work.isRunning()
            async let first = Self.ask(work, gate, by: tracer, name: "first")
            await work.reaches(waiters: 1)
            async let second = Self.ask(work, gate, by: tracer, name: "second")
            await work.reaches(waiters: 2)
            gate.open()
            let asked = await (first, second)
            group.cancelAll()
            return asked
        }
        #expect(first.workedIn == first.trace && second.workedIn == first.trace)
        let spans = recorded.withLock { $0 }
        let linked = try #require(spans.first { $0.name == "second" })
        #expect(linked.links.map(\.spanID) == [first.trace.spanID])
        #expect(linked.links.map(\.traceID) == [first.trace.traceID])
        #expect(spans.first { $0.name == "first" }?.links.isEmpty == true)
    }

    private struct Asked: Sendable {
        var trace: TraceContext
        var workedIn: TraceContext?
    }

    private static func ask(
        _ work: Work, _ gate: Gate, by tracer: GatewayTracer, name: String
    ) async -> Asked {
        let span = tracer.startSpan(name, context: .topLevel, ofKind: .client)
        defer { span.end() }
        var context = span.context
        context.clientSpan = span
        let shared = await ServiceContext.$current.withValue(context) {
            await work.value(of: "a", by: .now + .seconds(60)) {
                await gate.passed()
                return ServiceContext.current?.trace
            }
        }
        return Asked(trace: span.trace, workedIn: shared.value)
    }
}
