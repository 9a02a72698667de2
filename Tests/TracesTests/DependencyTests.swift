import Clusters
import Federation
import Spans
import Synchronization
import TestSupport
import Testing
import Traces

@Suite struct DependencyTests {
    private static let traces = (1...6).map {
        CannedSpan.crossing("d\($0)", at: 1_600_000_000_000_000 + Int64($0) * 1_000_000)
    }
    private static let lookback: Int64 = 4_000_000_000_000

    private func withStores(
        _ settings: DependencySettings, east: [CannedSpan], west: [CannedSpan],
        now: @escaping @Sendable () -> Int64 = { testTime },
        _ body: (TraceService, CannedJaeger, CannedJaeger) async throws -> Void
    ) async throws {
        let stores = [try CannedJaeger(east), try CannedJaeger(west)]
        var all = TraceSettings()
        all.dependencies = settings
        all.dependencies.lookback = .milliseconds(Self.lookback)
        try await withTraces(
            of: [stores[0].cluster("east"), stores[1].cluster("west")], all, now: now
        ) { service, _ in try await body(service, stores[0], stores[1]) }
    }

    private func edges(_ answer: TraceAnswer<DependencyReport>) -> [String] {
        answer.value.edges.map { "\($0.parent)>\($0.child) \($0.callCount)" }
    }

    private func ask(
        _ service: TraceService, about name: String? = nil, _ call: TraceCall = TraceCall()
    ) async -> TraceAnswer<DependencyReport> {
        await service.dependencies(end: testTime, lookback: Self.lookback, service: name, call)
    }

    @Test func callsThatNoClusterCanKnowAreAddedToTheirOwn() async throws {
        try await withStores(
            DependencySettings(), east: Self.traces.flatMap(\.east),
            west: Self.traces.flatMap(\.west)
        ) { service, _, _ in
            let answer = await ask(service)
            #expect(edges(answer) == ["front>back 6", "front>front 6"])
            #expect(answer.value.crossings.map(\.callCount) == [6])
            let sample = try #require(answer.value.sample)
            #expect(sample.traces == 6 && sample.spans == 18 && !sample.isCut)
            #expect(answer.warnings.isEmpty && answer.missing.isEmpty)
            #expect(edges(await ask(service, about: "back")) == ["front>back 6"])
        }
    }

    @Test func aCallOfWhichOneClusterHasBothSidesIsItsOwn() async throws {
        // East holds copies of what west recorded.
        let east = Self.traces.flatMap { $0.east + $0.west }
        let west = Self.traces.flatMap(\.west)
        try await withStores(DependencySettings(), east: east, west: west) { service, _, _ in
            let answer = await ask(service)
            #expect(edges(answer) == ["front>back 6", "front>front 6"])
            #expect(answer.value.crossings.isEmpty)
        }
    }

    @Test func whatTwoClustersCountOfTheSameTracesIsTakenOnceWhereToldSo() async throws {
        let whole = Self.traces.flatMap { $0.east + $0.west }
        var settings = DependencySettings()
        try await withStores(settings, east: whole, west: whole) { service, _, _ in
            #expect(edges(await ask(service)) == ["front>back 12", "front>front 12"])
        }
        settings.merging = .max
        try await withStores(settings, east: whole, west: whole) { service, _, _ in
            #expect(edges(await ask(service)) == ["front>back 6", "front>front 6"])
        }
    }

    @Test func aSampleIsTakenOnceForAWhile() async throws {
        try await withStores(
            DependencySettings(), east: Self.traces.flatMap(\.east),
            west: Self.traces.flatMap(\.west)
        ) { service, east, _ in
            _ = await ask(service)
            let asked = east.asked(containing: "serviceName")
            #expect(asked == 1)
            _ = await ask(service)
            #expect(east.asked(containing: "serviceName") == asked)
            _ = await ask(service, TraceCall(skipsMemory: true))
            #expect(east.asked(containing: "serviceName") == asked + 1)
        }
    }

    /// Until its task is cancelled.
    private func run(_ service: TraceService) async { try? await service.run() }

    @Test func manyWhoAskAtOnceShareOneSample() async throws {
        try await withStores(
            DependencySettings(), east: Self.traces.flatMap(\.east),
            west: Self.traces.flatMap(\.west)
        ) { service, east, _ in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.run(service) }
                while !service.sharesWork { await Task.yield() }
                // Nobody joins work that may take longer than they would wait.
                let call = TraceCall(deadline: .now + .seconds(60))
                await withTaskGroup(of: [String].self) { askers in
                    for _ in 0..<8 {
                        askers.addTask { await self.edges(self.ask(service, call)) }
                    }
                    for await answer in askers {
                        #expect(answer == ["front>back 6", "front>front 6"])
                    }
                }
                group.cancelAll()
            }
            #expect(east.asked(containing: "serviceName") == 1)
        }
    }

    @Test func aSampleIsTakenAnewBesideTheAnswerBeforeItIsTooOld() async throws {
        let time = Atomic(testTime)
        try await withStores(
            DependencySettings(), east: Self.traces.flatMap(\.east),
            west: Self.traces.flatMap(\.west), now: { time.load(ordering: .relaxed) }
        ) { service, east, _ in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.run(service) }
                while !service.sharesWork { await Task.yield() }
                _ = await ask(service)
                time.add(160_000, ordering: .relaxed)
                let sample = await ask(service).value.sample
                #expect(sample?.age == .seconds(160))
                while east.asked(containing: "serviceName") < 2 { await Task.yield() }
                // It is there for who asks later.
                while await ask(service).value.sample?.age == .seconds(160) { await Task.yield() }
                group.cancelAll()
            }
        }
    }

    @Test func aSampleThatIsNotAllSaysSo() async throws {
        var settings = DependencySettings()
        settings.tracesPerService = 4
        try await withStores(
            settings, east: Self.traces.flatMap(\.east), west: Self.traces.flatMap(\.west)
        ) { service, _, _ in
            let answer = await ask(service)
            #expect(edges(answer) == ["front>back 4", "front>front 6"])
            #expect(answer.value.sample?.isCut == true)
            #expect(answer.warnings.contains { $0.contains("4 traces, not in all") })
        }
    }

    @Test func theCallingSideIsFetchedWhereTheSampleLacksIt() async throws {
        // The latest trace of the calling service is another than those that are called.
        let others = (0..<5).map {
            CannedSpan(
                trace: "ee\($0)", id: 1, service: "front", start: 1_650_000_000_000_000 + Int64($0))
        }
        var settings = DependencySettings()
        settings.tracesPerService = 2
        try await withStores(
            settings, east: Self.traces.flatMap(\.east) + others,
            west: Self.traces.flatMap(\.west)
        ) { service, _, _ in
            let answer = await ask(service)
            #expect(answer.value.crossings.map(\.callCount) == [2])
        }
    }

    @Test func aMessageFromClusterToClusterIsACall() async throws {
        let id = "000000000000000000000000000000d1"
        let consumer =
            #"{"result":{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":"#
            + #"{"stringValue":"queue"}}]},"scopeSpans":[{"scope":{},"spans":[{"traceId":"\#(id)","#
            + #""spanId":"0000000000000009","name":"take","kind":5,"startTimeUnixNano":"#
            + #""1600000001000000000","endTimeUnixNano":"1600000001000001000","links":"#
            + #"[{"traceId":"\#(id)","spanId":"0000000000000002"}],"status":{}}]}]}]}}"#
        let east = try CannedJaeger(Self.traces[0].east, speaking: [.v3])
        let west = try CannedJaeger(speaking: [.v3]) { request in
            switch request.path {
            case "/api/v3/services":
                .answer(status: 200, type: "application/json", body: #"{"services":["queue"]}"#)
            case "/api/v3/traces":
                .answer(status: 200, type: "application/json", body: consumer)
            default: nil
            }
        }
        var settings = TraceSettings()
        settings.dependencies.lookback = .milliseconds(Self.lookback)
        try await withTraces(
            of: [east.cluster("east"), west.cluster("west")], settings
        ) { service, _ in
            let answer = await ask(service)
            #expect(edges(answer) == ["front>front 1", "front>queue 1"])
            #expect(answer.value.crossings.map(\.child) == ["queue"])
        }
    }

    @Test func aMissingClusterIsSaid() async throws {
        try await withStores(
            DependencySettings(), east: Self.traces.flatMap(\.east),
            west: Self.traces.flatMap(\.west)
        ) { service, _, west in
            west.script { _ in .answer(status: 503, type: "text/plain", body: "no") }
            let answer = await ask(service)
            #expect(edges(answer) == ["front>front 6"])
            #expect(answer.missing.map(\.cluster.name) == ["west"])
            // What lacks a cluster is not kept.
            west.script(nil)
            #expect(edges(await ask(service)) == ["front>back 6", "front>front 6"])
        }
    }

    @Test func withoutCrossingsTheClustersOwnAreTheAnswer() async throws {
        var settings = DependencySettings()
        settings.findsCrossings = false
        try await withStores(
            settings, east: Self.traces.flatMap(\.east), west: Self.traces.flatMap(\.west)
        ) { service, east, _ in
            let answer = await ask(service)
            #expect(edges(answer) == ["front>front 6"])
            #expect(answer.value.sample == nil)
            #expect(
                east.asked == ["GET /api/dependencies?endTs=\(testTime)&lookback=\(Self.lookback)"])
        }
    }
}
