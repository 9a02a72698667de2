import Clusters
import Observations
import Planning
import PromQL
import PrometheusAPI
import TimeSeries
import Upstream

/// One metadata request's dealings with the clusters.
struct MetadataRound: Sendable {
    let service: MetadataService
    let request: MetadataRequest
    let selectors: [Selector]
    /// The clusters to ask; nil for all.
    var clusters: Set<ClusterID>?
    /// Bytes of one cluster's answer, where fewer than usual are enough.
    var maximumResponseBytes = Int.max

    /// What one cluster says, in inventory order.
    private struct Reply<Value: Sendable>: Sendable {
        var cluster: ClusterID
        /// Nil where the cluster has nothing to say to these selectors.
        var outcome: Outcome<Value>?
    }

    /// Asks each cluster in the selectors' scope for its share.
    func united<Value: Sendable>(
        _ ask: @escaping @Sendable (MetadataShare) async throws -> Value
    ) async throws(QueryFailure) -> MetadataAnswer<[Value]> {
        let snapshot = service.fleet.current
        let deadline =
            ContinuousClock.now
            + min(request.timeout ?? service.settings.timeout, service.settings.timeout)
        // Each cluster is asked one thing, mostly.
        let place = try await service.load?.admission.enter(
            cost: clusters?.count ?? snapshot.inventory.clusters.count, by: deadline)
        defer { withExtendedLifetime(place) {} }
        let memory = service.load.map { QueryMemory($0.memory) }
        let replies = await replies(snapshot, deadline, memory, ask)
        if Task.isCancelled { throw .cancelled }
        if let failure = memory?.failure { throw failure }

        var coverage = Coverage()
        var values: [Value] = []
        var annotations = Annotations()
        for reply in replies {
            switch reply.outcome {
            case .answered(let value):
                coverage.present.append(reply.cluster)
                values.append(value)
            case .missing(let cause):
                coverage.missing.append(
                    .init(cluster: reply.cluster, cause, now: service.now()))
            case .rejected(let type, let message):
                throw type == "execution" ? .execution(message) : .badData(message)
            case nil: break
            }
        }
        let refusal = coverage.refusal(
            unless: request.partialResponse, hasObservations: isOfNamedObservations)
        if let refusal { throw refusal }
        for missing in coverage.missing { annotations.warn(missing.warning) }
        return MetadataAnswer(value: values, annotations: annotations, coverage: coverage)
    }

    /// The labels of the gateway's own series that are meant.
    var observedLabels: [Labels] {
        guard let observations = service.observations else { return [] }
        return observations.labels(
            matching: selectors.isEmpty ? [[]] : selectors.map(\.matchers),
            from: request.start ?? .min, through: request.end ?? .max)
    }

    /// Whether only metrics are meant that the gateway has series of, each by its name.
    private var isOfNamedObservations: Bool {
        guard let names = service.observations?.names, !selectors.isEmpty else { return false }
        return selectors.allSatisfy { $0.namedMetric.map(names.contains) ?? false }
    }

    private func replies<Value: Sendable>(
        _ snapshot: FleetSnapshot, _ deadline: ContinuousClock.Instant, _ memory: QueryMemory?,
        _ ask: @escaping @Sendable (MetadataShare) async throws -> Value
    ) async -> [Reply<Value>] {
        await withTaskGroup(of: Reply<Value>.self) { group in
            var settings = service.settings
            settings.maximumResponseBytes = min(
                settings.maximumResponseBytes, maximumResponseBytes)
            for cluster in snapshot.inventory.clusters
            where clusters?.contains(cluster.id) ?? true {
                var client = ClusterClient(
                    upstream: service.upstream, cluster: cluster, requestDeadline: deadline,
                    settings: settings)
                client.memory = memory
                let known = snapshot.state(of: cluster.id).capabilities
                group.addTask { [client] in await reply(of: client, known: known, ask) }
            }
            var result: [Reply<Value>] = []
            for await reply in group { result.append(reply) }
            return result.sorted { $0.cluster < $1.cluster }
        }
    }

    private func reply<Value: Sendable>(
        of client: ClusterClient, known: Capabilities?,
        _ ask: @Sendable (MetadataShare) async throws -> Value
    ) async -> Reply<Value> {
        let cluster = client.cluster
        // What its own labels rule out need not be known of it: who asks each of two hundred clusters
        // by its name would make himself known to all of them two hundred times.
        if !selectors.isEmpty,
            selectors.allSatisfy({ $0.isReserved || $0.isRuledOut(by: cluster.externalLabels) })
        {
            return Reply(cluster: cluster.id, outcome: nil)
        }
        do {
            let capabilities: Capabilities
            if cluster.maintenance {
                capabilities = known ?? Capabilities()
            } else if let known {
                capabilities = known
            } else {
                let probe = ClusterProbe(cluster: cluster, fleet: service.fleet, client: client)
                switch await probe.identification().capabilities {
                case .success(let found): capabilities = found
                case .failure(let cause):
                    return Reply(cluster: cluster.id, outcome: .missing(cause))
                }
            }
            let scope = ClusterScope(
                id: cluster.id, externalLabels: cluster.externalLabels,
                capabilities: capabilities)
            let own = try selectors.flatMap { selector in try scope.ownSelectors(selector) }
            if !selectors.isEmpty, own.isEmpty {
                return Reply(cluster: cluster.id, outcome: nil)
            }
            if cluster.maintenance {
                return Reply(cluster: cluster.id, outcome: .missing(.maintenance))
            }
            let share = MetadataShare(
                client: client, scope: scope, selectors: own.map(\.text), request: request)
            return Reply(cluster: cluster.id, outcome: .answered(try await ask(share)))
        } catch let failure as PlanningFailure {
            return Reply(
                cluster: cluster.id,
                outcome: .rejected(type: "bad_data", message: failure.description))
        } catch {
            return Reply(
                cluster: cluster.id, outcome: .failed(error, cluster: cluster.id))
        }
    }
}

/// One cluster's share of a metadata answer, labelled as the union would have it.
struct MetadataShare: Sendable {
    let client: ClusterClient
    let scope: ClusterScope
    /// In the cluster's own words; empty for all series.
    let selectors: [String]
    let request: MetadataRequest

    private var external: Labels { scope.externalLabels }
    private var conflicting: Set<String> { scope.capabilities.conflictingLabels }

    func series() async throws -> [Labels] {
        // The API wants a selector for series, and none means all.
        let parameters =
            selectors.isEmpty
            ? parameters() + [.init(name: "match[]", value: "{__name__=~\".+\"}")] : parameters()
        let response = try await client.list(
            "series", path: "/api/v1/series", parameters, of: .labelSets)
        guard case .labelSets(let sets) = response.value else { return [] }
        let renamed = external.keeping(LabelNames(conflicting))
        return sets.map { labels in
            (renamed.isEmpty ? labels : labels.exporting(renamed)).setting(external)
        }
    }

    func labelNames() async throws -> [String] {
        var names = Set(try await texts("labels", "/api/v1/labels"))
        // A cluster without any such series has no labels to add.
        guard !names.isEmpty else { return [] }
        if !scope.capabilities.doublyConflictingLabels.isEmpty {
            // Which names come of it depends on each series.
            return Array(Set(try await series().flatMap { $0.pairs.map(\.name) }))
        }
        for name in conflicting {
            if try await values(of: name).contains(where: { $0 != external[name] }) {
                names.insert("exported_" + name)
            }
        }
        return Array(names.union(external.pairs.map(\.name)))
    }

    func labelValues(of label: String) async throws -> [String] {
        if let value = external[label] {
            return try await texts("labels", "/api/v1/labels").isEmpty ? [] : [value]
        }
        if !scope.capabilities.doublyConflictingLabels.isEmpty, label.hasPrefix("exported_") {
            return Array(Set(try await series().compactMap { $0[label] }))
        }
        var values = try await values(of: label)
        for name in conflicting where "exported_" + name == label {
            values += try await self.values(of: name).filter { $0 != external[name] }
        }
        return values
    }

    func metadata(of metric: String?) async throws -> [MetricMetadata] {
        let parameters = metric.map { [UpstreamRequest.Parameter(name: "metric", value: $0)] }
        let data = try await client.small(
            "metadata", path: "/api/v1/metadata", parameters ?? [])
        return (PrometheusAPI.MetricMetadata.byMetric(data) ?? [:]).flatMap { name, entries in
            entries.map {
                MetricMetadata(metric: name, type: $0.type, help: $0.help, unit: $0.unit)
            }
        }.sorted { ($0.metric, $0.type, $0.help) < ($1.metric, $1.type, $1.help) }
    }

    // MARK: Requests

    /// The values of a label of the cluster's own.
    private func values(of label: String) async throws -> [String] {
        try await texts("label_values", "/api/v1/label/\(Self.pathEncoded(label))/values")
    }

    private func texts(_ endpoint: String, _ path: String) async throws -> [String] {
        let response = try await client.list(endpoint, path: path, parameters(), of: .texts)
        guard case .texts(let texts) = response.value else { return [] }
        return texts
    }

    private func parameters() -> [UpstreamRequest.Parameter] {
        var result = selectors.map { UpstreamRequest.Parameter(name: "match[]", value: $0) }
        if let start = request.start {
            result.append(.init(name: "start", value: NumberText.timestamp(start)))
        }
        if let end = request.end {
            result.append(.init(name: "end", value: NumberText.timestamp(end)))
        }
        return result
    }

    /// A label's name inside a path: classic ones as they are, others in the encoding that servers
    /// of 3.0 and later undo.
    private static func pathEncoded(_ name: String) -> String {
        func isPlain(_ scalar: Unicode.Scalar) -> Bool {
            scalar == "_"
                || (scalar.isASCII
                    && (scalar.properties.isAlphabetic
                        || scalar.properties.numericType != nil))
        }
        if name.unicodeScalars.allSatisfy(isPlain) { return name }
        var result = "U__"
        for scalar in name.unicodeScalars {
            if scalar == "_" {
                result += "__"
            } else if isPlain(scalar) {
                result.unicodeScalars.append(scalar)
            } else {
                result += "_\(String(scalar.value, radix: 16))_"
            }
        }
        return result
    }
}

extension Selector {
    /// Whether no series with these labels, of whichever others, can match.
    fileprivate func isRuledOut(by labels: Labels) -> Bool {
        matchers.contains { labels[$0.name] != nil && !$0.matches(labels) }
    }
}
