import Spans
import TestSupport
import Testing

/// What holds of every merge; each seed is another trace.
@Suite struct MergePropertyTests {
    private let merger = TraceMerger(
        TraceMerger.Settings(
            clusters: GeneratedTrace.clusters, maximumClockSkewAdjustment: 60_000_000_000))

    /// Who is under whom, by name, with times relative to nothing.
    private func tree(_ spans: [Span]) -> [String] {
        let names = Dictionary(spans.map { ($0.spanID, $0.name) }) { first, _ in first }
        return spans.map { span in
            let parent = span.parentSpanID == .none ? "-" : names[span.parentSpanID] ?? "nowhere"
            return "\(span.name) under \(parent), \(span.startTime) to \(span.endTime), "
                + "\(span.events.first?.time ?? 0)"
        }.sorted()
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func aTraceThatIsDealtOverClustersIsItselfAgain(seed: UInt64) {
        var generated = GeneratedTrace(
            seed: seed, spans: 5 + Int(seed) * 4, sharesIDs: seed % 2 == 1, skews: seed % 3 > 0)
        let merged = merger.merge(generated.fragments(enriches: seed % 5 > 1))
        #expect(tree(merged.spans) == tree(generated.truth))
        #expect(merged.spans.first?.name == "operation 0")
        #expect(Set(merged.spans.map(\.spanID)).count == generated.truth.count)
        let texts = Set(merged.spans.flatMap(\.warnings))
        #expect(texts.allSatisfy { $0.hasPrefix("This span's timestamps were adjusted by") })
    }

    /// Stores that ignore that raw traces are wanted, or adjust what they hold.
    @Test(arguments: 0..<60 as Range<UInt64>)
    func whatStoresAdjustedIsUndone(seed: UInt64) {
        var generated = GeneratedTrace(
            seed: seed, spans: 5 + Int(seed) * 2, sharesIDs: seed % 2 == 1, skews: true)
        var parts = generated.fragments(enriches: seed % 3 == 0)
        for index in parts.indices where (index + Int(seed)) % 3 > 0 {
            parts[index].trace = parts[index].trace.adjustedByStore()
        }
        let merged = merger.merge(parts)
        #expect(tree(merged.spans) == tree(generated.truth))
    }

    @Test(arguments: 0..<60 as Range<UInt64>, [false, true])
    func whoAnswersFirstDoesNotMatter(seed: UInt64, isRaw: Bool) {
        var chaos = TraceChaos(seed: seed)
        var merger = merger
        merger.settings.isRaw = isRaw
        var parts = chaos.fragments()
        let merged = merger.merge(parts)
        for _ in 0..<5 {
            parts.shuffle(using: &chaos.random)
            #expect(merger.merge(parts) == merged)
        }
        for span in merged.spans where span.clusters.count > 1 {
            let inventory = GeneratedTrace.clusters.filter(span.clusters.contains)
            #expect(span.clusters == inventory)
            #expect(
                span.attributes["isthmus.clusters"] == .string(inventory.joined(separator: ",")))
        }
    }

    @Test(arguments: 0..<100 as Range<UInt64>, [false, true])
    func mergingTheMergeChangesNothing(seed: UInt64, isRaw: Bool) {
        var chaos = TraceChaos(seed: seed)
        var merger = merger
        merger.settings.isRaw = isRaw
        merger.settings.missing = seed % 4 == 0 ? [.init(name: "gone", reason: "timeout")] : []
        if seed % 3 == 0 { merger.settings.maximumClockSkewAdjustment = 0 }
        let merged = merger.merge(chaos.fragments())
        let again = merger.merge([TraceFragment(cluster: "west", trace: merged)])
        #expect(MergeText.tree(again) == MergeText.tree(merged))
        #expect(again == merged)
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func nothingOfAnyCopyIsLost(seed: UInt64) {
        var chaos = TraceChaos(seed: seed)
        let parts = chaos.fragments()
        let merged = merger.merge(parts)
        for part in parts {
            for span in part.trace.spans {
                let mark = span.attributes.first { $0.key.hasPrefix("input.") }
                let found = merged.spans.filter { $0.attributes.contains { $0 == mark } }
                #expect(found.count == 1)
                guard let kept = found.first else { continue }
                #expect(kept.clusters.contains(part.cluster))
                for attribute in span.attributes where attribute.key != "ip" {
                    // Exact copies that lose together are kept once, under the first's cluster.
                    let isCopied = kept.attributes.contains {
                        $0.value == attribute.value && $0.key.hasPrefix("isthmus.copy.")
                            && $0.key.hasSuffix("." + attribute.key)
                    }
                    #expect(
                        isCopied || kept.attributes.contains(attribute)
                            || kept.resource.attributes.contains(attribute), "\(attribute)")
                }
                for event in span.events {
                    #expect(
                        kept.events.contains {
                            $0.name == event.name && Set($0.attributes) == Set(event.attributes)
                        })
                }
                for link in span.links where link.traceID != .none {
                    #expect(kept.links.contains(link))
                }
            }
        }
    }

    /// No step may call itself for each level.
    @Test func aChainOfAHundredThousandSpansIsMerged() {
        let count = 100_000
        var parts = (0..<5).map {
            TraceFragment(cluster: "cluster-\($0)", trace: Trace(id: TraceID(high: 0, low: 1)))
        }
        for number in 0..<count {
            let host = number % 5
            let span = Span(
                traceID: TraceID(high: 0, low: 1), spanID: SpanID(UInt64(number) + 1_000_000),
                parentSpanID: number == 0 ? .none : SpanID(UInt64(number) + 999_999),
                name: "step", kind: .internal,
                startTime: Int64(number) - Int64(host) * 1_000_000_000,
                endTime: Int64(2 * count - number) - Int64(host) * 1_000_000_000,
                resource: Resource(attributes: [Attribute("host.name", .string("h\(host)"))]))
            parts[host].trace.spans.append(span)
            if number % 10 == 0 { parts[(host + 1) % 5].trace.spans.append(span) }
        }
        let merged = merger.merge(parts)
        #expect(merged.spans.count == count)
        let isInOrder = merged.spans.enumerated().allSatisfy { number, span in
            span.startTime == Int64(number) && span.spanID.rawValue == UInt64(number) + 1_000_000
        }
        #expect(isInOrder)
    }

    /// Ids that nobody would choose must not cost time that grows with their square.
    @Test(.timeLimit(.minutes(10))) func spansThatAllHaveOneIDAreMerged() {
        var trace = Trace(id: TraceID(high: 0, low: 1))
        for number in 0..<30_000 {
            trace.spans.append(
                Span(
                    traceID: trace.id, spanID: SpanID(7), parentSpanID: SpanID(7), name: "same",
                    kind: number % 3 == 0 ? .client : .server, startTime: Int64(number) * 10_000,
                    endTime: Int64(number) * 10_000 + 5_000))
        }
        let merged = merger.merge([TraceFragment(cluster: "east", trace: trace)])
        #expect(Set(merged.spans.map(\.spanID)).count == 30_000)
    }

    /// Stores say what they like about times.
    @Test func timesAtTheEndsOfTheRangeAreMerged() {
        var trace = Trace(id: TraceID(high: 0, low: 1))
        for (number, start) in [Int64.min, -1, 0, .max].enumerated() {
            for (other, end) in [Int64.min, 0, .max].enumerated() {
                trace.spans.append(
                    Span(
                        traceID: trace.id, spanID: SpanID(UInt64(number * 3 + other + 1)),
                        parentSpanID: SpanID(UInt64(number)), name: "far", startTime: start,
                        endTime: end, events: [Event(time: .min, name: "first")],
                        warnings: ["This span's timestamps were adjusted by -2562047h0m0s"]))
            }
        }
        #expect(merger.merge([TraceFragment(cluster: "east", trace: trace)]).spans.count == 12)
    }
}
