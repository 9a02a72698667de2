import HTTPTypes
import Hummingbird

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The requests that switch faults. Every cluster's port knows those of all clusters.
struct FaultRoutes: Sendable {
    var topology: Topology

    private var plan: SimulationPlan { topology.plan }

    func add(to router: Router<BasicRequestContext>) {
        router.get("faults") { _, _ in list() }
        router.post("faults/:name") { request, context in
            turn(on: true, context.parameters.get("name"), request)
        }
        router.delete("faults/:name") { request, context in
            turn(on: false, context.parameters.get("name"), request)
        }
        router.delete("faults") { _, _ in
            let now = plan.seconds(at: currentTime())
            for place in topology.board.places { place.faults.end(at: now) }
            for place in topology.controlPlanes.places { place.faults.end(at: now) }
            return list()
        }
    }

    private func turn(on isOn: Bool, _ text: String?, _ request: Request) -> Response {
        do throws(FaultRequestError) {
            let text = text ?? ""
            guard let name = FaultName(text) else { throw FaultRequestError.unknownFault(text) }
            var asked: [String: String] = [:]
            for (key, value) in request.uri.queryParameters {
                let known = [name.placeParameter, "cluster"]
                guard known.contains(String(key)) else {
                    throw FaultRequestError.unknownParameter(String(key), known: known)
                }
                asked[String(key)] = String(value)
            }
            let now = plan.seconds(at: currentTime())
            // What is on anywhere ends, where nothing is said.
            let courses =
                !isOn && asked.isEmpty
                ? topology.courses(of: name)
                : try topology.courses(
                    of: name, at: asked[name.placeParameter], cluster: asked["cluster"])
            for course in courses { course.turn(on: isOn, at: now) }
            return answer(.ok, description(name, at: now))
        } catch {
            return answer(status(of: error), Refusal(error: "\(error)"))
        }
    }

    private func status(of error: FaultRequestError) -> HTTPResponse.Status {
        switch error {
        case .unknownFault, .unknownService, .unknownCluster, .unknownReplica, .elsewhere:
            .notFound
        case .noRequests, .notOfReplica, .unknownParameter: .badRequest
        }
    }

    private func list() -> Response {
        let now = plan.seconds(at: currentTime())
        return answer(.ok, FaultName.all.map { description($0, at: now) })
    }

    private func description(_ name: FaultName, at seconds: Double) -> Description {
        switch name {
        case .workload(let kind):
            let row = kind.row
            return Description(
                name: name.text, meaning: row.meaning, alert: row.alert,
                standardService: row.service, standardCluster: row.cluster,
                on: topology.board.places.compactMap { place in
                    happening(place.faults[kind], at: seconds, in: place.cluster) {
                        $0.service = place.service
                    }
                })
        case .controlPlane(let kind):
            let row = kind.row
            return Description(
                name: name.text, meaning: row.meaning, alert: row.alert,
                standardReplica: row.place, standardCluster: row.cluster,
                on: topology.controlPlanes.places.compactMap { place in
                    happening(place.faults[kind], at: seconds, in: place.replica.cluster) {
                        $0.replica = place.replica.name
                    }
                })
        }
    }

    private func happening(
        _ course: FaultCourse, at seconds: Double, in cluster: String,
        _ place: (inout Description.Happening) -> Void
    ) -> Description.Happening? {
        guard let begin = course.begin(at: seconds) else { return nil }
        var happening = Description.Happening(
            cluster: cluster, since: plan.unixSeconds(at: begin))
        place(&happening)
        return happening
    }

    /// A fault, as it is told.
    private struct Description: Encodable {
        var name: String
        var meaning: String
        /// The alert of `deploy/rules` that finds it, if any does.
        var alert: String?
        var standardService: String?
        /// A replica, or all of a component.
        var standardReplica: String?
        var standardCluster: String?
        var on: [Happening]

        struct Happening: Encodable {
            var service: String?
            var replica: String?
            var cluster: String
            /// Unix seconds.
            var since: Double
        }
    }

    private struct Refusal: Encodable {
        var error: String
    }

    private func answer(_ status: HTTPResponse.Status, _ value: some Encodable) -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        guard let bytes = try? encoder.encode(value) else {
            preconditionFailure("Strings and numbers can be written as JSON.")
        }
        return Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: Array(bytes) + [0x0A])))
    }
}

extension FaultName {
    /// The parameter that says where it happens.
    fileprivate var placeParameter: String {
        switch self {
        case .workload: "service"
        case .controlPlane: "replica"
        }
    }
}

extension Topology {
    /// The courses of a fault everywhere.
    fileprivate func courses(of name: FaultName) -> [FaultCourse] {
        switch name {
        case .workload(let kind): board.places.map { $0.faults[kind] }
        case .controlPlane(let kind): controlPlanes.places.map { $0.faults[kind] }
        }
    }

    /// The courses of a fault at a place; at its standard one where nothing is said.
    func courses(
        of name: FaultName, at place: String?, cluster: String?
    ) throws(FaultRequestError) -> [FaultCourse] {
        switch name {
        case .workload(let kind):
            try board.places(of: kind, service: place, cluster: cluster).map { $0.faults[kind] }
        case .controlPlane(let kind):
            try controlPlanes.places(of: kind, replica: place, cluster: cluster)
                .map { $0.faults[kind] }
        }
    }
}
