import Clusters
import Federation
import HTTPTypes

/// The headers that let a page from elsewhere ask, as Prometheus sends them.
enum CrossOrigin {
    /// Only a request with an `Origin` gets them.
    static func addHeaders(to headers: inout HTTPFields, origin: String?) {
        guard let origin, !origin.isEmpty else { return }
        headers[.accessControlAllowHeaders] = "Accept, Authorization, Content-Type, Origin"
        headers[.accessControlAllowMethods] = "GET, POST, OPTIONS"
        headers[.accessControlAllowOrigin] = "*"
        let own: [HTTPField.Name] = [.clustersOk, .clustersMissing, .cache, .traceID]
        headers[.accessControlExposeHeaders] =
            "Date, " + own.map(\.rawName).joined(separator: ", ")
        headers.append(HTTPField(name: .vary, value: "Origin"))
    }
}

/// Which clusters an answer is about: their names with commas between them.
enum ClusterHeaders {
    static func add(_ coverage: Coverage, to headers: inout HTTPFields) {
        headers[.clustersOk] = list(coverage.present)
        headers[.clustersMissing] = list(coverage.missing.map(\.cluster))
    }

    private static func list(_ clusters: [ClusterID]) -> String {
        clusters.map { escaped($0.name) }.joined(separator: ",")
    }

    /// The name as it is, or percent-encoded where it has characters that headers or the list
    /// cannot hold.
    private static func escaped(_ name: String) -> String {
        let isPlain = name.utf8.allSatisfy {
            $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "%")
        }
        return isPlain ? name : PercentEncoding.encoded(name)
    }
}
