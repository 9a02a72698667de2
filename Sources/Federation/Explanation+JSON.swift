import Clusters
import Planning
import PromQL
import PrometheusAPI
import TimeSeries

extension Explanation {
    /// The explanation for programs.
    package var json: JSONValue {
        var members: [JSONValue.Member] = [.init("query", .string(request.expression))]
        switch request.times {
        case .instant(let time): members.append(.init("time", Self.seconds(time)))
        case .range(let start, let end, let step):
            members.append(.init("start", Self.seconds(start)))
            members.append(.init("end", Self.seconds(end)))
            members.append(.init("step", Self.seconds(step)))
        }
        members.append(.init("plan", plan.json))
        members.append(.init("clusters", .array(clusters.map(\.json))))
        if let analysis { members.append(.init("analysis", analysis.json)) }
        return .object(members)
    }

    fileprivate static func seconds(_ milliseconds: Int64) -> JSONValue {
        .number(Double(milliseconds) / 1000)
    }
}

extension Explanation.Member {
    fileprivate var json: JSONValue {
        [
            "name": .string(cluster.name), "version": version.map(JSONValue.string) ?? nil,
            "assumed": .bool(isAssumed), "asked": .bool(isAsked),
            "maintenance": .bool(isInMaintenance),
        ]
    }
}

// MARK: The plan

extension Plan {
    fileprivate var json: JSONValue {
        let outline = outline
        return [
            "root": outline.root.json, "fragments": .array(fragments.map(\.json)),
            "askedFirst": .array(outline.questions.map(JSONValue.string)),
        ]
    }
}

extension PlanOutline.Node {
    fileprivate var json: JSONValue {
        [
            "class": .string(kind.rawValue), "title": .string(title),
            "fragment": fragment.map { .integer(Int64($0)) } ?? nil,
            "inputs": .array(children.map(\.json)),
        ]
    }
}

extension Fragment {
    fileprivate var json: JSONValue {
        [
            "query": .string(text), "samples": .bool(wantsSamples),
            "gatewaysOwnSeries": .bool(includesObservations), "grid": grid.json,
            "requests": .array(requests.map(\.json)),
            "notAsked": .array(
                pruned.map { group in
                    [
                        "because": .string(Selector(matchers: group.matchers).text),
                        "clusters": .array(group.clusters.map { .string($0.name) }),
                    ]
                }),
        ]
    }
}

extension Fragment.Request {
    fileprivate var json: JSONValue {
        [
            "cluster": .string(cluster.name), "query": .string(query),
            "addedLabels": addedLabels.json, "movedLabels": renamedLabels.json,
        ]
    }
}

extension Labels {
    fileprivate var json: JSONValue {
        .object(pairs.map { JSONValue.Member($0.name, .string($0.value)) })
    }
}

extension TimeGrid {
    fileprivate var json: JSONValue {
        [
            "start": Explanation.seconds(start), "end": Explanation.seconds(end),
            "step": Explanation.seconds(count > 1 ? step : 0), "points": .integer(Int64(count)),
        ]
    }
}

// MARK: How it went

extension QueryAnalysis {
    fileprivate var json: JSONValue {
        let all = answered
        var members: [JSONValue.Member] = [
            .init("phases", .object(phases.map { .init($0.name, .number($0.duration.seconds)) })),
            .init("fragments", .array(fetches.map { .array($0.map(\.json)) })),
            .init(
                "earlier",
                .array(
                    earlier.map {
                        ["query": .string($0.text), "clusters": .array($0.fetches.map(\.json))]
                    })),
            .init(
                "totals",
                [
                    "seconds": .number(phases.reduce(0) { $0 + $1.duration.seconds }),
                    "answers": .integer(Int64(all.count)),
                    "bytes": .integer(Int64(all.reduce(0) { $0 + $1.bytes })),
                    "series": .integer(Int64(all.reduce(0) { $0 + $1.series })),
                    "samples": .integer(Int64(all.reduce(0) { $0 + $1.samples })),
                    "cache": CacheReport(all: all.map(\.cache)).json,
                ]),
            .init("completeness", coverage.completeness),
            .init("warnings", .array(annotations.warnings.sorted().map(JSONValue.string))),
            .init("infos", .array(annotations.infos.sorted().map(JSONValue.string))),
        ]
        switch result {
        case .value(let type, let series, let samples):
            members.append(
                .init(
                    "answer",
                    [
                        "resultType": .string(type), "series": .integer(Int64(series)),
                        "samples": .integer(Int64(samples)),
                    ]))
        case .failure(let failure):
            members.append(
                .init(
                    "failure",
                    ["kind": .string(failure.kind), "message": .string(failure.message)]))
        }
        return .object(members)
    }
}

extension FetchReport {
    fileprivate var json: JSONValue {
        let (status, cause, message): (String, JSONValue, JSONValue) =
            switch outcome {
            case .answered: ("ok", nil, nil)
            case .missing(let cause, let message):
                ("missing", .string(cause), .string(message))
            case .rejected(let type, let message): ("refused", .string(type), .string(message))
            case .notAsked: ("not_asked", nil, nil)
            }
        return [
            "cluster": .string(cluster.name), "status": .string(status), "cause": cause,
            "message": message, "seconds": .number(duration.seconds),
            "bytes": .integer(Int64(bytes)), "series": .integer(Int64(series)),
            "samples": .integer(Int64(samples)), "cache": cache.json,
        ]
    }
}

extension CacheReport {
    /// For programs.
    package var members: [JSONValue.Member] {
        [
            .init("outcome", .string(outcome.rawValue)), .init("steps", .integer(Int64(steps))),
            .init("cachedSteps", .integer(Int64(cachedSteps))),
            .init("requests", .integer(Int64(requests))), .init("shared", .bool(isShared)),
        ]
    }

    fileprivate var json: JSONValue { .object(members) }
}

extension Coverage {
    /// How complete an answer is, for programs: which clusters are in it, and which are not and why.
    package var completeness: JSONValue {
        [
            "complete": .bool(missing.isEmpty && gaps.isEmpty),
            "ok": .array(present.map { .string($0.name) }),
            "missing": .array(missing.map(\.json)), "gaps": .array(gaps.map(\.json)),
        ]
    }
}

extension Coverage.Missing {
    /// What is not known is left out.
    fileprivate var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("cluster", .string(cluster.name)), .init("cause", .string(cause)),
            .init("message", .string(message)),
        ]
        if let replica { members.append(.init("replica", .string(replica))) }
        if let phase { members.append(.init("phase", .string(phase))) }
        if let status { members.append(.init("status", .integer(Int64(status)))) }
        if let since { members.append(.init("since", Explanation.seconds(since))) }
        return .object(members)
    }
}

extension Coverage.Gap {
    fileprivate var json: JSONValue {
        [
            "cluster": .string(cluster.name), "start": Explanation.seconds(start),
            "end": Explanation.seconds(end), "message": .string(message),
        ]
    }
}

extension Duration {
    fileprivate var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
