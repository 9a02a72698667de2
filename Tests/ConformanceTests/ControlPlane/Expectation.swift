import Foundation
import TestSupport

/// What a gateway tells at one moment.
struct FleetLook: Sendable {
    var view: ControlPlaneView
    var certificates: [CertificateView]
    /// Unix seconds.
    var time: Double

    init(_ gateway: IsthmusServer) async throws {
        view = try await ControlPlaneView(of: gateway)
        certificates = try await CertificateView.all(of: gateway)
        time = Date().timeIntervalSince1970
    }
}

/// Something that the gateway tells of a cluster, or does not tell.
indirect enum Expectation: Hashable, Sendable, CustomStringConvertible {
    /// A component is in a state.
    case component(String, String)
    /// A replica of a component is in a state.
    case replica(String, of: String, String)
    /// A probe of a replica has this problem.
    case problem(String, of: String, String)
    /// A sentence about a component has these words.
    case says(String, String)
    /// Every probe of a component was asked anew since the change.
    case seenAgain(String)
    /// An issue of a kind, of which something of the source is evidence.
    case issue(String, from: String)
    /// A certificate of a mesh, a kind and a holder, empty for any, is so severe, with so many days
    /// left.
    case certificate(String, String, of: String, String, ClosedRange<Double>)
    /// A certificate of this kind and holder is known from this source.
    case held(String, by: String, from: String)
    /// A certificate of this holder ends nobody knows when, and is not called well.
    case openEnd(by: String)
    /// Not all proxies of istiod were seen.
    case proxiesAreSlice
    /// Whether the cluster's Prometheus answers.
    case isUp(Bool)
    case not(Expectation)

    /// `since` is when the change was, Unix seconds.
    func holds(in look: FleetLook, of cluster: String, since: Double) -> Bool {
        let view = look.view
        func told(_ name: String) -> ControlPlaneView.Component? {
            view.component(name, in: cluster)
        }
        switch self {
        case .component(let name, let state): return told(name)?.state == state
        case .replica(let replica, let name, let state):
            return view.instance(replica, of: name, in: cluster)?.state == state
        case .problem(let replica, let name, let problem):
            let probes = view.instance(replica, of: name, in: cluster)?.probes ?? []
            return probes.contains { $0.problem == problem }
        case .says(let name, let words):
            return told(name)?.details.contains { $0.contains(words) } == true
        case .seenAgain(let name):
            let times = told(name)?.instances.flatMap { $0.probes.map(\.at) } ?? []
            return !times.isEmpty && times.allSatisfy { $0 > since + 1 }
        case .issue(let kind, let source):
            return view.issues(kind, in: cluster, from: source).contains {
                !$0.meaning.isEmpty && !$0.action.isEmpty
            }
        case .proxiesAreSlice:
            return view.proxies.contains { $0.cluster == cluster && $0.slice }
        case .isUp: return true
        case .not(let other): return !other.holds(in: look, of: cluster, since: since)
        case .certificate, .held, .openEnd:
            return look.certificates.contains { $0.cluster == cluster && isMet(by: $0, look.time) }
        }
    }

    private func isMet(by certificate: CertificateView, _ now: Double) -> Bool {
        switch self {
        case .certificate(let mesh, let kind, let holder, let severity, let days):
            certificate.mesh == mesh && certificate.kind == kind
                && (holder.isEmpty || certificate.instance?.contains(holder) == true)
                && certificate.severity == severity
                && days.contains(((certificate.expiry ?? 0) - now) / 86_400)
        case .held(let kind, let holder, let source):
            certificate.kind == kind && certificate.instance?.contains(holder) == true
                && certificate.source == source
        case .openEnd(let holder):
            certificate.instance?.contains(holder) == true && certificate.expiryEarliest == nil
                && certificate.severity != "ok"
        default: false
        }
    }

    /// A query that has an answer if it is so; nil where no series tells it.
    func query(of cluster: String) -> String? {
        let place = "cluster=\"\(cluster)\""
        switch self {
        case .component(let name, let state):
            return
                "mesh_control_plane_state{\(place),component=\"\(name)\",state=\"\(state)\"} == 1"
        case .replica(let replica, let name, let state):
            return "mesh_control_plane_instance_state{\(place),component=\"\(name)\","
                + "instance=~\".+/\(replica)\",state=\"\(state)\"} == 1"
        case .issue(let kind, _): return "mesh_config_issues{\(place),kind=\"\(kind)\"} > 0"
        case .certificate(let mesh, let kind, let holder, _, let days):
            let instance = holder.isEmpty ? "" : ",instance=~\".*\(holder)\""
            return "mesh_certificate_expiry_timestamp_seconds{\(place),mesh=\"\(mesh)\","
                + "kind=\"\(kind)\"\(instance)} - time() < \(days.upperBound * 86_400)"
        case .isUp(let isUp): return "isthmus_cluster_up{\(place)} == \(isUp ? 1 : 0)"
        case .problem, .says, .seenAgain, .held, .openEnd, .proxiesAreSlice, .not:
            return nil
        }
    }

    var description: String {
        switch self {
        case .component(let name, let state): "\(name) is \(state)"
        case .replica(let replica, _, let state): "\(replica) is \(state)"
        case .problem(let replica, _, let problem): "\(replica) has the problem \(problem)"
        case .says(let name, let words): "of \(name) is said: \(words)"
        case .seenAgain(let name): "\(name) is seen again"
        case .issue(let kind, let source): "\(kind) is told by a \(source)"
        case .certificate(let mesh, let kind, _, let severity, let days):
            "a \(kind) of \(mesh) is \(severity), \(days) days before its end"
        case .held(let kind, let holder, let source):
            "\(source) tells of a \(kind) of \(holder)"
        case .openEnd(let holder): "the end of the certificate of \(holder) is not known"
        case .proxiesAreSlice: "not all proxies are seen"
        case .isUp(let isUp): "its Prometheus \(isUp ? "answers" : "does not answer")"
        case .not(let other): "not: \(other)"
        }
    }
}
