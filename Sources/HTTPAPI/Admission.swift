import Access
import Clusters
import HTTPTypes

/// Who asks, and what answers: handlers over what the client may see.
struct Admission: Sendable {
    /// Nil where nobody has to say who he is, or the route is anybody's.
    var client: Client?
    var handlers: Handlers
}

/// Lets requests in: finds the client, and what it may ask.
struct Admissions: Sendable {
    /// For everybody, where nobody has to say who he is.
    private let common: Handlers
    private let authenticator: Authenticator?
    /// For each client, in the authenticator's order.
    private let admissions: [Admission]

    /// Traps where a client's view has nothing that answers it: it would see everything.
    init(_ access: HTTPAPIAccess?, common: Handlers) {
        self.common = common
        authenticator = access?.authenticator
        admissions = (access?.authenticator.clients ?? []).map { client in
            var handlers = common
            if !client.clusters.isWhole {
                guard let dependencies = access?.views[client.clusters] else {
                    preconditionFailure("nothing answers the client \(client.name)")
                }
                handlers.dependencies = dependencies
            }
            if let partial = client.partialResponse { handlers.settings.partialResponse = partial }
            return Admission(client: client, handlers: handlers)
        }
    }

    /// Of whoever need not say who he is.
    var ofAnybody: Admission { Admission(handlers: common) }

    /// Who asks with this head, and what answers. Without a route, that there is none is for clients
    /// to know.
    func admission(
        of head: HTTPRequest, to route: Route?
    ) async -> Result<Admission, ErrorResponse> {
        guard let authenticator, route?.access != .open else { return .success(ofAnybody) }
        let credentials = Credentials(authorization: head.headerFields[values: .authorization])
        let place: Int
        switch await authenticator.verdict(on: credentials) {
        case .client(let found): place = found
        case .absent: return .failure(unauthorized("this server wants to know who asks"))
        case .wrong: return .failure(unauthorized("the credentials are not those of any client"))
        case .busy:
            return .failure(
                ErrorResponse(
                    kind: .unavailable,
                    message: "too many passwords wait to be verified; try again"))
        }
        let admission = admissions[place]
        guard let route, let client = admission.client else { return .success(admission) }
        if !route.access.allows(client) {
            return .failure(
                ErrorResponse(
                    kind: .forbidden, message: "this client may not ask \(route.path)",
                    client: client.name))
        }
        if route.access.group == .admin, comesFromElsewhere(head.headerFields) {
            return .failure(
                ErrorResponse(
                    kind: .forbidden,
                    message: "\(route.path) does not take requests of other sites' pages",
                    client: client.name))
        }
        return .success(admission)
    }

    /// Whether a page of another site has a browser ask, with credentials that the browser knows.
    private func comesFromElsewhere(_ fields: HTTPFields) -> Bool {
        guard let site = fields[.fetchSite]?.lowercased() else {
            // Browsers of before that header say where a form comes from.
            return fields[HTTPField.Name.origin] != nil
        }
        return site != "same-origin" && site != "none"
    }

    private func unauthorized(_ message: String) -> ErrorResponse {
        var error = ErrorResponse(kind: .unauthorized, message: message)
        if let kinds = authenticator?.kinds {
            if kinds.basic { error.challenges.append(#"Basic realm="isthmus", charset="UTF-8""#) }
            if kinds.bearer { error.challenges.append(#"Bearer realm="isthmus""#) }
        }
        return error
    }
}

extension HTTPField.Name {
    fileprivate static let fetchSite = HTTPField.Name.validated("Sec-Fetch-Site")
}
