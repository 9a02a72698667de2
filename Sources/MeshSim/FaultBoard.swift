/// The faults of one workload in one cluster, one course for each kind.
struct WorkloadFaults: Sendable {
    private let courses: [FaultKind: FaultCourse]

    init() {
        courses = Dictionary(
            uniqueKeysWithValues: FaultKind.allCases.map { ($0, FaultCourse()) })
    }

    subscript(_ kind: FaultKind) -> FaultCourse {
        guard let course = courses[kind] else {
            preconditionFailure("Every kind of fault has a course.")
        }
        return course
    }
}

/// All faults that can be switched: which workloads there are, and where.
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

    init(services: [Service]) {
        var places: [Place] = []
        for profile in clusterProfiles {
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
        if let cluster, !clusterProfiles.contains(where: { $0.name == cluster }) {
            throw .unknownCluster(cluster)
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

/// Why a fault cannot be switched.
enum FaultRequestError: Error, CustomStringConvertible {
    case unknownFault(String)
    case unknownService(String)
    case unknownCluster(String)
    /// The service is known, but not where it was looked for.
    case elsewhere(service: String, clusters: [String])
    /// The fault is about requests, and the proxies see none of HTTP to this workload.
    case noRequests(service: String, fault: FaultKind)
    case unknownParameter(String)

    var description: String {
        switch self {
        case .unknownFault(let name):
            let names = FaultKind.allCases.map(\.rawValue).joined(separator: ", ")
            return "There is no fault '\(name)'. There are: \(names)."
        case .unknownService(let name):
            return "There is no service '\(name)'."
        case .unknownCluster(let name):
            let names = clusterProfiles.map(\.name).joined(separator: ", ")
            return "There is no cluster '\(name)'. There are: \(names)."
        case .elsewhere(let service, let clusters):
            return "\(service) does not run there. It runs in: "
                + clusters.joined(separator: ", ") + "."
        case .noRequests(let service, let fault):
            return "\(fault.rawValue) is about requests, and \(service) is sent none."
        case .unknownParameter(let name):
            return "There is no parameter '\(name)'. There are: service, cluster."
        }
    }
}
