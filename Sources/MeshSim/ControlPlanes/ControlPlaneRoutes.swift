import HTTPTypes
import Hummingbird

/// The endpoints of one cluster's control plane and of the Envoys at its edge, each replica's under
/// `/control-plane/<replica>/…`; without a replica the list of them, which no mesh has.
struct ControlPlaneRoutes: Sendable {
    private let profile: ClusterProfile
    private let topology: Topology
    private let istiod: IstiodAnswers
    private let envoy: EnvoyAdminAnswers

    init(profile: ClusterProfile, topology: Topology) {
        self.profile = profile
        self.topology = topology
        istiod = IstiodAnswers(profile: profile, topology: topology)
        envoy = EnvoyAdminAnswers(profile: profile, topology: topology)
    }

    /// How long an answer takes that is slow, and how long one that does not come.
    private static let slowness = Duration.seconds(3)
    private static let silence = Duration.seconds(20)

    func add(to router: Router<BasicRequestContext>) {
        router.get("control-plane") { _, _ in Self.response(list) }
        router.get("control-plane/**") { request, _ in try await respond(to: request) }
    }

    private func respond(to request: Request) async throws -> Response {
        let words = request.uri.path.dropFirst("/control-plane/".count)
            .split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = words.first,
            let place = topology.controlPlanes.place(name, in: profile.name),
            place.replica.role.hasEndpoints
        else { return Self.response(.unknownPage) }
        let now = topology.plan.seconds(at: currentTime())
        func isOn(_ kind: ControlPlaneFaultKind) -> Bool { place.faults[kind].isOn(at: now) }
        if isOn(.noAnswers) { try await Task.sleep(for: Self.silence) }
        if isOn(.slowAnswers) { try await Task.sleep(for: Self.slowness) }
        let path = words.count > 1 ? String(words[1]) : ""
        let answer = stranger(isOn) ?? answer(path, request.uri.query ?? "", place, at: now)
        return Self.response(answer, isBroken: isOn(.brokenAnswers))
    }

    /// What answers in the replica's place.
    private func stranger(_ isOn: (ControlPlaneFaultKind) -> Bool) -> ControlPlaneAnswer? {
        if isOn(.htmlPage) {
            let page = "<!DOCTYPE html>\n<html><title>Sign in</title><body>Sign in</body></html>\n"
            return ControlPlaneAnswer(
                contentType: "text/html; charset=utf-8", body: Array(page.utf8))
        }
        if isOn(.notReached) {
            return .text(
                "upstream connect error or disconnect/reset before headers. "
                    + "reset reason: connection failure", status: 503)
        }
        if isOn(.unauthenticated) { return .text("Unauthorized\n", status: 401) }
        return isOn(.forbidden) ? .text("Forbidden\n", status: 403) : nil
    }

    private func answer(
        _ path: String, _ query: String, _ place: ControlPlaneBoard.Place, at seconds: Double
    ) -> ControlPlaneAnswer {
        switch place.replica.role {
        case .istiod: istiod.answer(path, place, at: seconds)
        case .linkerd: LinkerdAnswers(faults: place.faults).answer(path, at: seconds)
        case .consul:
            ConsulAnswers(profile: profile, topology: topology, place: place)
                .answer(path, at: seconds)
        case .envoy: envoy.answer(path, query, place, at: seconds)
        case .cni, .ztunnel: .unknownPage
        }
    }

    private var list: ControlPlaneAnswer {
        let places = topology.controlPlanes.places.filter {
            $0.replica.cluster == profile.name && $0.replica.role.hasEndpoints
        }
        return .json(
            .list(
                places.map { place in
                    [
                        "replica": .text(place.replica.name),
                        "component": .text(place.replica.component),
                        "kind": .text(place.replica.role.rawValue),
                        "path": .text(place.replica.path),
                    ]
                }))
    }

    private static func response(
        _ answer: ControlPlaneAnswer, isBroken: Bool = false
    ) -> Response {
        let bytes = ByteBuffer(bytes: answer.body)
        return Response(
            status: HTTPResponse.Status(code: answer.status),
            headers: [.contentType: answer.contentType],
            body: isBroken ? broken(bytes) : ResponseBody(byteBuffer: bytes))
    }

    /// An answer that ends before its announced end.
    private static func broken(_ bytes: ByteBuffer) -> ResponseBody {
        ResponseBody(contentLength: bytes.readableBytes + 100) { writer in
            try await writer.write(bytes)
            throw BrokenOff()
        }
    }

    private struct BrokenOff: Error {}
}
