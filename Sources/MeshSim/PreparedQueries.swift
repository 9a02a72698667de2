import Hummingbird
import Synchronization

/// The same few answers to whatever is asked.
final class PreparedQueries: Sendable {
    private let asked = Atomic(0)

    /// How many queries there were.
    var count: Int { asked.load(ordering: .relaxed) }

    /// The upper limits of Envoy's buckets, milliseconds.
    private static let limits = [
        "0.5", "1", "5", "10", "25", "50", "100", "250", "500", "1000", "2500", "5000", "10000",
        "30000", "60000", "300000", "600000", "1800000", "3600000", "+Inf",
    ]

    /// The answer to a form with `query` and `time`.
    func answer(_ form: String) -> Response {
        asked.add(1, ordering: .relaxed)
        let time = form.split(separator: "&").first { $0.hasPrefix("time=") }?.dropFirst(5) ?? "0"
        let isByLimit = form.contains("by+%28le%29") || form.contains("by%20%28le%29")
        let series =
            isByLimit
            ? Self.limits.enumerated().map { place, limit in
                #"{"metric":{"le":"\#(limit)"},"value":[\#(time),"\#(place * 10)"]}"#
            } : [#"{"metric":{},"value":[\#(time),"100"]}"#]
        return Self.response(
            #"{"resultType":"vector","result":[\#(series.joined(separator: ","))]}"#)
    }

    /// An answer that went well.
    static func response(_ data: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(
                byteBuffer: ByteBuffer(string: #"{"status":"success","data":\#(data)}"#)))
    }
}
