import Spans
import TestSupport
import Testing

@Suite struct CriticalPathPropertyTests {
    /// A tree of spans of which some overflow their parents, some meet to the nanosecond.
    private static func spans(seed: UInt64) -> [Span] {
        var random = SeededGenerator(seed: seed)
        var spans: [Span] = []
        let count = Int.random(in: 1...40, using: &random)
        let kinds = SpanKind.allCases
        for number in 1...count {
            let parent =
                spans.isEmpty || Int.random(in: 0..<12, using: &random) == 0
                ? nil : spans.randomElement(using: &random)
            let span = parent.map { ($0.startTime, $0.endTime) } ?? (1_000, 1_100)
            let start = Int64.random(in: (span.0 - 8)...(span.1 + 8), using: &random)
            let most = max(1, span.1 - start + 8)
            let duration = Int64.random(in: 0...most, using: &random)
            spans.append(
                Span(
                    traceID: .none, spanID: SpanID(UInt64(number)),
                    parentSpanID: parent?.spanID ?? .none, name: "n\(number % 5)",
                    kind: kinds[Int.random(in: 0..<kinds.count, using: &random)],
                    startTime: start, endTime: start + duration,
                    resource: Resource(attributes: [
                        Attribute("service.name", .string("s\(number % 3)"))
                    ])))
        }
        return spans.shuffled(using: &random)
    }

    private static func plain(_ paths: [CriticalPath], _ spans: [Span])
        -> [[PlainCriticalPath.Section]]
    {
        paths.map { path in
            path.sections.map { .init(span: spans[$0.span].spanID, from: $0.from, to: $0.to) }
        }
    }

    @Test(arguments: 0..<400 as Range<UInt64>) func isWhatThePlainDefinitionGives(seed: UInt64) {
        let spans = Self.spans(seed: seed)
        let paths = Trace(id: .none, spans: spans).criticalPaths
        let wanted = paths.map { PlainCriticalPath.sections(of: spans, root: spans[$0.root]) }
        #expect(Self.plain(paths, spans) == wanted)
    }

    @Test(arguments: 0..<200 as Range<UInt64>) func sectionsAreTheRootsTimeWithoutGaps(
        seed: UInt64
    ) {
        let spans = Self.spans(seed: seed)
        for path in Trace(id: .none, spans: spans).criticalPaths {
            var moment = spans[path.root].startTime
            for section in path.sections {
                #expect(section.from == moment && section.to > section.from)
                moment = section.to
            }
            #expect(moment == spans[path.root].endTime)
        }
    }

    @Test(arguments: 0..<100 as Range<UInt64>) func theOrderOfSpansChangesNothing(seed: UInt64) {
        let spans = Self.spans(seed: seed)
        let turned = Array(spans.reversed())
        #expect(
            Self.plain(Trace(id: .none, spans: spans).criticalPaths, spans)
                == Self.plain(Trace(id: .none, spans: turned).criticalPaths, turned))
    }

    @Test func aChainOf100000SpansHasAPath() {
        let spans = (0..<100_000).map { number in
            Span(
                traceID: .none, spanID: SpanID(UInt64(number + 1)),
                parentSpanID: SpanID(UInt64(number)), name: "n",
                startTime: Int64(number), endTime: 1_000_000 - Int64(number))
        }
        let sections = Trace(id: .none, spans: spans).criticalPaths.flatMap(\.sections)
        #expect(sections.count == 199_999)
        #expect(sections.reduce(0) { $0 + $1.duration } == 1_000_000)
        var totals = CriticalPathTotals()
        totals.add(Trace(id: .none, spans: spans))
        #expect(totals.rows.map(\.spans) == [100_000])
        #expect(totals.contexts(most: 3).map(\.isCut) == [true, false, false])
    }

    @Test func aStarOf100000SpansHasAPath() {
        let root = Span(
            traceID: .none, spanID: SpanID(1), name: "root", startTime: 0, endTime: 1_000_000)
        let children = (0..<100_000).map { number in
            Span(
                traceID: .none, spanID: SpanID(UInt64(number + 2)), parentSpanID: SpanID(1),
                name: "n", startTime: Int64(number) * 10, endTime: Int64(number) * 10 + 9)
        }
        let path = Trace(id: .none, spans: children + [root]).criticalPaths
        #expect(path.map(\.root) == [100_000])
        #expect(path.flatMap(\.sections).count == 200_000)
    }
}
