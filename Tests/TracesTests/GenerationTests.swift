import Clusters
import Federation
import JaegerAPI
import Spans
import TestSupport
import Testing
import Traces

@Suite struct GenerationTests {
    private static let traceID = TraceID(high: 0, low: 0xabc)
    private static let crossing = CannedSpan.crossing("abc", at: 1_600_000_000_000_000)

    private func isWhole(_ service: TraceService) async -> Bool {
        let answer = await service.trace(Self.traceID, isRaw: true, TraceCall())
        return answer.value?.spanIDs == [1, 2] && answer.missing.isEmpty
    }

    @Test func aJaegerIsProbedOnce() async throws {
        let jaeger = try CannedJaeger(Self.crossing.east, speaking: [.v1])
        try await withTraces(of: [jaeger.cluster("east")]) { service, _ in
            for _ in 0..<3 { #expect(await isWhole(service)) }
            #expect(jaeger.asked(containing: "services") == 2)
            #expect(jaeger.asked(containing: "GET /api/v3/services") == 1)
            #expect(jaeger.asked(containing: "/api/traces/") == 3)
        }
    }

    @Test func aJaegerOfBothGenerationsIsAskedForAllThatWasRecorded() async throws {
        let jaeger = try CannedJaeger(Self.crossing.east)
        try await withTraces(of: [jaeger.cluster("east")]) { service, _ in
            #expect(await isWhole(service))
            #expect(jaeger.asked(containing: "/api/v3/traces/") == 1)
            #expect(jaeger.asked(containing: "GET /api/traces") == 0)
        }
    }

    @Test func whatAFileSaysIsNotProbed() async throws {
        let jaeger = try CannedJaeger(Self.crossing.east)
        try await withTraces(of: [jaeger.cluster("east", generation: .v1)]) { service, _ in
            #expect(await isWhole(service))
            #expect(jaeger.asked.count == 1)
            #expect(jaeger.asked(containing: "/api/traces/") == 1)
        }
    }

    @Test func tracesAreAskedForAsTheyWereRecorded() async throws {
        for generation in JaegerGeneration.allCases {
            let jaeger = try CannedJaeger(Self.crossing.east, speaking: [generation])
            try await withTraces(of: [jaeger.cluster("east")]) { service, _ in
                _ = await service.trace(Self.traceID, isRaw: false, TraceCall())
                _ = await service.find(.all(of: "front"), isRaw: false, TraceCall())
                let asked = jaeger.asked.filter { $0.contains("traces") }
                #expect(asked.count == 2)
                let parameter = generation == .v1 ? "raw=true" : "awTraces=true"
                #expect(asked.allSatisfy { $0.contains(parameter) }, "\(asked)")
            }
        }
    }

    @Test func aJaegerThatChangesItsGenerationIsProbedAgain() async throws {
        let jaeger = try CannedJaeger(Self.crossing.east, speaking: [.v1])
        try await withTraces(of: [jaeger.cluster("east")]) { service, _ in
            let search = TraceSearch.all(of: "front")
            #expect(await service.find(search, isRaw: true, TraceCall()).value.count == 1)
            jaeger.speak([.v3])
            #expect(await service.find(search, isRaw: true, TraceCall()).value.count == 1)
            jaeger.speak([.v1])
            #expect(await service.find(search, isRaw: true, TraceCall()).value.count == 1)
            let answer = await service.services(TraceCall())
            #expect(answer.value == ["front"] && answer.missing.isEmpty)
        }
    }

    @Test func anotherFileOfAClusterMeansAnotherProbe() async throws {
        let old = try CannedJaeger(Self.crossing.east, speaking: [.v1])
        let new = try CannedJaeger(Self.crossing.east, speaking: [.v3])
        try await withTraces(of: [old.cluster("east")]) { service, fleet in
            #expect(await isWhole(service))
            fleet.replace(with: [new.cluster("east")])
            #expect(await isWhole(service))
            #expect(new.asked(containing: "GET /api/v3/services") == 1)
            #expect(new.asked(containing: "GET /api/traces") == 0)
        }
    }

    @Test func aReleaseOfOldWithAV3OfItsOwnIsAskedInV1() async throws {
        let jaeger = try CannedJaeger(Self.crossing.east) { request in
            guard request.path == "/api/v3/traces" else { return nil }
            return .answer(
                status: 400, type: "text/plain",
                body: #"{"error":{"httpCode":400,"message":"query.start_time_min is required"}}"#)
        }
        try await withTraces(of: [jaeger.cluster("east")]) { service, _ in
            let search = TraceSearch.all(of: "front")
            let answer = await service.find(search, isRaw: true, TraceCall())
            #expect(answer.value.map(\.spanIDs) == [[1, 2]])
            _ = await service.find(search, isRaw: true, TraceCall())
            #expect(jaeger.asked(containing: "/api/v3/traces") == 1)
        }
    }

    @Test func storageThatFailsSaysNothingAboutTheGeneration() async throws {
        let jaeger = try CannedJaeger(Self.crossing.east) { request in
            request.path == "/api/v3/services"
                ? .answer(status: 500, type: "text/plain", body: "storage") : nil
        }
        try await withTraces(of: [jaeger.cluster("east")]) { service, _ in
            #expect(await isWhole(service))
            jaeger.script(nil)
            #expect(await isWhole(service))
            #expect(jaeger.asked(containing: "/api/v3/traces/") == 1)
        }
    }
}
