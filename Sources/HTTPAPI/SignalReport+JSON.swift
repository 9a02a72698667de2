import Meshes
import PrometheusAPI
import TimeSeries

// Signals as `/mesh/v1/signals` tells them. What is not known is null, which is not zero; times are
// seconds since the Unix epoch.

extension SignalReport {
    /// The members of the answer's data; the queries where they are wanted.
    func parts(withQueries isExplained: Bool) -> [DocumentChunks.Part] {
        let signals = shownSignals
        let times: [JSONValue] =
            hasSeries ? (0..<grid.count).map { .seconds(grid.time(at: $0)) } : []
        var parts: [DocumentChunks.Part] = [
            .member("start", .seconds(grid.start)), .member("end", .seconds(grid.end)),
            .member("step", hasSeries ? .seconds(grid.step) : .null),
            .member("window", .seconds(window)),
            .member(
                "units", .object(signals.map { .init($0.rawValue, .string($0.unit.rawValue)) })),
            .member("totals", totals.json),
            .list("subjects", count: subjects.count) { [subjects] index in
                subjects[index].json(signals, at: times)
            },
            .member("clusters", .array(clusters.map(\.json))),
        ]
        if isExplained { parts.append(.member("queries", .array(queries.map(\.json)))) }
        return parts
    }

    /// Those that any subject has, or could have, in the table's order.
    private var shownSignals: [Signal] {
        let told = subjects.reduce(into: Set<Signal>()) { $0.formUnion($1.signals.keys) }
        return Signal.allCases.filter { subjects.isEmpty || told.contains($0) }
    }
}

extension SignalReport.Totals {
    fileprivate var json: JSONValue {
        ["subjects": .integer(Int64(subjects)), "shown": .integer(Int64(shown))]
    }
}

extension SubjectSignals {
    fileprivate func json(_ order: [Signal], at times: [JSONValue]) -> JSONValue {
        let values = order.compactMap { signal -> JSONValue.Member? in
            signals[signal].map { .init(signal.rawValue, $0.json(at: times)) }
        }
        return [
            "kind": .string(subject.kind.rawValue), "cluster": .text(subject.cluster),
            "namespace": .text(subject.namespace), "service": .text(subject.service),
            "source": subject.source?.json ?? .null,
            "destination": subject.destination?.json ?? .null,
            "dialects": .array(dialects.map { .string($0.rawValue) }),
            "missing": .array(missing.map { .string($0) }), "signals": .object(values),
            "mutualTLS": mutualTLS?.json ?? .null, "health": health?.json ?? .null,
        ]
    }
}

extension SignalSubject.End {
    fileprivate var json: JSONValue {
        [
            "cluster": .text(cluster), "namespace": .text(namespace), "service": .text(service),
        ]
    }
}

extension SignalValue {
    fileprivate func json(at times: [JSONValue]) -> JSONValue {
        var members = [JSONValue.Member("value", .value(value))]
        if let values {
            let points = zip(times, values).map { JSONValue.array([$0, .value($1)]) }
            members.append(.init("values", .array(points)))
        }
        members.append(.init("derivedFrom", .text(derivedFrom)))
        if let because { members.append(.init("because", .string(because))) }
        if !limits.isEmpty {
            let names = LatencyLimit.allCases.filter(limits.contains).map(\.rawValue)
            members.append(.init("limits", .array(names.map { .string($0) })))
        }
        return .object(members)
    }
}

extension MutualTLS {
    fileprivate var json: JSONValue {
        [
            "ratio": .value(ratio),
            "principals": .principals(sourcePrincipals, destinationPrincipals),
            "trustDomains": .array(trustDomains.map { .string($0) }),
        ]
    }
}

extension ClusterDialects {
    /// `recorded` is whether rules of its own keep rates: the names of what rules record have colons.
    var json: JSONValue {
        [
            "cluster": .string(cluster),
            "dialects": .array(dialects.map { .string($0.rawValue) }),
            "recorded": missing == nil ? .bool(metrics.contains { $0.contains(":") }) : .null,
            "missing": .text(missing),
        ]
    }
}

extension AskedQuery {
    var json: JSONValue {
        [
            "signal": .string(signal), "query": .string(query),
            "clusters": .array(clusters.map { .string($0) }),
        ]
    }
}

extension JSONValue {
    /// A number, or null for what is not known.
    static func value(_ number: Double?) -> JSONValue { number.map { .number($0) } ?? .null }

    /// A text, or null where it is empty or there is none.
    static func text(_ text: String?) -> JSONValue {
        guard let text, !text.isEmpty else { return .null }
        return .string(text)
    }

    /// A time or a duration in milliseconds, as seconds.
    static func seconds(_ milliseconds: Int64) -> JSONValue {
        milliseconds % 1000 == 0
            ? .integer(milliseconds / 1000) : .number(Double(milliseconds) / 1000)
    }

    static func principals(_ source: [String], _ destination: [String]) -> JSONValue {
        [
            "source": .array(source.map { .string($0) }),
            "destination": .array(destination.map { .string($0) }),
        ]
    }
}
