/// The faults of one replica.
typealias ControlPlaneFaults = FaultCourses<ControlPlaneFaultKind>

/// The faults of control planes that can be switched: which replicas there are.
struct ControlPlaneBoard: Sendable {
    struct Place: Sendable {
        var replica: ControlPlaneReplica
        var faults: ControlPlaneFaults
    }

    /// In the order of the clusters.
    let places: [Place]
    private let clusterNames: [String]

    init(plan: SimulationPlan) {
        clusterNames = plan.profiles.map(\.name)
        places = plan.profiles.flatMap { profile in
            profile.controlPlane(plan).map { Place(replica: $0, faults: ControlPlaneFaults()) }
        }
    }

    /// The replicas of a cluster that are asked in one way.
    func places(in cluster: String, _ role: ControlPlaneRole) -> [Place] {
        places.filter { $0.replica.cluster == cluster && $0.replica.role == role }
    }

    func place(_ name: some StringProtocol, in cluster: String) -> Place? {
        places.first { $0.replica.cluster == cluster && $0.replica.name == name }
    }

    /// Where a fault is to happen: at a replica, or all of a component, that is named, else at the
    /// standard place.
    func places(
        of kind: ControlPlaneFaultKind, replica: String?, cluster: String?
    ) throws(FaultRequestError) -> [Place] {
        if let cluster, !clusterNames.contains(cluster) {
            throw .unknownCluster(cluster, known: clusterNames)
        }
        let row = kind.row
        let name = replica ?? row.place
        // The standard cluster belongs to the standard place.
        let only = cluster ?? (replica == nil ? row.cluster : nil)
        let there = places.filter { only == nil || $0.replica.cluster == only }
        let named = there.filter { $0.replica.name == name || $0.replica.component == name }
        guard !named.isEmpty else {
            var known: [String] = []
            for place in there where !known.contains(place.replica.name) {
                known.append(place.replica.name)
            }
            throw .unknownReplica(name, known: known)
        }
        let found = named.filter { row.roles.contains($0.replica.role) }
        guard !found.isEmpty else { throw .notOfReplica(name, fault: kind) }
        return found
    }
}
