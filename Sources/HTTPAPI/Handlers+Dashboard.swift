import Access
import HTTPTypes

// The page for people, and what a browser is told about it.

extension Handlers {
    // `/`
    func page(_ call: Call) throws(ErrorResponse) -> Answer { try file(at: "/", call) }

    // `/page/<name>`
    func pageFile(_ call: Call) throws(ErrorResponse) -> Answer {
        try file(at: "/page/" + call.name, call)
    }

    private func file(at path: String, _ call: Call) throws(ErrorResponse) -> Answer {
        guard let file = pageFiles[path] else { throw .notFound("the page has no such file") }
        var answer: Answer
        if file.isHeld(by: call.heldTags) {
            answer = Answer(.finished, type: file.type)
            answer.status = .notModified
        } else {
            answer = Answer(.stored(file), type: file.type)
        }
        answer.headers = PageHeaders.all
        answer.headers[.eTag] = file.entityTag
        return answer
    }

    // `/-/routes`
    func routes(_: Call) -> Answer {
        Answer(
            text: "Isthmus \(settings.version.isthmus): one Prometheus, and one Jaeger, for many "
                + "clusters. In brackets: what a client must be allowed to ask, and of which clusters "
                + "answers\nshow something: none, those in the client's view, or all.\n\n"
                + Self.list(Route.table + Route.traces(under: settings.tracesPath)))
    }

    /// The routes' paths, and what they are about.
    static func list(_ routes: [Route]) -> String {
        let width = routes.map { $0.path.count }.max() ?? 0
        return routes.map { route in
            let space = String(repeating: " ", count: width - route.path.count + 2)
            let access = "\(route.access.group?.rawValue ?? "-"), \(route.access.clusters)"
            return "  \(route.path)\(space)\(route.meaning) [\(access)]\n"
        }.joined()
    }
}

/// The headers that bind a browser to what the page is meant to do.
enum PageHeaders {
    /// Scripts, styles and answers are the gateway's own, pictures may be made by the scripts, and
    /// nobody shows the page in a frame.
    static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:",
        "connect-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
    ].joined(separator: "; ")

    /// What a drawing may do that is opened as a document of its own: have its own styles, no more.
    /// It is full of names that services have given themselves.
    static let drawingPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"

    static let all: HTTPFields = {
        var headers = HTTPFields()
        headers[.contentSecurityPolicy] = policy
        headers[.contentTypeOptions] = "nosniff"
        headers[.referrerPolicy] = "no-referrer"
        headers[.openerPolicy] = "same-origin"
        headers[.resourcePolicy] = "same-origin"
        headers[.frameOptions] = "DENY"
        headers[.permissionsPolicy] = "camera=(), geolocation=(), microphone=(), payment=()"
        // The browser asks each time whether a file is still the same, which costs little, so that
        // after an update nobody runs scripts of two versions.
        headers[.cacheControl] = "no-cache"
        return headers
    }()
}

extension HTTPField.Name {
    fileprivate static let referrerPolicy = validated("Referrer-Policy")
    fileprivate static let openerPolicy = validated("Cross-Origin-Opener-Policy")
    fileprivate static let resourcePolicy = validated("Cross-Origin-Resource-Policy")
    fileprivate static let frameOptions = validated("X-Frame-Options")
    fileprivate static let permissionsPolicy = validated("Permissions-Policy")
}
