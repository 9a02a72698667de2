#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What an endpoint of a control plane answers.
struct ControlPlaneAnswer: Sendable {
    var status = 200
    var contentType = "text/plain; charset=utf-8"
    var body: [UInt8]

    static func text(_ text: String, status: Int = 200) -> ControlPlaneAnswer {
        ControlPlaneAnswer(status: status, body: Array(text.utf8))
    }

    static func json(_ json: WrittenJSON, status: Int = 200) -> ControlPlaneAnswer {
        ControlPlaneAnswer(
            status: status, contentType: "application/json", body: json.bytes + [0x0A])
    }

    static let unknownPage = text("404 page not found\n", status: 404)
}

extension SimulationPlan {
    /// A time in seconds since the origin, as JSON has it: RFC 3339, whole seconds.
    func timeText(at seconds: Double) -> String {
        Date(timeIntervalSince1970: unixSeconds(at: seconds).rounded(.down))
            .formatted(Date.ISO8601FormatStyle())
    }
}
