/// Why a fault cannot be switched.
enum FaultRequestError: Error, CustomStringConvertible {
    case unknownFault(String)
    case unknownService(String)
    case unknownCluster(String, known: [String])
    /// Neither a replica nor a component of the cluster's control plane.
    case unknownReplica(String, known: [String])
    /// The service is known, but not where it was looked for.
    case elsewhere(service: String, clusters: [String])
    /// The fault is about requests, and the proxies see none of HTTP to this workload.
    case noRequests(service: String, fault: FaultKind)
    /// The replica's kind cannot have the fault.
    case notOfReplica(String, fault: ControlPlaneFaultKind)
    case unknownParameter(String, known: [String])

    var description: String {
        switch self {
        case .unknownFault(let name):
            let names = FaultName.all.map(\.text).joined(separator: ", ")
            return "There is no fault '\(name)'. There are: \(names)."
        case .unknownService(let name):
            return "There is no service '\(name)'."
        case .unknownCluster(let name, let known):
            return "There is no cluster '\(name)'. There are: \(known.joined(separator: ", "))."
        case .unknownReplica(let name, let known):
            return "There is no replica '\(name)' there. There are: "
                + known.joined(separator: ", ") + "."
        case .elsewhere(let service, let clusters):
            return "\(service) does not run there. It runs in: "
                + clusters.joined(separator: ", ") + "."
        case .noRequests(let service, let fault):
            return "\(fault.rawValue) is about requests, and \(service) is sent none."
        case .notOfReplica(let name, let fault):
            let roles = fault.row.roles.map(\.rawValue).joined(separator: ", ")
            return "\(fault.rawValue) does not happen to \(name), but to: \(roles)."
        case .unknownParameter(let name, let known):
            return "There is no parameter '\(name)'. There are: \(known.joined(separator: ", "))."
        }
    }
}

/// A fault as it is called, whatever it happens to.
enum FaultName: Sendable {
    case workload(FaultKind)
    case controlPlane(ControlPlaneFaultKind)

    init?(_ text: String) {
        if let kind = FaultKind(rawValue: text) {
            self = .workload(kind)
        } else if let kind = ControlPlaneFaultKind(rawValue: text) {
            self = .controlPlane(kind)
        } else {
            return nil
        }
    }

    var text: String {
        switch self {
        case .workload(let kind): kind.rawValue
        case .controlPlane(let kind): kind.rawValue
        }
    }

    static var all: [FaultName] {
        FaultKind.allCases.map { .workload($0) }
            + ControlPlaneFaultKind.allCases.map { .controlPlane($0) }
    }
}
