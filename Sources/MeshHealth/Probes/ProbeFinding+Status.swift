extension ProbeFinding {
    /// What the lack of an answer says.
    init(_ failure: ProbeFailure) {
        let (state, problem, sentence): (ComponentState, ProbeProblem, String) =
            switch failure.kind {
            case .resolution: (.unreachable, .resolution, "its name has no address")
            case .connection: (.unreachable, .connection, "there is no connection to it")
            case .timeout: (.unreachable, .timeout, "it does not answer in time")
            case .tls: (.unreachable, .tls, "TLS with it fails")
            case .proxy: (.unreachable, .proxy, "the proxy on the way lets nothing through")
            case .interrupted: (.unreachable, .interrupted, "its answer ends before the end")
            case .malformed: (.unknown, .malformed, "its answer is none of HTTP: is this the port?")
            case .tooLarge: (.unknown, .tooLarge, "its answer is larger than is read")
            case .configuration: (.unknown, .configuration, "it cannot be asked")
            }
        let message = failure.message.isEmpty ? "" : ": \(failure.message)"
        self.init(state, problem, sentence + message)
    }

    /// What a status says that the probe's own reader does not know: the same everywhere.
    init(statusOf answer: ProbeAnswer, _ probe: Probe) {
        let status = answer.status
        let excerpt = answer.excerpt.map { ": \($0)" } ?? ""
        switch status {
        case 401:
            self.init(
                .unauthorized, .unauthorized, "it is there, and wants other credentials (401)")
        case 403:
            self.init(
                .unauthorized, .forbidden,
                "it is there, and does not allow us this (403)\(excerpt)")
        case 407:
            self.init(.unreachable, .proxy, "the proxy on the way wants credentials (407)")
        case 300..<400:
            let place = answer.location.map { " to \($0)" } ?? ""
            self.init(
                .unknown, .redirect, "it redirects\(place) (\(status)): is a login page before it?")
        case 404, 405, 410, 501:
            self.init(.unknown, .notFound, "it has no \(probe.path) (\(status))\(excerpt)")
        case 408, 504:
            self.init(.unreachable, .timeout, "something before it waited in vain (\(status))")
        case 429:
            self.init(.unknown, .rateLimited, "it was asked too often (429)\(excerpt)")
        case 502:
            self.init(.unreachable, .proxy, "something before it gets no answer (502)\(excerpt)")
        case 503 where answer.isOfProxy:
            self.init(.unreachable, .proxy, "something before it does not reach it (503)\(excerpt)")
        case 500...:
            self.init(
                probe.isEssential ? .unhealthy : .degraded, .serverError,
                "it answers \(probe.path) with \(status)\(excerpt)")
        default:
            self.init(
                .unknown, .unexpectedStatus,
                "it answers \(probe.path) with \(status), which means nothing here\(excerpt)")
        }
    }
}
