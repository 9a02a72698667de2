// The first file to read in Clusters: which clusters there are, how they are reached and what they
// can do. The module reads no file and asks no server; Gateway reads, Federation asks.

import TimeSeries

/// The name of a cluster: the value of its `cluster` external label.
public struct ClusterID: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let name: String

    public init(_ name: String) { self.name = name }

    public static func < (left: ClusterID, right: ClusterID) -> Bool { left.name < right.name }

    public var description: String { name }
}

/// One cluster of the inventory, as its file declares it.
public struct Cluster: Hashable, Sendable {
    public var id: ClusterID
    /// All external labels, `cluster` among them.
    public var externalLabels: Labels
    /// The cluster's Prometheus, in replicas that hold the same data.
    public var prometheus: Service
    /// The cluster's Jaeger, where it has one.
    public var jaeger: Service?
    /// The generation of the API that the Jaeger is asked in; nil for the one that it turns out to
    /// speak.
    public var jaegerGeneration: JaegerGeneration?
    /// How long the cluster keeps samples, where the file says so.
    public var retention: Duration?
    /// How old samples are when nothing changes them any more, where the file says so.
    public var freshness: Duration?
    /// Whether the cluster is expected to be away: it is named in answers and asked nothing.
    public var maintenance: Bool
    /// The dialects in which its meshes tell of their traffic, where the file says so; nil for those
    /// that its metrics prove.
    public var meshDialects: [String]?
    /// What its meshes depend on and what is watched of it.
    public var controlPlane: [ControlPlaneEndpoint]

    public init(
        id: ClusterID, externalLabels: Labels, prometheus: Service, jaeger: Service? = nil,
        jaegerGeneration: JaegerGeneration? = nil, retention: Duration? = nil,
        freshness: Duration? = nil, maintenance: Bool = false, meshDialects: [String]? = nil,
        controlPlane: [ControlPlaneEndpoint] = []
    ) {
        self.id = id
        self.externalLabels = externalLabels
        self.prometheus = prometheus
        self.jaeger = jaeger
        self.jaegerGeneration = jaegerGeneration
        self.retention = retention
        self.freshness = freshness
        self.maintenance = maintenance
        self.meshDialects = meshDialects
        self.controlPlane = controlPlane
    }

    /// The label that every cluster has.
    public static let label = "cluster"
}

/// An HTTP service of a cluster: its replicas and how to speak to them. The keys are those of
/// Prometheus's `http_config`.
public struct Service: Hashable, Sendable {
    /// The base addresses, each with scheme, host, port and an optional path prefix, without a
    /// slash at the end. At least one.
    public var urls: [String]
    /// For a whole request, from connecting to the last byte.
    public var timeout: Duration
    public var tls: TLS
    public var authorization: Authorization?
    /// Sent with each request, in the file's order.
    public var headers: [Header]
    public var proxyURL: String?
    /// How many queries it is asked at a time; Prometheus itself answers twenty at a time.
    public var maximumConcurrentRequests: Int

    public static let standardConcurrentRequests = 20

    public init(
        urls: [String], timeout: Duration = .seconds(30), tls: TLS = TLS(),
        authorization: Authorization? = nil, headers: [Header] = [], proxyURL: String? = nil,
        maximumConcurrentRequests: Int = Self.standardConcurrentRequests
    ) {
        self.urls = urls
        self.timeout = timeout
        self.tls = tls
        self.authorization = authorization
        self.headers = headers
        self.proxyURL = proxyURL
        self.maximumConcurrentRequests = maximumConcurrentRequests
    }

    public struct Header: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }
}

/// `tls_config`. The files are read again when they change.
public struct TLS: Hashable, Sendable {
    public var caFile: String?
    public var certFile: String?
    public var keyFile: String?
    public var serverName: String?
    public var insecureSkipVerify: Bool

    public init(
        caFile: String? = nil, certFile: String? = nil, keyFile: String? = nil,
        serverName: String? = nil, insecureSkipVerify: Bool = false
    ) {
        self.caFile = caFile
        self.certFile = certFile
        self.keyFile = keyFile
        self.serverName = serverName
        self.insecureSkipVerify = insecureSkipVerify
    }
}

/// `basic_auth` or `authorization`. The files are read again when they change, and a secret is
/// never part of a description.
public enum Authorization: Hashable, Sendable {
    case basic(username: String, password: Secret)
    /// `Authorization: <type> <credentials>`.
    case credentials(type: String, Secret)
}

/// A secret: the file that holds it, or the text itself. It never describes itself.
public enum Secret: Hashable, Sendable, CustomStringConvertible {
    case file(String)
    case text(String)

    public var description: String {
        switch self {
        case .file(let path): "the content of \(path)"
        case .text: "<secret>"
        }
    }
}
