import Clusters
import Foundation
import Spans
import TestSupport
import Testing
import Traces

/// What large answers cost; run where `ISTHMUS_SCALE` is set, in release.
@Suite(
    .serialized,
    .enabled(if: ProcessInfo.processInfo.environment["ISTHMUS_SCALE"] != nil, "it takes long"))
struct ScaleTests {
    /// A store that answers every search with the same text, and has nothing else by id.
    private static func jaeger(
        _ number: Int, traces: Range<Int>, spansEach: Int, isOneTrace: Bool = false
    ) throws -> CannedJaeger {
        var resources: [String] = []
        for trace in traces {
            let id = String(repeating: "0", count: 16) + CannedJaeger.hexadecimal(UInt64(trace + 1))
            let spans = (0..<spansEach).map { span in
                let own = UInt64(number) << 32 | UInt64(span + 1)
                let parent = span == 0 ? 1 : own - 1
                let start = 1_600_000_000_000_000_000 + Int64(trace) * 1_000_000_000 + Int64(span)
                return #"{"traceId":"\#(id)","spanId":"\#(CannedJaeger.hexadecimal(own))","#
                    + #""parentSpanId":"\#(CannedJaeger.hexadecimal(parent))","name":"GET /work","#
                    + #""kind":2,"startTimeUnixNano":"\#(start)","endTimeUnixNano":"\#(start + 1000)","#
                    + #""attributes":[{"key":"http.request.method","value":{"stringValue":"GET"}},"#
                    + #"{"key":"http.response.status_code","value":{"intValue":"200"}},"#
                    + #"{"key":"url.full","value":{"stringValue":"http://front/work/\#(span % 50)"}}],"#
                    + #""status":{}}"#
            }
            resources.append(
                #"{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"front"}},"#
                    + #"{"key":"host.name","value":{"stringValue":"node-\#(number)"}}]},"#
                    + #""scopeSpans":[{"scope":{"name":"lib"},"spans":[\#(spans.joined(separator: ","))]}]}"#
            )
        }
        let body = "{\"result\":{\"resourceSpans\":[\(resources.joined(separator: ","))]}}"
        return try CannedJaeger(speaking: [.v3]) { request in
            request.path == "/api/v3/traces" || (isOneTrace && request.path.contains("/traces/"))
                ? .answer(status: 200, type: "application/json", body: body) : nil
        }
    }

    private static var residentBytes: Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return (Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0) * 4096
    }

    private static func report(
        _ name: String, _ jaegers: [CannedJaeger],
        _ ask: (TraceService) async -> Int
    ) async throws {
        var settings = TraceSettings()
        settings.timeout = .seconds(60)
        let clusters = jaegers.enumerated().map { $1.cluster("c\($0)") }
        try await withTraces(of: clusters, settings) { service, _ in
            _ = await service.services(TraceCall())
            for _ in 0..<2 {
                let before = residentBytes
                let start = ContinuousClock.now
                let spans = await ask(service)
                let time = start.duration(to: .now)
                print(
                    "\(name): \(spans) spans in \(time), \((residentBytes - before) >> 20) MB more, "
                        + "\(residentBytes >> 20) MB in all")
                #expect(spans > 0)
            }
        }
        withExtendedLifetime(jaegers) {}
    }

    @Test func searchesOverTwentyClusters() async throws {
        let shared = try (0..<20).map { try Self.jaeger($0 + 1, traces: 0..<100, spansEach: 200) }
        try await Self.report("100 traces in each of 20 clusters", shared) { service in
            let answer = await service.find(.all(of: "front"), isRaw: false, TraceCall())
            return answer.value.reduce(0) { $0 + $1.spans.count }
        }
        let apart = try (0..<20).map {
            try Self.jaeger($0 + 1, traces: ($0 * 100)..<($0 * 100 + 100), spansEach: 200)
        }
        try await Self.report("100 of 2000 traces of 20 clusters", apart) { service in
            let answer = await service.find(.all(of: "front"), isRaw: false, TraceCall())
            return answer.value.reduce(0) { $0 + $1.spans.count }
        }
    }

    @Test func oneTraceOfAHundredThousandSpans() async throws {
        let parts = try (0..<5).map {
            try Self.jaeger($0 + 1, traces: 0..<1, spansEach: 20_000, isOneTrace: true)
        }
        try await Self.report("one trace of 5 clusters", parts) { service in
            let answer = await service.trace(TraceID(high: 0, low: 1), isRaw: false, TraceCall())
            return answer.value?.spans.count ?? 0
        }
    }
}
