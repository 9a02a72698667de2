import PromQL
import PrometheusAPI

/// What `features` shows, in Prometheus 3's groups and by its names. A group of Prometheus that is
/// about something a gateway does not have (storage, scraping, discovery) is left out.
enum Features {
    /// The rows of the groups that are not made of the language's tables.
    private static let rows: [(group: String, features: [(name: String, isOn: Bool)])] = [
        (
            "api",
            [
                ("admin", false), ("exclude_alerts", false), ("label_values_match", true),
                ("lifecycle", true), ("openapi_3.1", false), ("openapi_3.2", false),
                ("otlp_write_receiver", false), ("query_stats", true), ("query_warnings", true),
                ("remote_write_receiver", false), ("time_range_labels", true),
                ("time_range_series", true),
            ]
        ),
        (
            "isthmus",
            [
                ("certificates", true), ("clusters", true), ("control_plane", true),
                ("coverage_headers", true), ("explain", true),
                ("partial_response", true),
            ]
        ),
    ]

    /// Parts of the language that are always understood.
    private static let language = [
        "at_modifier", "bool", "by", "duration_expr", "group_left", "group_right", "ignoring",
        "negative_offset", "offset", "on", "per_query_lookback_delta", "subqueries", "without",
    ]

    /// Parts that count as experimental.
    private static let experimentalLanguage = [
        "anchored", "fill", "fill_left", "fill_right", "smoothed",
    ]

    /// Parts that change what a server answers and that Isthmus does not have.
    private static let absentLanguage = [
        "delayed_name_removal", "per_step_stats", "type_and_unit_labels",
    ]

    private static let matchers = ["=", "!=", "=~", "!~"]

    static func json(experimentalFunctions isExperimental: Bool) -> JSONValue {
        var groups = rows.map { row in
            JSONValue.Member(row.group, object(row.features.map { ($0.name, $0.isOn) }))
        }
        groups.append(
            JSONValue.Member(
                "promql",
                object(
                    language.map { ($0, true) } + absentLanguage.map { ($0, false) }
                        + experimentalLanguage.map { ($0, isExperimental) })))
        groups.append(
            JSONValue.Member(
                "promql_functions",
                object(Function.all.map { ($0.name, isExperimental || !$0.isExperimental) })))
        groups.append(
            JSONValue.Member("promql_operators", object(operators(isExperimental))))
        return .object(groups.sorted { $0.name < $1.name })
    }

    private static func operators(_ isExperimental: Bool) -> [(String, Bool)] {
        let aggregations = AggregationOperator.allCases.map { operation in
            (operation.rawValue, isExperimental || !operation.isExperimental)
        }
        return BinaryOperator.allCases.map { ($0.rawValue, true) }
            + (matchers + ["@"]).map { ($0, true) } + aggregations
    }

    private static func object(_ features: [(String, Bool)]) -> JSONValue {
        .object(
            features.sorted { $0.0 < $1.0 }.map { JSONValue.Member($0.0, .bool($0.1)) })
    }
}
