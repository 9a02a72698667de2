/// What the admin servers of Linkerd's control plane answer.
enum LinkerdReader {
    /// `/ping`: `pong`.
    static func ping(_ answer: ProbeAnswer) throws(Unreadable) -> ProbeFinding {
        let text = try answer.text()
        guard text == "pong" else {
            throw Unreadable(
                problem: .wrongShape,
                detail: "it answers a ping, but not with pong: is this Linkerd's admin port?")
        }
        return ProbeFinding(.healthy, "it answers pings")
    }

    /// `/ready`: 200 with `ok`, or 500 with `not ready`; the policy controller has words of its own.
    static func ready(
        _ answer: ProbeAnswer, _ context: ProbeContext
    ) throws(Unreadable) -> ProbeFinding {
        if answer.status != 200 {
            let text = answer.isHTML ? "" : try answer.text()
            // Its own refusal is 500 with these words; the policy controller's is 503.
            if text == "not ready" || (answer.status == 503 && !answer.isOfProxy) {
                return ProbeFinding(.unhealthy, .notReady, "it is not ready")
            }
            return ProbeFinding(statusOf: answer, context.probe)
        }
        _ = try answer.text()
        return ProbeFinding(.healthy, "it is ready")
    }
}
