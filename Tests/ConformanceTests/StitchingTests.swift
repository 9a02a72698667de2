import Foundation
import TestSupport
import Testing

extension Conformance {
    /// A request that crosses clusters is one trace again: the gateway over three simulated stores of
    /// all generations of Jaeger's API, against what really happened.
    @Suite("Stitching")
    struct StitchingTests {
        private static let arguments = ["--trace-sampling", "0.05", "--trace-retention", "20m"]

        /// A minute that is over.
        private static func past() -> (start: Int64, end: Int64) {
            let now = TracedClusters.now
            return (now - 200_000_000, now - 140_000_000)
        }

        @Test func everyTraceIsWholeAndAsItWasRecorded() async throws {
            let clusters = try await TracedClusters(arguments: Self.arguments)
            let gateway = try await clusters.gateway()
            let past = Self.past()
            let truth = try await clusters.truth(from: past.start, to: past.end)
            #expect(truth.count > 100)
            for trace in truth where !trace.kept.isEmpty {
                let answer = try await gateway.trace(trace.traceID)
                #expect(answer.missingClusters.isEmpty)
                let told = try #require(JaegerTraces.traces(of: answer).first)
                #expect(told.warnings == nil)
                let spans = try expectSame(told, trace, stores: Set(TracedClusters.names))
                for span in trace.kept {
                    #expect(spans[span.number]?.startTime == span.start + span.skew)
                }
            }
            await gateway.end()
            await clusters.end()
        }

        @Test func clocksAreCorrectedAsFarAsCanBeKnown() async throws {
            let clusters = try await TracedClusters(arguments: Self.arguments)
            let gateway = try await clusters.gateway(
                configuration: "traces: {max_clock_skew_adjust: 1m}\n")
            let past = Self.past()
            var adjusted = 0
            for trace in try await clusters.truth(from: past.start, to: past.end)
            where !trace.kept.isEmpty {
                let told = try #require(
                    JaegerTraces.traces(of: try await gateway.trace(trace.traceID)).first)
                let spans = try expectSame(told, trace, stores: Set(TracedClusters.names))
                adjusted += try expectTrueTimes(spans, trace)
            }
            #expect(adjusted > 30)
            await gateway.end()
            await clusters.end()
        }

        @Test(arguments: TracedClusters.names)
        func aMissingClusterIsNamedAndTheRestIsRight(_ missing: String) async throws {
            let clusters = try await TracedClusters(arguments: Self.arguments)
            let gateway = try await clusters.gateway()
            let past = Self.past()
            let truth = try await clusters.truth(from: past.start, to: past.start + 15_000_000)
            await clusters.meshes[missing]?.end()
            let stores = Set(TracedClusters.names).subtracting([missing])
            var partial = 0
            for trace in truth where !trace.kept.isEmpty {
                let answer = try await gateway.trace(trace.traceID)
                #expect(answer.missingClusters == [missing])
                guard trace.spans.contains(where: { !stores.isDisjoint(with: $0.stores) }) else {
                    // It may be where nobody could look, which is not the same as being nowhere.
                    #expect(answer.status != 200)
                    #expect(answer.text.contains(missing), "\(answer.text)")
                    continue
                }
                let told = try #require(JaegerTraces.traces(of: answer).first, "\(answer.text)")
                #expect(told.warnings?.contains { $0.contains(missing) } == true)
                #expect(
                    told.spans.contains { $0.warnings?.contains { $0.contains(missing) } == true })
                try expectSame(told, trace, stores: stores, missing: missing)
                partial += 1
            }
            #expect(partial > 20)
            await gateway.end()
            await clusters.end()
        }

        @Test func searchesFindWhatAnyClusterFindsAndTellItWhole() async throws {
            let clusters = try await TracedClusters(arguments: Self.arguments)
            let gateway = try await clusters.gateway()
            let past = Self.past()
            // A clock that is behind gives what came after the end a time before it.
            let truth = try await clusters.truth(
                from: past.start - 120_000_000, to: past.end + 10_000_000)
            let byID = Dictionary(uniqueKeysWithValues: truth.map { ($0.traceID, $0) })
            for service in ["payments", "notifications", "search"] {
                let answer = try await gateway.jaeger(
                    "traces",
                    [
                        .init("service", service), .init("limit", "500"),
                        .init("start", "\(past.start)"), .init("end", "\(past.end)"),
                    ])
                let found = try JaegerTraces.traces(of: answer)
                let expected = truth.filter { trace in
                    trace.kept.contains {
                        $0.service == service
                            && (past.start...past.end).contains($0.start + $0.skew)
                    }
                }
                #expect(!expected.isEmpty)
                #expect(
                    Set(found.map { $0.traceID.padded }) == Set(expected.map(\.traceID)))
                let starts = found.map { $0.spans.map(\.startTime).min() ?? 0 }
                #expect(starts == starts.sorted(by: >))
                for trace in found {
                    let happened = try #require(byID[trace.traceID.padded])
                    try expectSame(trace, happened, stores: Set(TracedClusters.names))
                }
            }
            await gateway.end()
            await clusters.end()
        }

        @Test func servicesOperationsAndDependenciesAreThoseOfAllClusters() async throws {
            let clusters = try await TracedClusters(arguments: ["--trace-retention", "10m"])
            let gateway = try await clusters.gateway()
            let now = TracedClusters.now
            let truth = try await clusters.truth(from: now - 400_000_000, to: now - 130_000_000)
            let spans = truth.flatMap(\.kept)
            let services = try JaegerNames.names(of: try await gateway.jaeger("services"))
            #expect(Set(spans.map(\.service)).subtracting(services).isEmpty)
            #expect(services == services.sorted())
            #expect(Set(services).count == services.count)
            for service in ["cart", "payments"] {
                let names = try JaegerNames.names(
                    of: try await gateway.jaeger("services/\(service)/operations"))
                let seen = Set(spans.filter { $0.service == service }.map(\.name))
                #expect(seen.subtracting(names).isEmpty)
                #expect(Set(names).count == names.count)
            }
            // A minute ago: spans of just now are still coming while one after the other is asked.
            let times: [HTTPCall.Parameter] = [
                .init("endTs", "\(now / 1000 - 60_000)"), .init("lookback", "540000"),
            ]
            let answer = try await gateway.jaeger("dependencies", times)
            let edges = try JaegerDependencies.counts(of: answer)
            var own: [[String]: Int] = [:]
            for cluster in TracedClusters.names {
                let counts = try JaegerDependencies.counts(
                    of: try await clusters.ask(cluster, "dependencies", times))
                own.merge(counts) { $0 + $1 }
            }
            #expect(!own.isEmpty)
            for (edge, count) in own {
                #expect(edges[edge, default: 0] >= count, "\(edge)")
            }
            // The queue's messages leave their cluster always, so no store by itself knows of them.
            #expect(own[["payments", "notifications"]] == nil)
            #expect(edges[["payments", "notifications"], default: 0] > 0)
            await gateway.end()
            await clusters.end()
        }
    }
}

extension TracedClusters {
    /// A gateway over the stores.
    fileprivate func gateway(configuration: String? = nil) async throws -> IsthmusServer {
        var members: [IsthmusServer.Member] = []
        for name in Self.names {
            let address = "http://127.0.0.1:\(try port(name))"
            var member = IsthmusServer.Member(name, urls: [address])
            member.lines = ["jaeger:", "  url: \(address)/jaeger"]
            members.append(member)
        }
        return try await IsthmusServer(members, configuration: configuration)
    }
}

extension IsthmusServer {
    fileprivate func jaeger(
        _ path: String, _ parameters: [HTTPCall.Parameter] = []
    ) async throws -> HTTPAnswer {
        try await HTTPCall(port: port, path: "/jaeger/api/\(path)", parameters: parameters)
            .answer()
    }

    fileprivate func trace(_ id: String) async throws -> HTTPAnswer {
        try await jaeger("traces/\(id)")
    }
}

extension String {
    /// An identity of 128 bits, whatever its form.
    fileprivate var padded: String { String(repeating: "0", count: max(0, 32 - count)) + self }
}

/// Checks that the trace has all spans that the stores have, each once, under its true parent, and
/// nothing else; and that it warns of nothing but parents that no store has. Returns the spans by
/// their number.
@discardableResult
private func expectSame(
    _ told: JaegerTrace, _ truth: TrueTrace, stores: Set<String>, missing: String? = nil
) throws -> [Int: JaegerSpan] {
    let expected = truth.spans.filter { !stores.isDisjoint(with: $0.stores) }
    let spans = try #require(told.byNumber, "a span is there twice, or none of ours")
    #expect(Set(spans.keys) == Set(expected.map(\.number)), "\(truth.traceID)")
    #expect(Set(told.spans.map(\.spanID)).count == told.spans.count)
    for span in expected {
        guard let found = spans[span.number] else { continue }
        #expect(found.operationName == span.name)
        #expect(found.duration == span.end - span.start)
        #expect(found.tag("span.kind") == span.kind)
        let process = try #require(told.processes[found.processID])
        #expect(process.serviceName == span.service)
        let cluster = process.tags.first { $0.key == "cluster" }?.text
        #expect(cluster.map { span.stores.contains($0) } == true, "\(cluster ?? "none")")
        let copies = span.stores.filter { stores.contains($0) }
        if copies.count > 1 {
            let named = found.tag("isthmus.clusters")?.split(separator: ",").map(String.init)
            #expect(Set(named ?? []) == Set(copies))
        }
        let parent = span.parent.flatMap { spans[$0] }
        if let parent {
            #expect(found.parentSpanID == parent.spanID, "\(truth.traceID) \(span.number)")
        } else {
            #expect(found.parentSpanID == span.parentSpanID || missing != nil)
        }
        for warning in found.warnings ?? [] {
            expectTrue(warning, hasParent: parent != nil || span.parent == nil, missing)
        }
    }
    return spans
}

private func expectTrue(_ warning: String, hasParent: Bool, _ missing: String?) {
    if warning.hasPrefix("parent span ID=") {
        #expect(!hasParent, "\(warning)")
    } else {
        let isAboutClocks =
            warning.hasPrefix("clock skew adjustment disabled")
            || warning.hasPrefix("This span's timestamps were adjusted by")
        let isAboutCluster = missing.map { warning.contains($0) } ?? false
        #expect(isAboutClocks || isAboutCluster, "\(warning)")
    }
}

/// Checks that all times are right by the clock of the tree's root, as far as the spans themselves
/// can tell: a part that its whole encloses may be anywhere within it. Returns how many were moved.
private func expectTrueTimes(_ spans: [Int: JaegerSpan], _ truth: TrueTrace) throws -> Int {
    /// By how much each span is off the clock of its tree's root, and what that clock is ahead.
    var errors: [Int: (error: Int64, clock: Int64, isKnown: Bool)] = [:]
    var moved = 0
    // A part has a greater number than what it is part of.
    for span in truth.kept.sorted(by: { $0.number < $1.number }) {
        guard let told = spans[span.number] else { continue }
        let isMoved = told.warnings?.contains { $0.hasPrefix("This span's") } == true
        moved += isMoved ? 1 : 0
        guard let number = span.parent, let above = errors[number],
            let parent = truth.spans.first(where: { $0.number == number })
        else {
            #expect(told.startTime == span.start + span.skew)
            errors[span.number] = (0, span.skew, true)
            continue
        }
        let error = told.startTime - (span.start + above.clock)
        // A message is handled after it was sent, which Jaeger's rule does not expect.
        let isKnown = above.isKnown && span.kind != "consumer"
        errors[span.number] = (error, above.clock, isKnown)
        guard isKnown else { continue }
        let slack = (parent.end - parent.start) - (span.end - span.start)
        let context: Comment = "\(truth.traceID) \(span.number)"
        if span.node == parent.node {
            #expect(error == above.error, context)
        } else if isMoved, span.kind == "server", parent.kind == "client" {
            // There and back takes the same time, so the middle is right.
            #expect(abs(error - above.error) <= 1, context)
        } else {
            #expect(abs(error - above.error) <= slack, context)
        }
        if above.error == 0, span.skew == above.clock {
            #expect(!isMoved && error == 0, context)
        }
    }
    return moved
}
