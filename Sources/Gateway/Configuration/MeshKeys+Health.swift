import Clusters
import Meshes

// What is well and what is not, and what is a change: the sections `mesh.health` and `mesh.changes`.

extension MeshKeys {
    static let healthRows: [ConfigurationKey] = {
        let health = HealthTolerances()
        let start: [ConfigurationKey] = [
            .init(
                "mesh.health", .section,
                "How many errors are too many: shares of a protocol's requests, 0 to 1"),
            .init(
                "mesh.health.min_request_rate", .text,
                standard: CheckedConfiguration.text(of: health.minimumRequestRate),
                "Requests a second below which errors tell nothing"),
        ]
        return health.rows.reduce(into: start) { rows, row in
            let path = "mesh.health.\(row.errors.key)"
            rows += [
                .init(path, .section, row.errors.meaning),
                .init(
                    "\(path).degraded", .text,
                    standard: CheckedConfiguration.text(of: row.degradedFrom),
                    "From which share on it is degraded; 0 for any error at all"),
                .init(
                    "\(path).failing", .text,
                    standard: CheckedConfiguration.text(of: row.failingFrom),
                    "From which share on it fails"),
            ]
        }
    }()

    static let changeRows: [ConfigurationKey] = {
        let changes = ChangeTolerances()
        return [
            .init("mesh.changes", .section, "What counts as a change between two times (compare)"),
            .init(
                "mesh.changes.min_request_rate", .text,
                standard: CheckedConfiguration.text(of: changes.minimumRequestRate),
                "Requests a second below which an edge may come and go unnoticed"),
            .init(
                "mesh.changes.error_ratio_difference", .text,
                standard: CheckedConfiguration.text(of: changes.errorRatioDifference),
                "How much more or less of all requests fail: 0.05 is five of a hundred"),
            .init(
                "mesh.changes.request_rate_factor", .text,
                standard: CheckedConfiguration.text(of: changes.requestRateFactor),
                "How many times as many requests there are, or as few"),
        ]
    }()

    static func health(_ checked: inout CheckedConfiguration) -> HealthTolerances {
        var health = HealthTolerances()
        set(
            &health.minimumRequestRate,
            checked.fraction("mesh.health.min_request_rate", in: 0...(.infinity)))
        for place in health.rows.indices {
            let path = "mesh.health.\(health.rows[place].errors.key)"
            let degraded = checked.fraction("\(path).degraded", in: 0...1)
            let failing = checked.fraction("\(path).failing", in: 0...1)
            set(&health.rows[place].degradedFrom, degraded)
            set(&health.rows[place].failingFrom, failing)
            if let degraded, let failing, degraded > failing {
                checked.refuse(
                    checked.has("\(path).degraded") ? "\(path).degraded" : "\(path).failing",
                    "degraded, \(CheckedConfiguration.text(of: degraded)), must not be more than "
                        + "failing, \(CheckedConfiguration.text(of: failing))")
            }
        }
        return health
    }

    static func changes(_ checked: inout CheckedConfiguration) -> ChangeTolerances {
        var changes = ChangeTolerances()
        set(
            &changes.minimumRequestRate,
            checked.fraction("mesh.changes.min_request_rate", in: 0...(.infinity)))
        set(
            &changes.errorRatioDifference,
            checked.fraction("mesh.changes.error_ratio_difference", in: 0...1))
        set(
            &changes.requestRateFactor,
            checked.fraction("mesh.changes.request_rate_factor", in: 1...(.infinity)))
        return changes
    }
}

extension HealthTolerances.Row.Errors {
    /// As the configuration calls it.
    var key: String {
        switch self {
        case .httpServerErrors: "http_server_errors"
        case .httpClientErrors: "http_client_errors"
        case .httpNoResponse: "http_no_response"
        case .grpcErrors: "grpc_errors"
        case .grpcNoResponse: "grpc_no_response"
        }
    }

    fileprivate var meaning: String {
        switch self {
        case .httpServerErrors: "Answers of 5xx"
        case .httpClientErrors: "Answers of 4xx"
        case .httpNoResponse: "Requests of HTTP that nobody answered"
        case .grpcErrors: "Statuses of gRPC but 0"
        case .grpcNoResponse: "Requests of gRPC that nobody answered"
        }
    }
}
