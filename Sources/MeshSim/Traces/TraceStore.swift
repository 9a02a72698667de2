import Synchronization

/// What one cluster's store has of a trace, as it was recorded: by that cluster's clocks.
struct StoredTrace: Sendable {
    var id: TraceIdentity
    var spans: [RecordedSpan]
}

/// One cluster's Jaeger: the spans of its services, newest traces first.
final class TraceStore: Sendable {
    let cluster: String
    let plan: TracePlan
    let mesh: TracedMesh
    private let catalogue = Mutex(TraceCatalogue())

    /// Longer than any trace takes, microseconds.
    private static let longestTrace: Int64 = 120_000_000

    init(cluster: String, plan: TracePlan, mesh: TracedMesh) {
        self.cluster = cluster
        self.plan = plan
        self.mesh = mesh
    }

    // MARK: Traces

    /// The part of a trace that is here by `now` (microseconds since 1970); nil if nothing is.
    func trace(_ id: TraceIdentity, at now: Int64) -> StoredTrace? {
        guard let number = mesh.identities.number(of: id),
            kept(door: number.door, at: now).contains(number.count)
        else { return nil }
        return held(number, at: now)
    }

    /// The traces with a span that meets all conditions, the newest first.
    func search(_ search: StoreSearch, at now: Int64) -> [StoredTrace] {
        var found: [StoredTrace] = []
        let skews = plan.clockSkews.values.map { abs($0) }.max() ?? 0
        let first = search.start / 1000 - skews - Self.longestTrace
        let last = min(search.end / 1000, now) + skews
        for number in numbers(from: first, to: last, at: now) {
            if found.count >= search.limit { break }
            guard let trace = held(number, at: now),
                trace.spans.contains(where: search.isMet(by:))
            else { continue }
            found.append(trace)
        }
        return found
    }

    /// How often each service called each, by the traces of the time that are wholly inside it, as
    /// far as caller and called are both in this store.
    func dependencies(from start: Int64, to end: Int64, at now: Int64) -> [Dependency: Int] {
        var counts: [Dependency: Int] = [:]
        for number in numbers(from: start - Self.longestTrace, to: end + 1_000_000, at: now) {
            guard let trace = held(number, at: now),
                trace.spans.allSatisfy({ $0.start >= start && $0.end <= end })
            else { continue }
            for span in trace.spans where span.parentSpanID != 0 {
                let parent = trace.spans.first { $0.spanID == span.parentSpanID }
                guard let parent else { continue }
                counts[
                    Dependency(parent: parent.place.service, child: span.place.service),
                    default: 0] += 1
            }
        }
        return counts
    }

    struct Dependency: Hashable {
        var parent: String
        var child: String
    }

    // MARK: Services

    /// The operations that spans here have ever been named after, by service.
    func operations(at now: Int64) -> [String: Set<StoredOperation>] {
        catalogue.withLock { catalogue in
            // Traces that are under way still are looked at again the next time.
            let settled = now - Self.longestTrace
            for door in mesh.arrivals.doors {
                let kept = kept(door: door, at: now)
                let last = min(mesh.arrivals.count(door: door, by: settled), kept.upperBound)
                let first = max(kept.lowerBound, (catalogue.seen[door] ?? 0) + 1)
                if first <= last {
                    for count in first...last {
                        catalogue.add(held(TraceNumber(door: door, count: count), at: now))
                    }
                    catalogue.seen[door] = last
                }
                let rest = max(last + 1, kept.lowerBound)
                guard rest <= kept.upperBound else { continue }
                for count in rest...kept.upperBound {
                    catalogue.add(held(TraceNumber(door: door, count: count), at: now))
                }
            }
            return catalogue.operations
        }
    }

    // MARK: What is kept

    /// The traces of a door that have begun and are not forgotten. There may be none: then the
    /// range holds the number zero, which no trace has.
    private func kept(door: Int, at now: Int64) -> ClosedRange<Int64> {
        let last = mesh.arrivals.count(door: door, by: now)
        let forgotten = mesh.arrivals.count(door: door, by: now - plan.retention)
        let first = max(forgotten + 1, last - Int64(plan.maximumTraces) + 1, 1)
        return first <= last ? first...last : 0...0
    }

    /// The traces that begin in a span of time, the newest first, whichever their door.
    func numbers(from start: Int64, to end: Int64, at now: Int64) -> some Sequence<TraceNumber> {
        var rests: [(first: Int64, next: Int64, time: Int64)] = mesh.arrivals.doors.map { door in
            let kept = kept(door: door, at: now)
            let first = max(kept.lowerBound, mesh.arrivals.count(door: door, by: start))
            let last = min(kept.upperBound, mesh.arrivals.count(door: door, by: end))
            return (max(first, 1), last, 0)
        }
        let arrivals = mesh.arrivals
        func time(_ door: Int) -> Int64 {
            rests[door].next >= rests[door].first
                ? arrivals.time(of: TraceNumber(door: door, count: rests[door].next)) : .min
        }
        for door in rests.indices { rests[door].time = time(door) }
        return AnyIterator<TraceNumber> {
            guard let door = rests.indices.max(by: { rests[$0].time < rests[$1].time }),
                rests[door].time > .min
            else { return nil }
            let number = TraceNumber(door: door, count: rests[door].next)
            rests[door].next -= 1
            rests[door].time = time(door)
            return number
        }
    }

    private func held(_ number: TraceNumber, at now: Int64) -> StoredTrace? {
        number.count > 0 ? part(of: mesh.trace(number), by: now) : nil
    }

    /// The part of a trace that is here; nil if nothing is. Spans arrive when they have ended.
    func part(of trace: RequestTrace, by now: Int64) -> StoredTrace? {
        var spans = trace.spans.filter { $0.stores.contains(cluster) && $0.end <= now }
        guard !spans.isEmpty else { return nil }
        for index in spans.indices {
            spans[index] = recorded(spans[index])
            // Half of the copies have been through a collector that says so.
            if spans[index].place.cluster != cluster, trace.id.low.isMultiple(of: 2) {
                spans[index].tags.append(SpanTag("collector.cluster", .text(cluster)))
            }
        }
        let limit = plan.maximumSpansPerTrace
        if limit > 0, spans.count > limit {
            spans.removeLast(spans.count - limit)
            spans[0].warnings.append(
                "trace has more than \(limit) spans, showing first \(limit) spans only")
        }
        return StoredTrace(id: trace.id, spans: spans)
    }

    /// What one store would have that all clusters send to, each span once.
    func union(of trace: RequestTrace) -> StoredTrace? {
        let spans = trace.spans.filter { !$0.stores.isEmpty }.map(recorded)
        return spans.isEmpty ? nil : StoredTrace(id: trace.id, spans: spans)
    }

    /// A span by its cluster's clocks.
    private func recorded(_ span: RecordedSpan) -> RecordedSpan {
        let skew = plan.skew(of: span.place.cluster)
        var span = span
        span.start += skew
        span.end += skew
        for index in span.events.indices { span.events[index].time += skew }
        return span
    }
}

/// The name and kind of a service's spans.
struct StoredOperation: Hashable, Sendable {
    var name: String
    var kind: SpanPart
}

/// Which services a store has seen, and how far it has looked.
private struct TraceCatalogue: Sendable {
    var operations: [String: Set<StoredOperation>] = [:]
    /// The last trace of each door that need not be looked at again.
    var seen: [Int: Int64] = [:]

    mutating func add(_ trace: StoredTrace?) {
        for span in trace?.spans ?? [] {
            operations[span.place.service, default: []].insert(
                StoredOperation(name: span.name, kind: span.kind))
        }
    }
}
