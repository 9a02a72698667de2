import PrometheusAPI

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
