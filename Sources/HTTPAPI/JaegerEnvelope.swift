import PrometheusAPI
import Spans

/// What all answers of Jaeger's older API are wrapped in.
enum JaegerEnvelope {
    /// `total` is the number of elements where Jaeger counts them.
    static func data(
        _ data: JSONValue, total: Int = 0, errors: JSONValue = .null,
        further: [JSONValue.Member] = []
    ) -> JSONValue {
        .object(
            [
                .init("data", data), .init("total", .integer(Int64(total))), .init("limit", 0),
                .init("offset", 0), .init("errors", errors),
            ] + further)
    }
}

extension SpanKind {
    /// The kind as Jaeger's parameters and answers have it; empty where there is none.
    var jaegerName: String {
        switch self {
        case .unspecified: ""
        case .internal: "internal"
        case .server: "server"
        case .client: "client"
        case .producer: "producer"
        case .consumer: "consumer"
        }
    }

    /// The kind of that name, in any case; nil for all kinds.
    init?(jaegerName: String) {
        let kinds = SpanKind.allCases.filter { $0 != .unspecified }
        guard let kind = kinds.first(where: { $0.jaegerName == jaegerName.lowercased() }) else {
            return nil
        }
        self = kind
    }
}
