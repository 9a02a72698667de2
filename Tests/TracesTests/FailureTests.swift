import Clusters
import Federation
import JaegerAPI
import Spans
import TestSupport
import Testing
import Traces

@Suite struct FailureTests {
    /// What goes wrong with the second cluster, and how its absence is explained.
    struct Fault: Sendable, CustomTestStringConvertible {
        var behaviour: ScriptedServer.Behaviour
        var cause: String
        var message: String

        /// How long the cluster is waited for: long enough for a busy machine's answer where that is
        /// what fails.
        var patience: Duration { cause == "timeout" ? .seconds(3) : .seconds(60) }

        var testDescription: String { "\(cause): \(message)" }

        init(_ behaviour: ScriptedServer.Behaviour, _ cause: String, _ message: String) {
            self.behaviour = behaviour
            self.cause = cause
            self.message = message
        }

        private static func answer(
            _ status: Int, _ type: String = "text/plain; charset=utf-8", _ body: String = "no"
        ) -> ScriptedServer.Behaviour { .answer(status: status, type: type, body: body) }

        static let all = [
            Fault(
                answer(200, "text/html; charset=utf-8", "<!doctype html><title>Jaeger</title>"),
                "page", "web page"),
            Fault(answer(200, "", " <html>log in</html>"), "page", "web page"),
            Fault(answer(404, "text/html", "<html>nothing</html>"), "page", "web page"),
            Fault(answer(404), "status_404", "path prefix"),
            Fault(
                answer(200, "application/json", "{\"status\":\"ok\"}"), "malformed", "not one of"),
            Fault(answer(200, "application/json", "{\"data\":["), "malformed", "not one of"),
            Fault(answer(401), "status_401", "credentials"),
            Fault(answer(403), "status_403", "forbidden"),
            Fault(answer(429), "status_429", "too many requests"),
            Fault(
                answer(
                    500, "text/plain",
                    CannedJaeger.envelope(
                        "null", errors: "[{\"code\":500,\"msg\":\"disk on fire\"}]")),
                "status_5xx", "disk on fire"),
            Fault(answer(503), "status_5xx", "503"),
            Fault(answer(302), "status_3xx", "not followed"),
            Fault(.silence(), "timeout", "took longer"),
            Fault(.drip(interval: .milliseconds(50)), "timeout", "took longer"),
            Fault(.half(body: "{\"services\":["), "interrupted", "broke off"),
            Fault(.reset(afterBytes: 100), "interrupted", "broke off"),
        ]
    }

    private static let id = "0af7651916cd43dd8448eb211c80319c"
    private static let traceID = TraceID(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c)
    private static let crossing = CannedSpan.crossing(id, at: 1_600_000_000_000_000)

    @Test(arguments: Fault.all)
    func aClusterThatFailsIsNamedWithItsReasonAndTheRestIsAnswered(_ fault: Fault) async throws {
        let east = try CannedJaeger(Self.crossing.east)
        let west = try CannedJaeger(Self.crossing.west) { _ in fault.behaviour }
        try await withTraces(
            of: [east.cluster("east"), west.cluster("west", timeout: fault.patience)]
        ) { service, _ in
            let answer = await service.trace(Self.traceID, isRaw: false, TraceCall())
            let missing = try #require(answer.missing.first)
            #expect(missing.cluster == ClusterID("west"))
            #expect(missing.cause == fault.cause)
            #expect(missing.message.contains(fault.message), "\(missing.message)")
            #expect(answer.answered == [ClusterID("east")])
            // It is said where Jaeger's UI shows it: on the trace, and on its root.
            let trace = try #require(answer.value)
            let said = [
                "cluster west could not be asked (\(missing.message)): spans may be missing"
            ]
            #expect(trace.warnings == said)
            let root = try #require(trace.spans.first { $0.parentSpanID == .none })
            #expect(root.warnings == said)

            let found = await service.find(.all(of: "front"), isRaw: false, TraceCall())
            #expect(found.value.map(\.spanIDs) == [[1, 2]])
            // How long it was waited for may differ.
            let again = try #require(found.missing.first)
            #expect(again.cause == fault.cause)
            #expect(
                found.value.first?.warnings == [
                    "cluster west could not be asked (\(again.message)): spans may be missing"
                ])
            #expect(found.warnings == [again.warning])
            #expect(await service.services(TraceCall()).value == ["front"])
        }
    }

    @Test(arguments: Fault.all)
    func aClusterThatFailsAfterItWasKnownIsNamedToo(_ fault: Fault) async throws {
        let east = try CannedJaeger(Self.crossing.east)
        let west = try CannedJaeger(Self.crossing.west)
        try await withTraces(
            of: [east.cluster("east"), west.cluster("west", timeout: fault.patience)]
        ) { service, _ in
            #expect(await service.services(TraceCall()).value == ["back", "front"])
            west.script { _ in fault.behaviour }
            let answer = await service.trace(Self.traceID, isRaw: false, TraceCall())
            #expect(answer.value?.spanIDs == [1, 2])
            #expect(answer.missing.map(\.cause) == [fault.cause])
            west.script(nil)
            let later = await service.trace(Self.traceID, isRaw: false, TraceCall())
            #expect(later.value?.spanIDs == [1, 2, 3] && later.missing.isEmpty)
        }
    }

    @Test func nowhereIsSomethingElseThanNotWhereWeCouldLook() async throws {
        let east = try CannedJaeger(Self.crossing.east)
        let west = try CannedJaeger(Self.crossing.west)
        let nowhere = TraceID(high: 0, low: 9)
        try await withTraces(of: [east.cluster("east"), west.cluster("west")]) { service, _ in
            let answer = await service.trace(nowhere, isRaw: false, TraceCall())
            #expect(answer.value == nil && answer.missing.isEmpty)
            #expect(answer.answered.map(\.name) == ["east", "west"])
            west.script { _ in .answer(status: 503, type: "text/plain", body: "no") }
            let doubtful = await service.trace(nowhere, isRaw: false, TraceCall())
            #expect(doubtful.value == nil)
            #expect(doubtful.missing.map(\.cluster.name) == ["west"])
            #expect(!doubtful.isUnavailable)
            east.script { _ in .answer(status: 503, type: "text/plain", body: "no") }
            #expect(await service.trace(nowhere, isRaw: false, TraceCall()).isUnavailable)
        }
    }

    @Test func whatAStorageCannotDoIsNoOutage() async throws {
        let refusing: CannedJaeger.Script = { request in
            guard request.path.hasSuffix("/traces") else { return nil }
            return .answer(
                status: 400, type: "text/plain",
                body: #"{"error":{"httpCode":400,"message":"requires a service name"}}"#)
        }
        let east = try CannedJaeger(Self.crossing.east)
        let west = try CannedJaeger(Self.crossing.west, refusing)
        try await withTraces(of: [east.cluster("east"), west.cluster("west")]) { service, _ in
            let answer = await service.find(.all(of: "front"), isRaw: false, TraceCall())
            #expect(answer.missing.isEmpty && answer.refusal == nil)
            #expect(
                answer.warnings == ["cluster west does not answer this: requires a service name"])
            // It can be asked by id all the same.
            #expect(answer.value.map(\.spanIDs) == [[1, 2, 3]])
            east.script(refusing)
            let refused = await service.find(.all(of: "front"), isRaw: false, TraceCall())
            #expect(
                refused.refusal == TraceRefusal(status: 400, message: "requires a service name"))
            #expect(refused.missing.isEmpty && refused.value.isEmpty)
        }
    }

    @Test func aNotImplementedIsARefusalWithItsStatus() async throws {
        let east = try CannedJaeger(Self.crossing.east) { request in
            guard request.path.hasPrefix("/api/archive") else { return nil }
            return .answer(
                status: 501, type: "text/plain",
                body: CannedJaeger.envelope(
                    "null", errors: #"[{"code":501,"msg":"no archive here"}]"#))
        }
        try await withTraces(of: [east.cluster("east")]) { service, _ in
            let answer = await service.archive(Self.traceID, TraceCall())
            #expect(answer.refusal == TraceRefusal(status: 501, message: "no archive here"))
            #expect(answer.missing.isEmpty)
        }
    }

    @Test func aPartThatCannotBeFetchedIsNamedOnItsTraceAlone() async throws {
        let other = CannedSpan.crossing("b0b", at: 1_600_000_100_000_000)
        let east = try CannedJaeger(Self.crossing.east + other.east, speaking: [.v3])
        let west = try CannedJaeger(Self.crossing.west + other.west, speaking: [.v3]) { request in
            request.path.hasSuffix(Self.id) ? .flood(bytes: 10 << 20) : nil
        }
        var settings = TraceSettings()
        settings.maximumResponseBytes = 1 << 20
        try await withTraces(
            of: [east.cluster("east"), west.cluster("west")], settings
        ) { service, _ in
            let answer = await service.find(.all(of: "front"), isRaw: false, TraceCall())
            #expect(answer.value.map(\.spanIDs) == [[1, 2, 3], [1, 2]])
            #expect(answer.missing.map(\.cause) == ["too_large"])
            #expect(answer.value.map(\.warnings.isEmpty) == [true, false])
        }
    }

    @Test func aGiantAnswerIsGivenUpAtItsLimit() async throws {
        let east = try CannedJaeger(Self.crossing.east)
        let west = try CannedJaeger(Self.crossing.west) { request in
            request.path.contains(Self.id) ? .flood(bytes: 150 << 20) : nil
        }
        var settings = TraceSettings()
        settings.maximumResponseBytes = 2 << 20
        try await withTraces(
            of: [east.cluster("east"), west.cluster("west")], settings
        ) { service, _ in
            let answer = await service.trace(Self.traceID, isRaw: false, TraceCall())
            #expect(answer.value?.spanIDs == [1, 2])
            #expect(answer.missing.map(\.cause) == ["too_large"])
            #expect(answer.value?.warnings.first?.contains("larger than 2097152 bytes") == true)
        }
    }

    /// What records the spans stands behind them in v1, and counts for those at the beginning.
    @Test(arguments: [JaegerGeneration.v1, .v3])
    func theBeginningOfAGiantTraceIsShownAndSaid(_ generation: JaegerGeneration) async throws {
        let filler = String(repeating: "x", count: 900)
        let numbers = UInt64(1)...4000
        let body =
            switch generation {
            case .v1:
                CannedJaeger.envelope(
                    #"[{"traceID":"\#(Self.id)","spans":["#
                        + numbers.map { number in
                            #"{"traceID":"\#(Self.id)","spanID":"#
                                + #""\#(CannedJaeger.hexadecimal(number))","processID":"p1","#
                                + #""operationName":"\#(filler)"}"#
                        }.joined(separator: ",")
                        + #"],"processes":{"p1":{"serviceName":"front","tags":[]}}}]"#)
            case .v3:
                #"{"result":{"resourceSpans":["#
                    + numbers.map { number in
                        #"{"resource":{"attributes":[{"key":"service.name","value":"#
                            + #"{"stringValue":"front"}}]},"scopeSpans":[{"spans":["#
                            + #"{"traceId":"\#(Self.id)","spanId":"#
                            + #""\#(CannedJaeger.hexadecimal(number))","name":"\#(filler)"}]}]}"#
                    }.joined(separator: ",") + "]}}"
            }
        let east = try CannedJaeger(Self.crossing.east, speaking: [generation]) { request in
            request.path.hasSuffix(Self.id)
                ? .answer(status: 200, type: "application/json", body: body) : nil
        }
        var settings = TraceSettings()
        settings.maximumResponseBytes = 1 << 20
        try await withTraces(of: [east.cluster("east")], settings) { service, _ in
            let answer = await service.trace(Self.traceID, isRaw: true, TraceCall())
            let trace = try #require(answer.value)
            #expect((500..<1500).contains(trace.spans.count))
            #expect(trace.spanIDs == (1...UInt64(trace.spans.count)).map { $0 })
            #expect(trace.spans.allSatisfy { $0.resource.serviceName == "front" })
            #expect(
                trace.warnings == [
                    "cluster east has more spans of this trace than are taken; the first "
                        + "\(trace.spans.count) are shown"
                ])
        }
    }

    @Test func aSearchWithTooLargeAnAnswerIsAskedForLess() async throws {
        let east = try CannedJaeger(Self.crossing.east, speaking: [.v1]) { request in
            request.form.contains("limit=100") ? .flood(bytes: 10 << 20) : nil
        }
        var settings = TraceSettings()
        settings.maximumResponseBytes = 1 << 20
        try await withTraces(of: [east.cluster("east")], settings) { service, _ in
            let answer = await service.find(.all(of: "front"), isRaw: false, TraceCall())
            #expect(answer.value.map(\.spanIDs) == [[1, 2]])
            #expect(answer.missing.isEmpty)
            #expect(answer.warnings.contains { $0.contains("10 traces instead of 100") })
        }
    }

    @Test func moreSpansThanAreTakenAreLeftOutAndSaid() async throws {
        let spans = (1...50).map {
            CannedSpan(
                trace: Self.id, id: $0, parent: $0 - 1, service: "front",
                start: 1_600_000_000_000_000 + Int64($0))
        }
        let east = try CannedJaeger(spans, speaking: [.v3])
        var settings = TraceSettings()
        settings.maximumSpansPerCluster = 40
        try await withTraces(of: [east.cluster("east")], settings) { service, _ in
            let trace = try #require(
                await service.trace(Self.traceID, isRaw: true, TraceCall()).value)
            #expect(trace.spanIDs == Array(1...40))
            #expect(trace.warnings.contains { $0.contains("50 spans") })
        }
        settings.maximumSpansPerCluster = 100
        settings.maximumSpans = 30
        try await withTraces(of: [east.cluster("east")], settings) { service, _ in
            let trace = try #require(
                await service.trace(Self.traceID, isRaw: true, TraceCall()).value)
            #expect(trace.spans.count == 30)
            #expect(trace.spanIDs == Array(1...30))
            #expect(
                trace.warnings.contains { $0.contains("50 spans of the trace; the earliest 30") })
        }
    }

    @Test func spansWhoseParentsAreLeftOutSaySo() async throws {
        // By clocks that differ, a span begins before its parent.
        let spans = [(1, 0, 10), (2, 3, 20), (3, 1, 30)].map { id, parent, start in
            CannedSpan(
                trace: Self.id, id: id, parent: parent, service: "front",
                start: 1_600_000_000_000_000 + Int64(start))
        }
        let east = try CannedJaeger(spans)
        var settings = TraceSettings()
        settings.maximumSpans = 2
        try await withTraces(of: [east.cluster("east")], settings) { service, _ in
            let trace = try #require(
                await service.trace(Self.traceID, isRaw: false, TraceCall()).value)
            #expect(trace.spanIDs == [1, 2])
            let orphan = try #require(trace.spans.first { $0.spanID.rawValue == 2 })
            #expect(orphan.warnings.contains { $0.contains("is not in the trace") })
        }
    }

    /// A Jaeger that says nothing, and when it is given up. Its own thread tells, which does not
    /// wait for a place among the tests, as what measures the answer here would.
    private static func silentJaeger() throws -> (
        CannedJaeger, AsyncStream<ContinuousClock.Instant>
    ) {
        let (givenUp, telling) = AsyncStream.makeStream(of: ContinuousClock.Instant.self)
        return (try CannedJaeger { _ in .silence(closed: { telling.yield(.now) }) }, givenUp)
    }

    /// Long enough to have begun by then, whatever else is computed; without such an end it would
    /// take a minute.
    private static let patience = Duration.seconds(30)
    /// A whole machine of two processors may pause for a moment.
    private static let pause = Duration.seconds(5)

    @Test func aSlowClusterDoesNotKeepTheOthersFromBeingCompleted() async throws {
        let east = try CannedJaeger(Self.crossing.east)
        let west = try CannedJaeger(Self.crossing.west)
        let (slow, givenUp) = try Self.silentJaeger()
        var settings = TraceSettings()
        settings.timeout = Self.patience
        try await withTraces(
            of: [east.cluster("east"), slow.cluster("slow"), west.cluster("west")], settings
        ) { service, _ in
            let start = ContinuousClock.now
            let answer = await service.find(.all(of: "front"), isRaw: false, TraceCall())
            try #require(!slow.asked.isEmpty, "it was too late to ask")
            let time = try #require(await givenUp.first { _ in true })
            #expect(time < start + Self.patience + Self.pause)
            #expect(answer.value.map(\.spanIDs) == [[1, 2, 3]])
            #expect(answer.missing.map(\.cluster.name) == ["slow"])
            #expect(answer.missing.map(\.cause) == ["timeout"])
        }
    }

    @Test func anAnswerComesBeforeTheAskersDeadline() async throws {
        let east = try CannedJaeger(Self.crossing.east)
        let (slow, givenUp) = try Self.silentJaeger()
        try await withTraces(of: [east.cluster("east"), slow.cluster("slow")]) { service, _ in
            let deadline = ContinuousClock.now + Self.patience
            let answer = await service.trace(
                Self.traceID, isRaw: false, TraceCall(deadline: deadline))
            try #require(!slow.asked.isEmpty, "it was too late to ask")
            let time = try #require(await givenUp.first { _ in true })
            #expect(time < deadline + Self.pause)
            #expect(answer.value?.spanIDs == [1, 2])
            #expect(answer.missing.map(\.cause) == ["timeout"])
        }
    }
}
