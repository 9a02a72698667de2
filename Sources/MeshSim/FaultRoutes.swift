import HTTPTypes
import Hummingbird

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The requests that switch faults. Every cluster's port knows those of all clusters.
struct FaultRoutes: Sendable {
    var board: FaultBoard
    var plan: SimulationPlan

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
            for place in board.places {
                for kind in FaultKind.allCases { place.faults[kind].turn(on: false, at: now) }
            }
            return list()
        }
    }

    private func turn(on isOn: Bool, _ name: String?, _ request: Request) -> Response {
        do throws(FaultRequestError) {
            let name = name ?? ""
            guard let kind = FaultKind(rawValue: name) else {
                throw FaultRequestError.unknownFault(name)
            }
            var asked: [Substring: String] = [:]
            for (key, value) in request.uri.queryParameters {
                guard key == "service" || key == "cluster" else {
                    throw FaultRequestError.unknownParameter(String(key))
                }
                asked[key] = String(value)
            }
            let now = plan.seconds(at: currentTime())
            var places = try board.places(
                of: kind, service: asked["service"], cluster: asked["cluster"])
            if !isOn, asked.isEmpty {
                // What is on anywhere ends, where nothing is said.
                places = board.places
            }
            for place in places { place.faults[kind].turn(on: isOn, at: now) }
            return answer(.ok, description(kind, at: now))
        } catch {
            return answer(status(of: error), Refusal(error: "\(error)"))
        }
    }

    private func status(of error: FaultRequestError) -> HTTPResponse.Status {
        switch error {
        case .unknownFault, .unknownService, .unknownCluster, .elsewhere: .notFound
        case .noRequests, .unknownParameter: .badRequest
        }
    }

    private func list() -> Response {
        let now = plan.seconds(at: currentTime())
        return answer(.ok, FaultKind.allCases.map { description($0, at: now) })
    }

    private func description(_ kind: FaultKind, at seconds: Double) -> Description {
        let row = kind.row
        return Description(
            name: kind.rawValue, meaning: row.meaning, alert: row.alert,
            standardService: row.service, standardCluster: row.cluster,
            on: board.places.compactMap { place in
                place.faults[kind].begin(at: seconds).map { begin in
                    Description.Happening(
                        service: place.service, cluster: place.cluster,
                        since: Double(plan.origin) / 1000 + begin)
                }
            })
    }

    /// A fault, as it is told.
    private struct Description: Encodable {
        var name: String
        var meaning: String
        var alert: String
        var standardService: String
        var standardCluster: String?
        var on: [Happening]

        struct Happening: Encodable {
            var service: String
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
