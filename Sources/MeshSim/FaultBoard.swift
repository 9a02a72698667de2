/// The faults of one thing, one course for each kind.
struct FaultCourses<Kind: CaseIterable & Hashable & Sendable>: Sendable {
    private let courses: [Kind: FaultCourse]

    init() {
        courses = Dictionary(uniqueKeysWithValues: Kind.allCases.map { ($0, FaultCourse()) })
    }

    subscript(_ kind: Kind) -> FaultCourse {
        guard let course = courses[kind] else {
            preconditionFailure("Every kind of fault has a course.")
        }
        return course
    }

    /// Ends what is on.
    func end(at seconds: Double) {
        for course in courses.values { course.turn(on: false, at: seconds) }
    }
}

/// The faults of one workload in one cluster.
typealias WorkloadFaults = FaultCourses<FaultKind>

/// The faults of workloads that can be switched: which workloads there are, and where.
struct FaultBoard: Sendable {
    /// A workload that faults can happen to.
    struct Place: Sendable {
        var service: String
        var cluster: String
        /// Whether there are requests to it, of HTTP or gRPC.
        var takesRequests: Bool
        var faults: WorkloadFaults
    }

    /// In the order of the clusters, and of the catalogue in each.
    let places: [Place]
    private let faults: [String: [String: WorkloadFaults]]

    private let clusterNames: [String]

    init(services: [Service], profiles: [ClusterProfile]) {
        clusterNames = profiles.map(\.name)
        var places: [Place] = []
        for profile in profiles {
            for name in gatewayNames {
                places.append(
                    Place(
                        service: name, cluster: profile.name, takesRequests: false,
                        faults: WorkloadFaults()))
            }
            for service in services where service.clusters.contains(profile.name) {
                places.append(
                    Place(
                        service: service.name, cluster: profile.name,
                        takesRequests: service.speaks != .tcp, faults: WorkloadFaults()))
            }
        }
        var faults: [String: [String: WorkloadFaults]] = [:]
        for place in places {
            faults[place.cluster, default: [:]][place.service] = place.faults
        }
        self.places = places
        self.faults = faults
    }

    /// The faults of the workload of that name in that cluster.
    func faults(of service: String, in cluster: String) -> WorkloadFaults {
        guard let found = faults[cluster]?[service] else {
            preconditionFailure("\(service) does not run in \(cluster).")
        }
        return found
    }

    /// Where a fault is to happen: what is asked for, and the standard place for the rest.
    func places(
        of kind: FaultKind, service: String?, cluster: String?
    ) throws(FaultRequestError) -> [Place] {
        if let cluster, !clusterNames.contains(cluster) {
            throw .unknownCluster(cluster, known: clusterNames)
        }
        let row = kind.row
        let name = service ?? row.service
        // The standard cluster belongs to the standard service.
        let only = cluster ?? (service == nil ? row.cluster : nil)
        let named = places.filter { $0.service == name }
        guard let first = named.first else { throw .unknownService(name) }
        guard first.takesRequests || !row.concernsRequests else {
            throw .noRequests(service: name, fault: kind)
        }
        let found = named.filter { only == nil || $0.cluster == only }
        guard !found.isEmpty else {
            throw .elsewhere(service: name, clusters: named.map(\.cluster))
        }
        return found
    }
}
