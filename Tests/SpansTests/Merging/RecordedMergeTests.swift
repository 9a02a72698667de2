import Spans
import Testing

/// What two real Jaegers hold, merged, is what a third one answers that holds everything.
@Suite(.enabled(if: RecordedTraces.folder != nil, "the shared corpora are not here"))
struct RecordedMergeTests {
    private let east: RecordedTraces
    private let west: RecordedTraces
    private let union: RecordedTraces

    init() throws {
        east = try RecordedTraces("east")
        west = try RecordedTraces("west")
        union = try RecordedTraces("union")
    }

    /// What there is to compare of a trace: its spans by id without the clusters' tags. The union's
    /// memory storage says a warning again each time that it is asked.
    private func comparable(_ trace: Trace) -> [String] {
        trace.spans.map { span in
            var span = span
            span.attributes.removeAll { $0.key == "isthmus.clusters" }
            span.attributes.sort { $0.key < $1.key }
            span.resource.attributes.removeAll { $0.key == "cluster" }
            span.resource.attributes.sort { $0.key < $1.key }
            span.warnings = Set(span.warnings).sorted()
            return MergeText.line(span) + " \(span.scope) \(span.traceID)"
        }.sorted()
    }

    private func merged(_ fragments: [(String, Trace?)], skew: Int64 = 60_000_000_000) -> Trace {
        let merger = TraceMerger(
            TraceMerger.Settings(clusters: ["east", "west"], maximumClockSkewAdjustment: skew))
        return merger.merge(
            fragments.compactMap { cluster, trace in
                trace.map { TraceFragment(cluster: cluster, trace: $0) }
            })
    }

    /// The union's answers as people get them, by request.
    private var unionAnswers: [(get: String, traces: [TraceID: Trace])] {
        union.answers.filter { !$0.key.contains("raw") }.map { ($0.key, $0.value) }
            .sorted { $0.get < $1.get }
    }

    @Test func everyAnswerOfTheUnionIsWhatTheSentSpansMerge() {
        var compared: Set<TraceID> = []
        for (get, traces) in unionAnswers {
            for (id, expected) in traces {
                let trace = merged([("east", east.sent[id]), ("west", west.sent[id])])
                #expect(comparable(trace) == comparable(expected), "\(get) \(id)")
                compared.insert(id)
            }
        }
        #expect(compared.count == 25)
    }

    /// Raw or not, v1 or v3: what the stores did to their fragments is undone.
    @Test(arguments: ["raw", "", "v3 raw", "v3"])
    func everyAnswerOfTheUnionIsWhatTheStoresAnswersMerge(form: String) {
        var compared = 0
        for (get, traces) in unionAnswers where get.hasPrefix("/api/traces/") && !get.contains("?")
        {
            for (id, expected) in traces {
                var get = get
                if form.hasPrefix("v3") {
                    get = get.replacing("/api/traces", with: "/api/v3/traces")
                }
                if form == "raw" { get += "?raw=true" }
                if form == "v3 raw" { get += "?raw_traces=true" }
                guard let part = east.answers[get]?[id] else { continue }
                let trace = merged([("east", part), ("west", west.answers[get]?[id])])
                #expect(comparable(trace) == comparable(expected), "\(get)")
                compared += 1
            }
        }
        #expect(compared >= 5)
    }

    /// One store speaks v1, the other v3.
    @Test func generationsOfTheAPIMix() {
        var compared = 0
        for (get, traces) in unionAnswers where get.hasPrefix("/api/traces/") && !get.contains("?")
        {
            let v3 = get.replacing("/api/traces", with: "/api/v3/traces")
            for (id, expected) in traces {
                guard let part = east.answers[get]?[id], let other = west.answers[v3]?[id] else {
                    continue
                }
                let trace = merged([("west", other), ("east", part)])
                #expect(comparable(trace) == comparable(expected), "\(get)")
                compared += 1
            }
        }
        #expect(compared >= 4)
    }

    /// What a search found in both stores.
    @Test func searchesMergeToTheUnions() {
        var compared = 0
        for (get, traces) in unionAnswers where get.contains("?") {
            for (id, expected) in traces {
                guard let part = east.answers[get]?[id],
                    west.sent[id] == nil || west.answers[get]?[id] != nil
                else { continue }
                let trace = merged([("east", part), ("west", west.answers[get]?[id])])
                #expect(comparable(trace) == comparable(expected), "\(get) \(id)")
                compared += 1
            }
        }
        #expect(compared >= 10)
    }

    /// The union was asked with a maximum of one minute only; without, its texts say otherwise.
    @Test func withoutAMaximumTheUnionsShiftsAreSaidAndNotMade() {
        for (get, traces) in unionAnswers {
            for (id, expected) in traces {
                var expected = expected
                for index in expected.spans.indices {
                    let id = expected.spans[index].spanID
                    let recorded = union.sent[expected.id]?.spans.first { $0.spanID == id }
                    guard let recorded else { continue }
                    expected.spans[index].startTime = recorded.startTime
                    expected.spans[index].endTime = recorded.endTime
                    expected.spans[index].events = recorded.events
                    expected.spans[index].warnings = expected.spans[index].warnings.map {
                        $0.replacing(
                            "This span's timestamps were adjusted by",
                            with: "clock skew adjustment disabled; not applying calculated delta of"
                        )
                    }
                }
                let trace = merged([("east", east.sent[id]), ("west", west.sent[id])], skew: 0)
                #expect(comparable(trace) == comparable(expected), "\(get) \(id)")
            }
        }
    }

    /// East and west adjust nothing, and say of their own fragments what a merge of one says.
    @Test(arguments: ["east", "west"])
    func oneFragmentMergesToItsOwnStoresAnswer(store: String) {
        let recorded = store == "east" ? east : west
        var compared = 0
        for (get, traces) in recorded.answers where !get.contains("raw") {
            for (id, expected) in traces {
                let trace = merged([(store, recorded.sent[id])], skew: 0)
                #expect(comparable(trace) == comparable(expected), "\(get) \(id)")
                compared += 1
            }
        }
        #expect(compared > 20)
    }

    @Test func mergingAUnionOfBothChangesOnlyTheTags() {
        for (id, sent) in union.sent {
            let split = merged([("east", east.sent[id]), ("west", west.sent[id])])
            #expect(comparable(split) == comparable(merged([("east", sent)])), "\(id)")
        }
    }
}
