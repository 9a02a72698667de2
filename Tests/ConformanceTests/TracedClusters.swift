import Foundation
import TestSupport

/// The simulated mesh's three clusters, a process each, with their trace stores: v1 of Jaeger's API
/// in eu-1, v3 in ap-1, both in us-1.
struct TracedClusters {
    static let names = ["eu-1", "us-1", "ap-1"]
    let meshes: [String: MeshSimulator]

    init(arguments: [String] = []) async throws {
        var meshes: [String: MeshSimulator] = [:]
        for name in Self.names {
            meshes[name] = try await MeshSimulator(cluster: name, arguments: arguments)
        }
        self.meshes = meshes
    }

    func end() async {
        for mesh in meshes.values { await mesh.end() }
    }

    /// The port of a cluster's Jaeger.
    func port(_ cluster: String) throws -> Int {
        guard let mesh = meshes[cluster] else { throw ProcessFailure("no cluster \(cluster)") }
        return mesh.port
    }

    /// Asks a cluster's Jaeger.
    func ask(
        _ cluster: String, _ path: String, _ parameters: [HTTPCall.Parameter] = []
    ) async throws -> HTTPAnswer {
        try await HTTPCall(
            port: port(cluster), path: "/jaeger/api/\(path)", parameters: parameters
        ).answer()
    }

    /// What really happened in a time, microseconds since 1970, the newest first.
    func truth(from start: Int64, to end: Int64) async throws -> [TrueTrace] {
        let answer = try await HTTPCall(
            port: port("eu-1"), path: "/traces/truth",
            parameters: [.init("start", "\(start)"), .init("end", "\(end)")]
        ).answer()
        return try JSONDecoder().decode([TrueTrace].self, from: answer.body)
    }

    /// Microseconds since 1970.
    static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1_000_000) }
}

/// A trace as it happened.
struct TrueTrace: Decodable, Sendable {
    var traceID: String
    var spans: [TrueSpan]

    /// Those that some store has.
    var kept: [TrueSpan] { spans.filter { !$0.stores.isEmpty } }
}

struct TrueSpan: Decodable, Sendable {
    var number: Int
    var parent: Int?
    var spanID: String
    /// Empty for the first.
    var parentSpanID: String
    var name: String
    var kind: String
    var service: String
    var cluster: String
    var node: String
    /// Microseconds since 1970, by the true time.
    var start: Int64
    var end: Int64
    /// By how much its clock is ahead, microseconds.
    var skew: Int64
    var isError: Bool
    var stores: [String]
}

/// Jaeger's v1 envelope around traces.
struct JaegerTraces: Decodable {
    var data: [JaegerTrace]?

    static func traces(of answer: HTTPAnswer) throws -> [JaegerTrace] {
        try JSONDecoder().decode(JaegerTraces.self, from: answer.body).data ?? []
    }
}

/// Jaeger's v1 envelope around names.
struct JaegerNames: Decodable {
    var data: [String]?

    static func names(of answer: HTTPAnswer) throws -> [String] {
        try JSONDecoder().decode(JaegerNames.self, from: answer.body).data ?? []
    }
}

/// Jaeger's v1 envelope around edges.
struct JaegerDependencies: Decodable {
    struct Edge: Decodable, Hashable {
        var parent: String
        var child: String
        var callCount: Int
    }

    var data: [Edge]

    static func counts(of answer: HTTPAnswer) throws -> [[String]: Int] {
        let edges = try JSONDecoder().decode(JaegerDependencies.self, from: answer.body).data
        return Dictionary(edges.map { ([$0.parent, $0.child], $0.callCount) }) { $0 + $1 }
    }
}

/// A trace as Jaeger's v1 API tells it.
struct JaegerTrace: Decodable {
    var traceID: String
    var spans: [JaegerSpan]
    var processes: [String: JaegerProcess]
    var warnings: [String]?

    /// The spans by the number that the simulator gave them; nil where one is there twice.
    var byNumber: [Int: JaegerSpan]? {
        var found: [Int: JaegerSpan] = [:]
        for span in spans {
            guard let number = span.number, found.updateValue(span, forKey: number) == nil else {
                return nil
            }
        }
        return found
    }
}

struct JaegerProcess: Decodable {
    var serviceName: String
    var tags: [JaegerTag]
}

struct JaegerSpan: Decodable {
    struct Reference: Decodable {
        var refType: String
        var traceID: String
        var spanID: String
    }

    var spanID: String
    var operationName: String
    var references: [Reference]
    var startTime: Int64
    var duration: Int64
    var tags: [JaegerTag]
    var processID: String
    var warnings: [String]?

    var number: Int? { tags.first { $0.key == "meshsim.span" }.flatMap { Int($0.text) } }
    /// Empty where there is none.
    var parentSpanID: String { references.first { $0.refType == "CHILD_OF" }?.spanID ?? "" }

    func tag(_ key: String) -> String? { tags.first { $0.key == key }?.text }
}

struct JaegerTag: Decodable {
    var key: String
    /// The value, whatever its type.
    var text: String

    private enum Key: CodingKey {
        case key, value
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        key = try values.decode(String.self, forKey: .key)
        if let text = try? values.decode(String.self, forKey: .value) {
            self.text = text
        } else if let number = try? values.decode(Int64.self, forKey: .value) {
            text = "\(number)"
        } else if let isTrue = try? values.decode(Bool.self, forKey: .value) {
            text = "\(isTrue)"
        } else {
            text = "\(try values.decode(Double.self, forKey: .value))"
        }
    }
}
