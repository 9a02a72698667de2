import Clusters
import Federation
import MeshHealth

/// What of a report is to be told. `clusters` and `meshes` are its scope: states are those of what is
/// in it. Nil is all.
struct ControlPlaneSelection: Sendable {
    var clusters: Set<String>?
    var meshes: Set<Mesh>?
    /// Of components; the states of clusters and of the fleet are those of all their components.
    var states: Set<ComponentState>?

    func includes(cluster: String) -> Bool { clusters?.contains(cluster) ?? true }

    func includes(_ mesh: Mesh) -> Bool { meshes?.contains(mesh) ?? true }

    func includes(_ component: ComponentID) -> Bool {
        includes(cluster: component.cluster) && includes(component.mesh)
    }

    /// The clusters in scope, also those of which nothing is known where all meshes are. `all` are
    /// those that there are.
    func fleet(of picture: HealthPicture, all: [String]) -> FleetHealth {
        let components = picture.fleet.clusters.flatMap(\.components).filter { includes($0.id) }
        let names = (all + picture.fleet.clusters.map(\.cluster)).filter(includes(cluster:))
        return FleetHealth(components, clusters: meshes == nil ? names : [])
    }

    /// The clusters with the components that are wanted, the worst first. One of which nothing is
    /// known has none, and is told where what is unknown is wanted.
    func shown(_ fleet: FleetHealth) -> [ClusterHealth] {
        let chosen = fleet.clusters.compactMap { cluster -> ClusterHealth? in
            guard let states else { return cluster }
            if cluster.components.isEmpty { return states.contains(cluster.state) ? cluster : nil }
            var cluster = cluster
            cluster.components.removeAll { !states.contains($0.state) }
            return cluster.components.isEmpty ? nil : cluster
        }
        return chosen.sorted { one, other in
            (other.state, one.cluster) < (one.state, other.cluster)
        }
    }
}

/// Which certificates are to be told. Nil is all.
struct CertificateSelection: Sendable {
    var clusters: Set<String>?
    var meshes: Set<Mesh>?
    var kinds: Set<Certificate.Kind>?
    var severities: Set<CertificateVerdict.State>?

    /// Those of them, judged at a time in seconds since the Unix epoch, the worst first.
    func shown(_ certificates: [Certificate], at now: Int64) -> [JudgedCertificate] {
        certificates.lazy
            .filter { clusters?.contains($0.cluster) ?? true }
            .filter { meshes?.contains($0.mesh) ?? true }
            .filter { kinds?.contains($0.kind) ?? true }
            .map { JudgedCertificate($0, at: now) }
            .filter { severities?.contains($0.verdict.state) ?? true }
            .sorted { $0.precedes($1) }
    }
}
