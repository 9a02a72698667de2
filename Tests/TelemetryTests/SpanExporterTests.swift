import Clusters
import Foundation
import Spans
import Telemetry
import TestSupport
import Testing

/// What becomes of recorded spans, with a collector that does what a test wants.
@Suite(.timeLimit(.minutes(10)))
struct SpanExporterTests {
    private func withCollector(
        _ respond: @escaping FaultServer.Script = { _ in .answer(text: "{}") },
        _ body: (CollectorServer) async throws -> Void
    ) async throws {
        let collector = try CollectorServer(respond)
        defer { collector.stop() }
        try await body(collector)
    }

    /// Answers in turn; the last for ever.
    private func script(_ answers: [[FaultServer.Step]]) -> FaultServer.Script {
        let place = Counting().next
        return { _ in answers[min(Int(place()), answers.count) - 1] }
    }

    @Test func spansAreSentAsOTLPInJSON() async throws {
        try await withCollector { collector in
            var options = ExporterOptions(collector.url + "/prefix")
            options.settings.collector.headers = [.init(name: "X-Scope-OrgID", value: "mesh")]
            options.settings.collector.authorization = .credentials(
                type: "Bearer", .text("token"))
            var span = ended(0xabc, name: "GET \"/\"\n")
            span.parentSpanID = SpanID(7)
            span.attributes = [
                Attribute("code", .int(500)), Attribute("ok", .bool(false)),
                Attribute("ratio", .double(0.5)), Attribute("texts", .array([.string("a")])),
            ]
            span.events = [
                Event(
                    time: 5, name: "exception",
                    attributes: [Attribute("exception.type", .string("timeout"))])
            ]
            span.links = [Link(traceID: TraceID(high: 0, low: 3), spanID: SpanID(9))]
            span.status = Status(code: .error, message: "späť")
            try await withExporter(options) { [span] exporter in
                exporter.record(span)
                await collector.wait { $0.count == 1 }
            }
            let request = try #require(collector.facts.requests.first)
            #expect(request.method == "POST" && request.target == "/prefix/v1/traces")
            #expect(request.header("content-type") == "application/json")
            #expect(request.header("x-scope-orgid") == "mesh")
            #expect(request.header("authorization") == "Bearer token")
            let sent = try #require(collector.spans.first)
            #expect(sent.traceID == "00000000000000010000000000000abc")
            #expect(sent.spanID == "0000000000000abc" && sent.parentID == "0000000000000007")
            #expect(sent.name == "GET \"/\"\n" && sent.kind == 2)
            #expect(sent.start == 1_700_000_000_000_000_000 && sent.end == sent.start + 500)
            #expect(sent.attributes["code"] == "500" && sent.attributes["ratio"] == "0.5")
            #expect(sent.events.map(\.name) == ["exception"])
            #expect(sent.events.first?.attributes == ["exception.type": "timeout"])
            #expect(sent.links == ["0000000000000009"])
            #expect(sent.status == 2 && sent.message == "späť")
            #expect(
                sent.resource == [
                    "service.name": "isthmus", "service.version": "1.2.3",
                    "service.instance.id": "i-1",
                ])
            #expect(options.count(.recorded) == 1 && options.count(.exported) == 1)
        }
    }

    @Test func manySpansAreSentInBatches() async throws {
        try await withCollector { collector in
            var options = ExporterOptions(collector.url)
            options.settings.batchSize = 10
            // Full batches do not wait for it.
            options.settings.batchDelay = .seconds(3600)
            try await withExporter(options) { exporter in
                for number in 1...25 { exporter.record(ended(UInt64(number))) }
                await collector.wait { $0.count >= 20 }
            }
            let sizes = collector.facts.requests.map {
                CollectorServer.spans(of: [$0]).count
            }
            #expect(sizes.allSatisfy { $0 <= 10 } && sizes.reduce(0, +) == 25)
            #expect(collector.spans.map(\.spanID) == (1...25).map { ended($0).spanID }.map(text))
        }
    }

    private func text(_ id: SpanID) -> String {
        let digits = String(id.rawValue, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    @Test func aSlowCollectorCostsSpansAndNoTime() async throws {
        try await withCollector({ _ in [.gate] + .answer(text: "{}") }) { collector in
            var options = ExporterOptions(collector.url)
            options.settings.queueSize = 100
            options.settings.batchSize = 10
            try await withExporter(options) { exporter in
                exporter.record(ended(1))
                try await eventually { collector.facts.requests.count == 1 }
                for number in 2...1000 { exporter.record(ended(UInt64(number))) }
                #expect(exporter.waitingCount == 100)
                #expect(options.count(.recorded) == 1000)
                #expect(options.count(.dropped, "queue_full") == 899)
                collector.open()
                try await eventually { options.count(.exported) == 101 }
            }
        }
    }

    @Test(arguments: [429, 503, 500])
    func whatCannotBeTakenNowIsSentAgain(_ status: Int) async throws {
        let answers: [[FaultServer.Step]] = [
            .answer(status: status, headers: ["Retry-After: 0"]), .answer(status: status),
            .answer(text: "{}"),
        ]
        try await withCollector(script(answers)) { collector in
            let options = ExporterOptions(collector.url)
            try await withExporter(options) { exporter in
                exporter.record(ended(1))
                try await eventually { options.count(.exported) == 1 }
            }
            #expect(collector.facts.requests.count == 3)
            #expect(Set(collector.facts.requests.map(\.bodyText)).count == 1)
            #expect(options.count(.requests, "unavailable") == 2)
            #expect(options.count(.failed, "unavailable") == 0)
        }
    }

    @Test func aCollectorsWishToWaitIsHeard() async throws {
        let answers: [[FaultServer.Step]] = [
            .answer(status: 429, headers: ["Retry-After: 1"]), .answer(text: "{}"),
        ]
        try await withCollector(script(answers)) { collector in
            let options = ExporterOptions(collector.url)
            let start = ContinuousClock.now
            try await withExporter(options) { exporter in
                exporter.record(ended(1))
                try await eventually { options.count(.exported) == 1 }
            }
            #expect(start.duration(to: .now) >= .seconds(1))
        }
    }

    @Test func whatIsRefusedIsNotSentAgain() async throws {
        try await withCollector(script([.answer(status: 400), .answer(text: "{}")])) { collector in
            let options = ExporterOptions(collector.url)
            try await withExporter(options) { exporter in
                exporter.record(ended(1))
                try await eventually { options.count(.failed, "refused") == 1 }
                exporter.record(ended(2))
                try await eventually { options.count(.exported) == 1 }
            }
            #expect(collector.facts.requests.count == 2)
        }
    }

    @Test func whatIsRefusedOfABatchIsCounted() async throws {
        let said = #"{"partialSuccess":{"rejectedSpans":"1","errorMessage":"too old"}}"#
        try await withCollector(script([.answer(text: said)])) { collector in
            var options = ExporterOptions(collector.url)
            options.settings.batchSize = 3
            try await withExporter(options) { exporter in
                for number in 1...3 { exporter.record(ended(UInt64(number))) }
                try await eventually { options.count(.exported) == 2 }
            }
            #expect(options.count(.failed, "refused") == 1)
            #expect(collector.facts.requests.count == 1)
        }
    }

    @Test func aCollectorThatCannotBeUnderstoodHasTakenTheSpans() async throws {
        try await withCollector(script([.answer(text: "<html>")])) { collector in
            let options = ExporterOptions(collector.url)
            try await withExporter(options) { exporter in
                exporter.record(ended(1))
                try await eventually { options.count(.exported) == 1 }
            }
            #expect(options.count(.failed, "refused") == 0)
        }
    }

    @Test func aCollectorThatIsAwayCostsCountersOnly() async throws {
        let port = try Loopback.freePort()
        var options = ExporterOptions("http://127.0.0.1:\(port)")
        options.settings.retryTime = .milliseconds(30)
        try await withExporter(options) { exporter in
            for number in 1...3 { exporter.record(ended(UInt64(number))) }
            try await eventually { options.count(.failed, "unavailable") == 3 }
        }
        #expect(options.count(.exported) == 0)
    }

    @Test func whatWaitsIsSentWhenTheGatewayStops() async throws {
        try await withCollector { collector in
            var options = ExporterOptions(collector.url)
            options.settings.batchDelay = .seconds(3600)
            try await withExporter(options) { exporter in
                for number in 1...5 { exporter.record(ended(UInt64(number))) }
            }
            #expect(collector.spans.count == 5)
            #expect(options.count(.exported) == 5)
        }
    }

    @Test func aCollectorThatIsSilentDoesNotKeepTheGatewayFromStopping() async throws {
        try await withCollector({ _ in [.silence] }) { collector in
            var options = ExporterOptions(collector.url)
            options.settings.shutdownGrace = .milliseconds(100)
            options.settings.batchSize = 2
            try await withExporter(options) { exporter in
                for number in 1...5 { exporter.record(ended(UInt64(number))) }
                try await eventually { collector.facts.requests.count == 1 }
            }
            #expect(options.count(.dropped, "shutdown") == 5)
            #expect(options.count(.exported) == 0)
        }
    }
}
