/// What the admin server of one of Linkerd's components answers (linkerd2's `pkg/admin/admin.go`).
struct LinkerdAnswers: Sendable {
    var faults: ControlPlaneFaults

    func answer(_ path: String, at seconds: Double) -> ControlPlaneAnswer {
        switch path {
        case "ping": .text("pong\n")
        case "ready":
            faults[.linkerdNotReady].isOn(at: seconds)
                ? .text("not ready\n", status: 500) : .text("ok\n")
        default: .unknownPage
        }
    }
}
