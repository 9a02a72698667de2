import Clusters

/// One question to an HTTP service of a cluster, whichever of its replicas answers it.
package struct UpstreamRequest: Hashable, Sendable {
    package enum Method: Hashable, Sendable {
        /// The parameters go into the query string.
        case get
        /// The parameters go into a body of type `application/x-www-form-urlencoded`, or into the
        /// query string where the request has a body of its own.
        case post
    }

    /// What is sent as it is, and headers that say what it is.
    package struct Body: Hashable, Sendable {
        package var bytes: [UInt8]
        /// `Content-Type`, `Content-Encoding` and the like; they go before the service's own.
        package var headers: [Service.Header]

        package init(_ bytes: [UInt8], headers: [Service.Header]) {
            self.bytes = bytes
            self.headers = headers
        }
    }

    package struct Parameter: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package var method: Method
    /// What follows the replica's base address: `/api/v1/query`. Percent-encoded by the caller where
    /// a segment holds a character that has a meaning in paths.
    package var path: String
    /// Plain text; they are percent-encoded when they are sent.
    package var parameters: [Parameter]
    /// Of a `post`; nil for a form of the parameters.
    package var body: Body?
    /// What is asked, from a closed set, for metrics: `query`, `series`, `buildinfo`, …
    package var endpoint: String
    /// The most bytes of an answer, counted after decompression.
    package var maximumBytes: Int
    /// What is done for it beside asking each replica once.
    package var protection: Protection

    /// Only what may be sent twice is protected.
    package enum Protection: Hashable, Sendable {
        /// Each replica is asked once, whatever is known of it.
        case none
        /// Breakers, hedges and retries; of statuses, 502, 503 and 504 are failures of the replica.
        case byGatewayStatuses
        /// The same; every 5xx but 501 is a failure of the replica.
        case byStatuses

        /// Whether the status speaks against the replica.
        func isFailure(_ status: Int) -> Bool {
            switch self {
            case .none: false
            case .byGatewayStatuses: (502...504).contains(status)
            case .byStatuses: (500...599).contains(status) && status != 501
            }
        }
    }

    /// Whether a 5xx and a 3xx are answers too, to be read with their bodies, rather than failures of
    /// the replica.
    package var readsEveryStatus: Bool

    package init(
        method: Method, path: String, parameters: [Parameter] = [], body: Body? = nil,
        endpoint: String, maximumBytes: Int, readsEveryStatus: Bool = false,
        protection: Protection = .none
    ) {
        self.method = method
        self.path = path
        self.parameters = parameters
        self.body = body
        self.endpoint = endpoint
        self.maximumBytes = maximumBytes
        self.readsEveryStatus = readsEveryStatus
        self.protection = protection
    }

    /// The parameters as a query string or a form, without a question mark.
    var encodedParameters: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(
            parameters.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count * 3 / 2 + 2 })
        for parameter in parameters {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
            PercentEncoding.append(parameter.name, keeping: .parameter, to: &bytes)
            bytes.append(UInt8(ascii: "="))
            PercentEncoding.append(parameter.value, keeping: .parameter, to: &bytes)
        }
        return bytes
    }
}
