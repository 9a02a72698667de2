import JaegerAPI
import Upstream

/// What a Jaeger's statuses and bodies mean, before what is in them.
enum JaegerAnswer {
    /// The body of an answer.
    struct Body: Sendable {
        var bytes: [UInt8]
        /// Whether it is longer than is taken: this is its beginning.
        var isCut = false
        /// Of one that is cut, its last bytes, where they are wanted.
        var end: [UInt8] = []
    }

    /// What is kept of an answer that is longer than is taken.
    enum Cut {
        case never
        case beginning
        /// The rest is let pass, so that its last bytes are known.
        case beginningAndEnd
    }

    /// The body of an answer that has one to offer. Throws what the status stands for, and where the
    /// body is longer than the limit or the cluster's budget, unless it may be cut.
    static func body(
        of response: UpstreamResponse, within budget: AnswerBudget, limit: Int, _ cut: Cut
    ) async throws -> Body {
        let isSuccess = response.status == 200
        let endLimit = cut == .beginningAndEnd ? limit / 8 : 0
        var body = Body(bytes: [])
        var end = LastBytes(count: endLimit)
        do {
            for try await piece in response.body {
                let isWithin = body.bytes.count + piece.count <= limit - endLimit
                if isSuccess, cut == .beginningAndEnd, !end.isEmpty || !isWithin {
                    guard !end.isEmpty || budget.take(bytes: endLimit),
                        end.passed + piece.count <= limit * longestPassing
                    else { throw MissingShare.tooLarge(limit: limit) }
                    end.append(piece)
                    continue
                }
                guard budget.take(bytes: piece.count), isWithin else {
                    throw MissingShare.tooLarge(limit: limit)
                }
                body.bytes += piece
                if !isSuccess, body.bytes.count > longestError { break }
            }
        } catch let error where isSuccess && cut == .beginning && isAboutSize(error) {
            body.isCut = true
        }
        guard isSuccess else { throw meaning(ofStatus: response.status, response, body.bytes) }
        if isPage(response, body.bytes) { throw UnfittingAnswer.page }
        if end.isWhole {
            body.bytes += end.bytes
        } else {
            body.isCut = true
            body.end = end.bytes
        }
        return body
    }

    /// How many times as much as is taken may pass for the sake of its end.
    private static let longestPassing = 64

    private static func isAboutSize(_ error: any Error) -> Bool {
        switch error {
        case let share as MissingShare: share.isTooLarge
        case let failure as UpstreamError: MissingShare(failure).isTooLarge
        default: false
        }
    }

    /// Errors are short.
    private static let longestError = 64 << 10

    /// Whether a body is a page for people.
    private static func isPage(_ response: UpstreamResponse, _ bytes: [UInt8]) -> Bool {
        let type = response.contentType?.lowercased() ?? ""
        if type.contains("json") { return false }
        return type.contains("html") || bytes.first { !isSpace($0) } == UInt8(ascii: "<")
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }

    private static func meaning(
        ofStatus status: Int, _ response: UpstreamResponse, _ bytes: [UInt8]
    ) -> any Error {
        let said = ErrorAnswer.message(bytes)
        switch (status, said) {
        case (404, .some): return NotFound()
        case (400, .some(let message)):
            // Releases of old want other names for v3's parameters.
            return message.contains("start_time_m")
                ? UnfittingAnswer.oldSpelling : TraceRefusal(status: 400, message: message)
        case (404, nil), (405, nil):
            return isPage(response, bytes)
                ? UnfittingAnswer.page : UnfittingAnswer.noEndpoint(status: status)
        default:
            let meaning =
                switch status {
                case 401: " (unauthorized: are the credentials right?)"
                case 403: " (forbidden)"
                case 429: " (too many requests)"
                default: said.map { ": \($0)" } ?? ""
                }
            return MissingShare(
                cause: "status_\(status)", message: "HTTP status \(status)\(meaning)")
        }
    }

    /// What a failed request means: 501 is what a storage cannot do, and not every 5xx is a failure.
    static func meaning(of failure: UpstreamError, _ question: JaegerQuestion) -> any Error {
        guard case .status(let status, let excerpt) = failure.kind,
            let message = ErrorAnswer.message([UInt8](excerpt.utf8))
        else { return MissingShare(failure) }
        if status == 501 { return TraceRefusal(status: 501, message: message) }
        switch question {
        case .trace, .traces, .archive:
            // Storage behind another server says so with its own status.
            if message.contains("trace not found") { return NotFound() }
        default: break
        }
        if case .archive = question, message.contains("not configured") {
            return TraceRefusal(status: status, message: message)
        }
        var share = MissingShare(failure)
        share.message = "HTTP status \(status): \(message.prefix(500))"
        return share
    }
}
