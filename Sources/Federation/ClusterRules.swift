import Clusters
import Planning
import PrometheusAPI
import TimeSeries

/// What a client asks of the clusters' own rules.
package struct ClusterRulesRequest: Hashable, Sendable {
    package enum Subject: String, Hashable, Sendable {
        /// Groups of rules with their alerts.
        case groups
        /// The alerts alone.
        case alerts
    }

    package var subject: Subject
    /// The names of the clusters to ask; nil for all.
    package var clusters: Set<String>?
    package var partialResponse: Bool

    package init(
        _ subject: Subject, clusters: Set<String>? = nil, partialResponse: Bool = true
    ) {
        self.subject = subject
        self.clusters = clusters
        self.partialResponse = partialResponse
    }
}

/// What one cluster's Prometheus says of its own rules.
package struct ClusterRules: Hashable, Sendable {
    package var cluster: ClusterID
    package var externalLabels: Labels
    /// The groups or alerts in the cluster's order, each with a further member `cluster`. Alerts
    /// have the cluster's external labels, as that Prometheus sends them: where they have a label of
    /// the name themselves, theirs stays.
    package var elements: [JSONValue]

    package init(cluster: ClusterID, externalLabels: Labels, elements: [JSONValue]) {
        self.cluster = cluster
        self.externalLabels = externalLabels
        self.elements = elements
    }

    /// Of the `data` of an answer; nil where it is not of the API's form.
    package init?(
        _ data: JSONValue, of subject: ClusterRulesRequest.Subject, cluster: ClusterID,
        externalLabels: Labels
    ) {
        guard let list = data[subject.rawValue]?.array else { return nil }
        let added = externalLabels.pairs
        var elements: [JSONValue] = []
        for element in list {
            guard element.members != nil else { return nil }
            let told =
                switch subject {
                case .groups: Self.group(element, adding: added)
                case .alerts: Self.alert(element, adding: added)
                }
            elements.append(told.setting("cluster", .string(cluster.name)))
        }
        self.init(cluster: cluster, externalLabels: externalLabels, elements: elements)
    }

    private static func group(
        _ group: JSONValue, adding added: [(name: String, value: String)]
    ) -> JSONValue {
        group.changing("rules") { rules in
            .array(
                (rules.array ?? []).map { rule in
                    rule.changing("alerts") { alerts in
                        // Where alerts are left out, nothing stands in their place.
                        guard let list = alerts.array else { return alerts }
                        return .array(list.map { alert($0, adding: added) })
                    }
                })
        }
    }

    private static func alert(
        _ alert: JSONValue, adding added: [(name: String, value: String)]
    ) -> JSONValue {
        alert.changing("labels") { labels in
            guard var members = labels.members else { return labels }
            for label in added where !members.contains(where: { $0.name == label.name }) {
                members.append(JSONValue.Member(label.name, .string(label.value)))
            }
            members.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            return .object(members)
        }
    }
}

extension JSONValue {
    /// The object with this member, in the place of one of the name or at the end.
    fileprivate func setting(_ name: String, _ value: JSONValue) -> JSONValue {
        guard var members else { return self }
        members.removeAll { $0.name == name }
        members.append(Member(name, value))
        return .object(members)
    }

    /// The object with another value for a member that it has.
    fileprivate func changing(
        _ name: String, _ change: (JSONValue) -> JSONValue
    ) -> JSONValue {
        guard let members else { return self }
        return .object(
            members.map { $0.name == name ? Member(name, change($0.value)) : $0 })
    }
}

extension MetadataService {
    /// The most that one cluster may say of its rules, bytes.
    static let maximumRulesBytes = 64 << 20

    /// The rules or alerts that the clusters' own servers have, in inventory order.
    package func rules(
        _ request: ClusterRulesRequest
    ) async throws(QueryFailure) -> MetadataAnswer<[ClusterRules]> {
        var clusters: Set<ClusterID>?
        if let names = request.clusters {
            let known = Set(fleet.current.inventory.clusters.map(\.id))
            let wanted = Set(names.map { ClusterID($0) })
            if let unknown = wanted.subtracting(known).min() {
                throw .badData(
                    "invalid parameter \"clusters\": there is no cluster "
                        + GoText.quoted(unknown.name))
            }
            clusters = wanted
        }
        let round = MetadataRound(
            service: self, request: MetadataRequest(partialResponse: request.partialResponse),
            selectors: [], clusters: clusters, maximumResponseBytes: Self.maximumRulesBytes)
        let subject = request.subject
        return try await round.united { share async throws in try await share.rules(subject) }
    }
}

extension MetadataShare {
    func rules(_ subject: ClusterRulesRequest.Subject) async throws -> ClusterRules {
        let endpoint = subject == .groups ? "rules" : "alerts"
        let data = try await client.small(endpoint, path: "/api/v1/\(endpoint)")
        guard
            let rules = ClusterRules(
                data, of: subject, cluster: client.cluster.id,
                externalLabels: scope.externalLabels)
        else { throw DecodingFailure.wrongShape(.data, offset: 0) }
        return rules
    }
}
