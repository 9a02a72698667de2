import Clusters
import Federation
import PrometheusAPI
import TimeSeries
import Upstream

extension Handlers {
    // `/api/v1/status/buildinfo`
    func buildInformation(_: Call) -> Answer {
        let version = settings.version
        return Answer(data: [
            "version": .string(version.prometheus), "revision": .string(version.revision),
            "branch": .string(version.branch), "buildUser": .string(version.buildUser),
            "buildDate": .string(version.buildDate), "goVersion": .string(version.compiler),
            "isthmusVersion": .string(version.isthmus),
        ])
    }

    // `/api/v1/status/runtimeinfo`: what Prometheus says of Go's runtime is zero or empty.
    func runtimeInformation(_ call: Call) -> Answer {
        let start = APITime.text(startTime)
        return Answer(data: [
            "startTime": .string(start), "CWD": "", "hostname": "",
            "serverTime": .string(APITime.text(call.now)), "reloadConfigSuccess": true,
            "lastConfigTime": .string(start), "corruptionCount": 0, "goroutineCount": 0,
            "GOMAXPROCS": 0, "GOMEMLIMIT": 0, "GOGC": "", "GODEBUG": "",
            "storageRetention": .string(retention),
        ])
    }

    /// How long the cluster that keeps samples longest does so; empty where no cluster's file says
    /// it.
    private var retention: String {
        let longest = dependencies.clusters().compactMap(\.retention).max()
        return longest.map { APIDuration.text($0.nanoseconds / 1_000_000) } ?? ""
    }

    // `/api/v1/status/config`
    func configuration(_: Call) -> Answer {
        Answer(data: ["yaml": .string(dependencies.configurationText())])
    }

    // `/api/v1/status/flags`
    func flags(_: Call) -> Answer {
        let sorted = settings.flags.sorted { $0.key < $1.key }
        return Answer(data: .object(sorted.map { JSONValue.Member($0.key, .string($0.value)) }))
    }

    // `/api/v1/features`
    func features(_: Call) -> Answer {
        Answer(data: Features.json(experimentalFunctions: settings.experimentalFunctions))
    }

    // `/mesh/v1/clusters`
    func clusters(_ call: Call) async -> Answer {
        let report = await dependencies.controlPlane.report()
        let summaries = ControlPlaneSummary.all(of: report, at: call.now / 1000)
        return Answer(
            data: .array(
                dependencies.clusters().map {
                    $0.json(controlPlane: summaries[$0.name], at: call.now)
                }))
    }

    // `/metrics`
    func metrics(_ call: Call) async -> Answer {
        switch (MetricsFormat(accepting: call.accept), dependencies.openMetricsText) {
        case (.openMetrics, let text?): Answer(text: await text(), type: .openMetrics)
        default: Answer(text: await dependencies.metricsText(), type: .metrics)
        }
    }

    // `/-/healthy`
    func healthy(_: Call) -> Answer { Answer(text: "Isthmus is Healthy.\n") }

    // `/-/ready`
    func ready(_: Call) -> Answer {
        if dependencies.isReady() { return Answer(text: "Isthmus is Ready.\n") }
        var answer = Answer(text: "Isthmus is not ready: its inventory is not loaded yet.\n")
        answer.status = ErrorResponse.Kind.unavailable.status
        return answer
    }

    // `/-/reload`
    func reload(_: Call) async -> Answer {
        let mistakes = await dependencies.reload()
        if mistakes.isEmpty { return Answer(text: "The configuration is in force.\n") }
        let list = mistakes.map { $0 + "\n" }.joined()
        var answer = Answer(text: "The old configuration stays in force:\n" + list)
        answer.status = ErrorResponse.Kind.internal.status
        return answer
    }

    // `/-/cache/clear`
    func clearCache(_: Call) async throws(ErrorResponse) -> Answer {
        guard let clear = dependencies.clearCache else {
            throw .notFound("nothing is remembered: the cache is switched off")
        }
        do {
            return Answer(data: ["entries": .integer(Int64(try await clear()))])
        } catch {
            throw ErrorResponse(
                kind: .unavailable, message: "what Redis holds could not be cleared: \(error)")
        }
    }
}

extension ClusterStatus {
    /// `now` is in milliseconds since the Unix epoch.
    fileprivate func json(controlPlane: ControlPlaneSummary?, at now: Int64) -> JSONValue {
        let latency = state.latency.map { JSONValue.number($0.inSeconds) }
        let series = state.seriesCount.map { JSONValue.integer(Int64($0)) }
        let members: JSONValue = [
            "name": .string(name),
            "externalLabels": .object(
                externalLabels.pairs.map { JSONValue.Member($0.name, .string($0.value)) }),
            "reachable": state.reachable.map { .bool($0) } ?? .null,
            "maintenance": .bool(isInMaintenance),
            "version": text(state.versionText), "latencySeconds": latency ?? .null,
            "series": series ?? .null, "dataStart": time(state.dataStart),
            "dataEnd": time(state.dataEnd), "probedAt": time(state.probedAt),
            "lastError": text(state.lastError),
            "urls": .array(urls.map { .string(Self.withoutUserinfo($0)) }),
        ]
        guard case .object(var list) = members else { return members }
        if !replicas.isEmpty {
            list.append(.init("replicas", .array(replicas.map { $0.json(at: now) })))
        }
        if let jaeger {
            var members: [JSONValue.Member] = [
                .init("url", .string(Self.withoutUserinfo(jaeger.url))),
                .init("generation", text(jaeger.generation?.rawValue)),
            ]
            if let replica = jaeger.replica {
                members.append(.init("replica", replica.json(at: now)))
            }
            list.append(.init("jaeger", .object(members)))
        }
        if let controlPlane { list.append(.init("controlPlane", controlPlane.json)) }
        return .object(list)
    }

    private func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }

    private func time(_ milliseconds: Int64?) -> JSONValue {
        milliseconds.map { .string(APITime.text($0)) } ?? .null
    }

    /// The address without a name and password before its host.
    private static func withoutUserinfo(_ url: String) -> String {
        guard let scheme = url.firstRange(of: "://") else { return url }
        let rest = url[scheme.upperBound...]
        let authority = rest[..<(rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex)]
        guard let at = authority.lastIndex(of: "@") else { return url }
        return String(url[..<scheme.upperBound] + rest[rest.index(after: at)...])
    }
}

extension ReplicaState {
    /// `now` is in milliseconds since the Unix epoch.
    fileprivate func json(at now: Int64) -> JSONValue {
        func time(_ since: Duration?, sign: Int64) -> JSONValue {
            // Whole seconds: two readings of one clock are never the same to the millisecond.
            since.map {
                .string(APITime.text((now + sign * $0.nanoseconds / 1_000_000) / 1000 * 1000))
            } ?? .null
        }
        return [
            "url": .string(url), "breaker": .string(breaker.rawValue),
            "failures": .integer(Int64(failures)), "failingSince": time(failingFor, sign: -1),
            "askedAgainAt": time(askedAgainIn, sign: 1),
            "reason": reason.map { .string($0) } ?? .null,
        ]
    }
}
