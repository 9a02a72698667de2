import Foundation
import TestSupport

/// An answer of the query API, read to be compared.
struct QueryAnswer: Sendable {
    var status: Int
    var errorType: String?
    var error: String?
    var warnings: [String] = []
    /// `vector`, `matrix`, `scalar` or `string`.
    var resultType: String?
    /// In the order of the answer. A scalar and a string are one series without labels.
    var series: [Series] = []
    /// As the header says.
    var missingClusters: [String] = []
    var text: String

    struct Series: Sendable {
        var labels: String
        var points: [Point]
    }

    struct Point: Hashable, Sendable {
        /// Milliseconds since the Unix epoch.
        var time: Int64
        var value: String
    }

    var isEmpty: Bool { series.isEmpty }

    /// Throws where the answer is not JSON of the API's form.
    init(_ answer: HTTPAnswer) throws {
        status = answer.status
        text = answer.text
        missingClusters = answer.missingClusters
        guard let object = try? JSONSerialization.jsonObject(with: answer.body) as? [String: Any]
        else {
            throw ProcessFailure("status \(answer.status), no JSON: \(answer.text.prefix(300))")
        }
        errorType = object["errorType"] as? String
        error = object["error"] as? String
        warnings = object["warnings"] as? [String] ?? []
        guard let data = object["data"] as? [String: Any] else { return }
        let type = data["resultType"] as? String
        resultType = type
        if type == "scalar" || type == "string" {
            series = [Series(labels: "{}", points: [try Self.point(data["result"])])]
            return
        }
        series = try (data["result"] as? [[String: Any]] ?? []).map { element in
            let labels = element["metric"] as? [String: String] ?? [:]
            var points: [Point] = []
            if let value = element["value"] { points = [try Self.point(value)] }
            if let values = element["values"] as? [Any] {
                points = try values.map { try Self.point($0) }
            }
            return Series(labels: Self.text(of: labels), points: points)
        }
    }

    private static func point(_ value: Any?) throws -> Point {
        guard let pair = value as? [Any], pair.count == 2, let time = pair[0] as? Double,
            let text = pair[1] as? String
        else { throw ProcessFailure("not a point: \(String(describing: value))") }
        return Point(time: Int64((time * 1000).rounded()), value: text)
    }

    /// Labels as the queries write them, in order.
    static func text(of labels: [String: String]) -> String {
        let pairs = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }
        return "{" + pairs.joined(separator: ", ") + "}"
    }
}
