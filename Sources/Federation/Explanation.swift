import Clusters
import Planning
import TimeSeries

/// What is to be explained.
package struct ExplainRequest: Sendable {
    package var query: QueryRequest
    /// Whether the query is answered too, to tell how long it took and what it moved.
    package var analyzes: Bool

    package init(query: QueryRequest, analyzes: Bool = false) {
        self.query = query
        self.analyzes = analyzes
    }
}

/// How a query is answered: its plan, and how that went where it was carried out.
package struct Explanation: Sendable {
    package var request: QueryRequest
    package var plan: Plan
    /// All clusters, in inventory order.
    package var clusters: [Member]
    /// Nil where the query was not answered.
    package var analysis: QueryAnalysis?

    package struct Member: Hashable, Sendable {
        package var cluster: ClusterID
        /// The server's version in its own words; nil where the cluster has not said.
        package var version: String?
        /// Whether the cluster has not said what it is, so that the plan takes it for the newest
        /// server without own labels of external names.
        package var isAssumed: Bool
        /// Whether any fragment asks it.
        package var isAsked: Bool
        /// Whether it is under maintenance, and so asked nothing.
        package var isInMaintenance: Bool

        package init(
            cluster: ClusterID, version: String? = nil, isAssumed: Bool = false, isAsked: Bool,
            isInMaintenance: Bool = false
        ) {
            self.cluster = cluster
            self.version = version
            self.isAssumed = isAssumed
            self.isAsked = isAsked
            self.isInMaintenance = isInMaintenance
        }
    }

    package init(
        request: QueryRequest, plan: Plan, clusters: [Member], analysis: QueryAnalysis? = nil
    ) {
        self.request = request
        self.plan = plan
        self.clusters = clusters
        self.analysis = analysis
    }

    init(request: QueryRequest, plan: Plan, fleet: FleetSnapshot) {
        self.request = request
        self.plan = plan
        let asked = Set(plan.fragments.flatMap { $0.requests.map(\.cluster) })
        clusters = fleet.inventory.clusters.map { cluster in
            let state = fleet.state(of: cluster.id)
            return Member(
                cluster: cluster.id, version: state.versionText,
                isAssumed: state.capabilities == nil && !cluster.maintenance,
                isAsked: asked.contains(cluster.id) && !cluster.maintenance,
                isInMaintenance: cluster.maintenance)
        }
    }
}

/// How it went to answer a query.
package struct QueryAnalysis: Sendable {
    /// For each fragment of the plan what came of asking each cluster, in inventory order.
    package var fetches: [[FetchReport]]
    /// The fragments of earlier plans: of scalars that had to be known first, and of partial answers
    /// that turned out not to be exact enough.
    package var earlier: [Earlier]
    /// How long each stage took, planning and fetching of earlier plans included.
    package var phases: [QueryStatistics.Phase]
    package var coverage: Coverage
    package var annotations: Annotations
    package var result: Result

    package struct Earlier: Sendable {
        package var text: String
        package var fetches: [FetchReport]
    }

    package enum Result: Sendable {
        /// `type` is the API's name; a scalar is one series.
        case value(type: String, series: Int, samples: Int)
        case failure(QueryFailure)
    }

    init(_ record: QueryRecord, of plan: Plan, _ result: Swift.Result<QueryAnswer, QueryFailure>) {
        fetches = plan.fragments.map(record.counted)
        var seen = Set(plan.fragments)
        earlier = []
        for fragment in record.plans.flatMap(\.fragments) where seen.insert(fragment).inserted {
            earlier.append(Earlier(text: fragment.text, fetches: record.counted(fragment)))
        }
        phases = record.phases
        switch result {
        case .success(let answer):
            coverage = answer.coverage
            annotations = answer.annotations
            self.result = Result(answer.value)
        case .failure(let failure):
            coverage = Coverage()
            if case .unavailable(_, let known) = failure { coverage = known }
            annotations = Annotations()
            self.result = .failure(failure)
        }
    }

    /// All answers of clusters.
    package var answered: [FetchReport] {
        (fetches + earlier.map(\.fetches)).flatMap { $0 }.filter { $0.outcome == .answered }
    }
}

extension QueryAnalysis.Result {
    fileprivate init(_ value: QueryValue) {
        switch value {
        case .scalar(let values, _):
            self = .value(type: "scalar", series: 1, samples: values.count)
        case .string: self = .value(type: "string", series: 1, samples: 1)
        case .vector(let series, _):
            self = .value(
                type: "vector", series: series.count,
                samples: series.reduce(0) { $0 + $1.pointCount })
        case .samples(let series):
            self = .value(
                type: "matrix", series: series.count,
                samples: series.reduce(0) { $0 + $1.samples.count })
        }
    }
}
