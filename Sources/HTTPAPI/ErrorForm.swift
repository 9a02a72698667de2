import HTTPTypes
import PrometheusAPI

/// How an API tells errors.
enum ErrorForm: Hashable, Sendable {
    /// Prometheus's API, and what is the gateway's own.
    case prometheus
    /// The envelope of Jaeger's older API.
    case jaegerV1
    /// Jaeger's API v3.
    case jaegerV3
    /// The sentence alone, as Go's servers send it.
    case plain

    /// Jaeger sends errors as Go's servers send text, whatever is in it.
    var contentType: Answer.ContentType { self == .prometheus ? .json : .text }

    func body(of error: ErrorResponse) -> [UInt8] {
        let code = JSONValue.integer(Int64(error.kind.status.code))
        switch self {
        case .prometheus:
            return ResponseText.failure(
                ServerError(type: error.kind.rawValue, message: error.message))
        case .jaegerV1:
            return Self.line([
                "data": .null, "total": 0, "limit": 0, "offset": 0,
                "errors": [["code": code, "msg": .string(error.message)]],
            ])
        case .jaegerV3:
            return Self.line(["error": ["httpCode": code, "message": .string(error.message)]])
        case .plain:
            return Array((error.message + "\n").utf8)
        }
    }

    private static func line(_ json: JSONValue) -> [UInt8] {
        var bytes: [UInt8] = []
        json.append(to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }
}
