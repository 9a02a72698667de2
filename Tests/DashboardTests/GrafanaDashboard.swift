import Foundation

/// A dashboard of deploy/grafana, as far as its questions go.
struct GrafanaDashboard: Decodable {
    var uid: String
    var title: String
    var templating: Templating
    var panels: [Panel]

    struct Templating: Decodable {
        var list: [Variable]
    }

    struct Variable: Decodable {
        var name: String
        /// `label_values(SELECTOR, LABEL)`.
        var definition: String
        var multi: Bool
    }

    struct Panel: Decodable, Sendable {
        var title: String
        var description: String?
        var targets: [Target]?
        var fieldConfig: FieldConfig?

        /// What it shows where there is nothing to show; nil where there is always something.
        var shownWithoutData: String? { fieldConfig?.defaults.noValue }
    }

    struct FieldConfig: Decodable, Sendable {
        struct Defaults: Decodable, Sendable {
            var noValue: String?
        }

        var defaults: Defaults
    }

    struct Target: Decodable, Sendable {
        var refId: String
        var datasource: DataSource
        /// A query of the Prometheus.
        var expr: String?
        /// A search of the Jaeger: traces of this service.
        var service: String?
        var limit: Int?
        /// Whether it is asked at one time instead of over the time shown.
        var instant: Bool?
    }

    struct DataSource: Decodable, Sendable {
        var type: String
        var uid: String
    }

    static let folder = Dashboard.root.appendingPathComponent("deploy/grafana")

    static let names = ["cluster", "control-plane", "fleet", "gateway", "service"]

    init(named name: String) throws {
        let file = Self.folder.appendingPathComponent("dashboards/\(name).json")
        self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
    }

    /// A text with its variables in place; those of Grafana itself as for a quarter of an hour.
    static func filled(_ text: String, _ values: [String: String]) -> String {
        var text = text
        let own = ["__rate_interval": "1m", "__interval": "15s", "__range": "15m"]
        // The longer names first: one may begin as another does.
        for (name, value) in own.merging(values, uniquingKeysWith: { $1 })
            .sorted(by: { $0.key.count > $1.key.count })
        {
            text = text.replacingOccurrences(of: "${\(name)}", with: value)
                .replacingOccurrences(of: "$\(name)", with: value)
        }
        return text
    }

    /// The selector and the label of a variable's `label_values`.
    static func labelValues(_ definition: String) -> (selector: String, label: String)? {
        guard definition.hasPrefix("label_values("), definition.hasSuffix(")") else { return nil }
        let inner = definition.dropFirst("label_values(".count).dropLast()
        guard let comma = inner.lastIndex(of: ",") else { return nil }
        return (
            String(inner[..<comma]),
            inner[inner.index(after: comma)...].trimmingCharacters(in: .whitespaces)
        )
    }
}
