import Clusters
import Dispatch
import Federation
import JaegerAPI
import Spans
import TestSupport
import Testing
import Traces

@Suite struct TraceServiceTests {
    /// How the clusters' Jaegers speak.
    struct Speaking: Sendable, CustomTestStringConvertible {
        var east: Set<JaegerGeneration>
        var west: Set<JaegerGeneration>

        var testDescription: String {
            [east, west].map { $0.map(\.rawValue).sorted().joined() }.joined(separator: " and ")
        }

        static let all = [
            Speaking(east: [.v1], west: [.v1]), Speaking(east: [.v3], west: [.v3]),
            Speaking(east: [.v1], west: [.v3]), Speaking(east: [.v1, .v3], west: [.v1, .v3]),
        ]
    }

    private static let id = "0af7651916cd43dd8448eb211c80319c"
    private static let traceID = TraceID(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c)
    private static let crossing = CannedSpan.crossing(id, at: 1_600_000_000_000_000)

    @Test(arguments: Speaking.all)
    func aTraceIsWholeWhicheverGenerationTheClustersSpeak(_ speaking: Speaking) async throws {
        let east = try CannedJaeger(Self.crossing.east, speaking: speaking.east)
        let west = try CannedJaeger(Self.crossing.west, speaking: speaking.west)
        try await withTraces(of: [east.cluster("east"), west.cluster("west")]) { service, _ in
            let answer = await service.trace(Self.traceID, isRaw: false, TraceCall())
            let trace = try #require(answer.value)
            #expect(trace.id == Self.traceID)
            #expect(trace.spanIDs == [1, 2, 3])
            #expect(
                trace.spans.sorted { $0.spanID < $1.spanID }.map(\.shownClusters)
                    == [["east"], ["east"], ["west"]])
            #expect(trace.spans.map(\.resource.serviceName).sorted() == ["back", "front", "front"])
            #expect(answer.answered.map(\.name) == ["east", "west"])
            #expect(answer.missing.isEmpty && answer.warnings.isEmpty && trace.warnings.isEmpty)
        }
    }

    @Test(arguments: Speaking.all)
    func whatOneClusterFindsIsCompletedFromTheOthers(_ speaking: Speaking) async throws {
        let east = try CannedJaeger(Self.crossing.east, speaking: speaking.east)
        let west = try CannedJaeger(Self.crossing.west, speaking: speaking.west)
        try await withTraces(of: [east.cluster("east"), west.cluster("west")]) { service, _ in
            for name in ["front", "back"] {
                let answer = await service.find(.all(of: name), isRaw: false, TraceCall())
                #expect(answer.value.map(\.spanIDs) == [[1, 2, 3]], "\(name)")
                #expect(answer.missing.isEmpty && answer.warnings.isEmpty)
            }
        }
    }

    @Test func theLatestTracesComeFirstAndNoMoreThanAsked() async throws {
        let east = (0..<10).flatMap {
            CannedSpan.crossing("e\($0)", at: 1_600_000_000_000_000 + Int64($0) * 2_000_000).east
        }
        let west = (0..<10).flatMap {
            CannedSpan.crossing("f\($0)", at: 1_600_000_001_000_000 + Int64($0) * 2_000_000).east
        }
        let jaegers = [try CannedJaeger(east), try CannedJaeger(west)]
        try await withTraces(
            of: [jaegers[0].cluster("east"), jaegers[1].cluster("west")]
        ) { service, _ in
            let answer = await service.find(.all(of: "front", limit: 5), isRaw: false, TraceCall())
            #expect(answer.value.map(\.id.low) == [0xf9, 0xe9, 0xf8, 0xe8, 0xf7])
            #expect(jaegers.allSatisfy { $0.asked(containing: "front") > 0 })
        }
    }

    @Test func moreTracesThanAreCompletedSaySo() async throws {
        let traces = (1...5).map {
            CannedSpan.crossing("\($0)", at: 1_600_000_000_000_000 + Int64($0) * 1_000_000)
        }
        let east = try CannedJaeger(traces.flatMap(\.east))
        let west = try CannedJaeger(traces.flatMap(\.west))
        var settings = TraceSettings()
        settings.maximumCompletedTraces = 2
        try await withTraces(
            of: [east.cluster("east"), west.cluster("west")], settings
        ) { service, _ in
            // West has no span of the service, so that its parts must be asked for by id.
            let answer = await service.find(.all(of: "front"), isRaw: false, TraceCall())
            #expect(answer.value.map(\.spans.count) == [3, 3, 2, 2, 2])
            #expect(answer.value.map(\.warnings.isEmpty) == [true, true, false, false, false])
            #expect(answer.warnings.contains { $0.contains("2 of 5 traces") })
        }
    }

    @Test func severalTracesAreLookedUpAtOnceInTheirOrder() async throws {
        let traces = (1...30).map {
            CannedSpan.crossing("a\($0)", at: 1_600_000_000_000_000 + Int64($0) * 1_000_000)
        }
        let east = try CannedJaeger(traces.flatMap(\.east), speaking: [.v1])
        let west = try CannedJaeger(traces.flatMap(\.west), speaking: [.v3])
        try await withTraces(of: [east.cluster("east"), west.cluster("west")]) { service, _ in
            let ids = try traces.reversed().map { trace in
                TraceID(high: 0, low: try #require(UInt64(trace.east[0].trace, radix: 16)))
            }
            let nowhere = TraceID(high: 0, low: 0xdead)
            let answer = await service.traces(
                [nowhere] + ids + [ids[0]], isRaw: true, TraceCall())
            #expect(answer.value.map { $0?.id } == [nil] + ids + [ids[0]])
            #expect(answer.value.dropFirst().allSatisfy { $0?.spans.count == 3 })
            #expect(east.asked(containing: "traceID=") == 2)
        }
    }

    @Test func servicesAndOperationsAreThoseOfAllClusters() async throws {
        let east = try CannedJaeger(Self.crossing.east, speaking: [.v1])
        let west = try CannedJaeger(
            Self.crossing.west + Self.crossing.east, speaking: [.v3])
        try await withTraces(of: [east.cluster("east"), west.cluster("west")]) { service, _ in
            let services = await service.services(TraceCall())
            #expect(services.value == ["back", "front"])
            let operations = await service.operations(
                service: "front", kind: nil, TraceCall())
            #expect(
                operations.value == [
                    Operation(name: "GET /", kind: .server), Operation(name: "call", kind: .client),
                ])
        }
    }

    @Test func archivingReachesEachClusterThatHoldsAPart() async throws {
        let east = try CannedJaeger(Self.crossing.east)
        let west = try CannedJaeger()
        try await withTraces(of: [east.cluster("east"), west.cluster("west")]) { service, _ in
            let answer = await service.archive(Self.traceID, TraceCall())
            #expect(answer.value)
            #expect(answer.answered.map(\.name) == ["east", "west"])
            #expect(east.asked(containing: "POST /api/archive/") == 1)
            #expect(await !service.archive(TraceID(high: 0, low: 9), TraceCall()).value)
        }
    }

    @Test func clustersWithoutAJaegerAreNeitherAskedNorMissing() async throws {
        let east = try CannedJaeger(Self.crossing.east)
        var bare = east.cluster("bare")
        bare.jaeger = nil
        try await withTraces(of: [bare, east.cluster("east")]) { service, _ in
            let answer = await service.services(TraceCall())
            #expect(answer.value == ["front"])
            #expect(answer.answered.map(\.name) == ["east"] && answer.missing.isEmpty)
        }
    }

    @Test func aClusterUnderMaintenanceIsNotAskedAndIsNamedOnTheTrace() async throws {
        let east = try CannedJaeger(Self.crossing.east)
        let west = try CannedJaeger(Self.crossing.west)
        try await withTraces(
            of: [east.cluster("east"), west.cluster("west", maintenance: true)]
        ) { service, _ in
            let answer = await service.trace(Self.traceID, isRaw: false, TraceCall())
            #expect(west.asked.isEmpty)
            #expect(answer.missing.map(\.cause) == ["maintenance"])
            let trace = try #require(answer.value)
            #expect(trace.warnings.contains { $0.hasPrefix("cluster west could not be asked") })
        }
    }

    @Test func onlyTheChosenClustersAreAsked() async throws {
        let east = try CannedJaeger(Self.crossing.east)
        let west = try CannedJaeger(Self.crossing.west)
        try await withTraces(of: [east.cluster("east"), west.cluster("west")]) { service, _ in
            let answer = await service.trace(
                Self.traceID, isRaw: false, TraceCall(clusters: [ClusterID("west")]))
            #expect(answer.value?.spanIDs == [3])
            #expect(answer.answered.map(\.name) == ["west"] && answer.missing.isEmpty)
            #expect(east.asked.isEmpty)
        }
    }

    @Test func anIDThatIsNowhereIsLookedForByItsLastBits() async throws {
        let short = CannedSpan.crossing("8448eb211c80319c", at: 1_600_000_000_000_000)
        let east = try CannedJaeger(short.east)
        try await withTraces(of: [east.cluster("east")]) { service, _ in
            let answer = await service.trace(Self.traceID, isRaw: false, TraceCall())
            let trace = try #require(answer.value)
            #expect(trace.id == TraceID(high: 0, low: Self.traceID.low))
            #expect(trace.warnings.contains { $0.contains("last 64 bits") })
        }
        var settings = TraceSettings()
        settings.triesShortIdentities = false
        try await withTraces(of: [east.cluster("east")], settings) { service, _ in
            #expect(await service.trace(Self.traceID, isRaw: false, TraceCall()).value == nil)
        }
    }

    @Test func aClusterThatCertainlyLacksTheServiceIsNotSearched() async throws {
        let east = try CannedJaeger(Self.crossing.east, speaking: [.v3])
        let west = try CannedJaeger(Self.crossing.west, speaking: [.v3])
        try await withTraces(of: [east.cluster("east"), west.cluster("west")]) { service, _ in
            _ = await service.services(TraceCall())
            var search = TraceSearch.all(of: "front")
            search.end = (testTime - 3_600_000) * 1_000_000
            let answer = await service.find(search, isRaw: false, TraceCall())
            #expect(answer.value.map(\.spanIDs) == [[1, 2, 3]])
            #expect(west.asked(containing: "serviceName") == 0)
            #expect(answer.answered.map(\.name) == ["east", "west"])
            // What may have come since the list was read is searched for.
            search.end = testTime * 1_000_000
            _ = await service.find(search, isRaw: false, TraceCall())
            #expect(west.asked(containing: "serviceName") == 1)
        }
    }

    @Test func answersAreTheSameWhoeverIsFirst() async throws {
        let traces = (0..<8).map {
            CannedSpan.crossing("c\($0)", at: 1_600_000_000_000_000 + Int64($0) * 1_000_000)
        }
        var answers: Set<[Trace]> = []
        for late in ["east", "west"] {
            // The one that is late says nothing before the other is asked for traces.
            let turn = DispatchSemaphore(value: 0)
            let first: CannedJaeger.Script = { request in
                if request.path.hasSuffix("traces") { turn.signal() }
                return nil
            }
            let second: CannedJaeger.Script = { request in
                if request.path.hasSuffix("services") { _ = turn.wait(timeout: .now() + 5) }
                return nil
            }
            let east = try CannedJaeger(traces.flatMap(\.east), late == "east" ? second : first)
            let west = try CannedJaeger(
                traces.flatMap { $0.west + $0.east }, late == "west" ? second : first)
            try await withTraces(of: [east.cluster("east"), west.cluster("west")]) { service, _ in
                answers.insert(
                    await service.find(.all(of: "front"), isRaw: false, TraceCall()).value)
            }
        }
        #expect(answers.count == 1)
    }
}
