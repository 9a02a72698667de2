import Alerting
import Clusters

/// The list `alerting.alertmanagers`: its keys under Prometheus's names, and the settings that they
/// make.
enum AlertmanagerKeys {
    private static let path = "alerting.alertmanagers"

    static let rows: [ConfigurationKey] =
        [
            ConfigurationKey(
                "alerting.alert_relabel_configs", .list(of: .mapping),
                "What becomes of alerts' labels before they are sent, as in Prometheus")
        ]
        + ServiceKeys(section: path, address: .optional).rows(
            isRequired: false, isList: true, timeout: "10s",
            "Alertmanagers; each gets every alert"
        ).filter { $0.name != "max_concurrent_requests" } + [
            .init(
                "\(path).scheme", .choice(AlertmanagerSettings.Scheme.allCases.map(\.rawValue)),
                standard: AlertmanagerSettings.Scheme.http.rawValue,
                "Of the addresses that are named without one"),
            .init("\(path).path_prefix", .text, "What stands before /api/v2/alerts in the path"),
            .init("\(path).static_configs", .sections, "Addresses"),
            .init(
                "\(path).static_configs.targets", .list(of: .text), isRequired: true,
                "HOST:PORT of each"),
            .init("\(path).dns_sd_configs", .sections, "Names that stand for addresses"),
            .init(
                "\(path).dns_sd_configs.names", .list(of: .text), isRequired: true,
                "The names that are looked up"),
            .init(
                "\(path).dns_sd_configs.type", .choice(["SRV", "A", "AAAA"]), standard: "SRV",
                "Which records are asked for"),
            .init(
                "\(path).dns_sd_configs.port", .count(atLeast: 1),
                "The port of addresses; SRV records have their own"),
            .init(
                "\(path).dns_sd_configs.refresh_interval", .duration, standard: "30s",
                "How often names are looked up again"),
            .init(
                "\(path).alert_relabel_configs", .list(of: .mapping),
                "For these Alertmanagers alone, after those for all"),
        ]

    static func settings(
        _ checked: inout CheckedConfiguration, _ paths: inout FileReferences
    ) -> [AlertmanagerSettings] {
        var result: [AlertmanagerSettings] = []
        for section in checked.sections(path) {
            let keys = ServiceKeys(section: section, address: .optional)
            guard
                var connection = keys.service(
                    &checked, paths: &paths, timeout: AlertmanagerSettings.standardTimeout)
            else { continue }
            let url = connection.urls.first
            connection.urls = []
            var settings = AlertmanagerSettings(
                targets: targets(section, checked), discovery: discovery(section, &checked),
                scheme: checked.text("\(section).scheme").flatMap {
                    AlertmanagerSettings.Scheme(rawValue: $0)
                } ?? .http,
                pathPrefix: checked.text("\(section).path_prefix") ?? "",
                relabelling: checked.relabelling("\(section).alert_relabel_configs"),
                connection: connection)
            if let url {
                let names = ["scheme", "path_prefix", "static_configs", "dns_sd_configs"]
                for name in names { checked.refuseBoth("\(section).url", "\(section).\(name)") }
                settings.setAddress(url)
            } else if settings.targets.isEmpty, settings.discovery.isEmpty {
                checked.refuse(section, "url, static_configs or dns_sd_configs is missing")
            }
            result.append(settings)
        }
        return result
    }

    private static func targets(
        _ section: String, _ checked: CheckedConfiguration
    ) -> [String] {
        checked.sections("\(section).static_configs").flatMap {
            checked.list("\($0).targets").map(\.text)
        }
    }

    private static func discovery(
        _ section: String, _ checked: inout CheckedConfiguration
    ) -> [NameDiscovery] {
        var result: [NameDiscovery] = []
        for one in checked.sections("\(section).dns_sd_configs") {
            let type = checked.text("\(one).type") ?? "SRV"
            let port = checked.number("\(one).port")
            if type != "SRV", port == nil {
                checked.refuse(one, "port is missing: \(type) records have none")
            }
            if let port, port > 65_535 {
                checked.refuse("\(one).port", "a port is at most 65535")
            }
            let records: NameDiscovery.Records =
                switch type {
                case "A": .addresses4(port: port ?? 0)
                case "AAAA": .addresses6(port: port ?? 0)
                default: .services
                }
            var found = NameDiscovery(
                names: checked.list("\(one).names").map(\.text), records: records)
            if let interval = checked.duration("\(one).refresh_interval") {
                found.interval = interval
                if interval <= .zero {
                    checked.refuse("\(one).refresh_interval", "must be more than 0")
                }
            }
            result.append(found)
        }
        return result
    }
}

extension AlertmanagerSettings {
    /// Takes a whole address: scheme, host with port, path.
    fileprivate mutating func setAddress(_ url: String) {
        guard let colon = url.firstRange(of: "://") else { return }
        scheme = url[..<colon.lowerBound].lowercased() == "https" ? .https : .http
        let rest = url[colon.upperBound...]
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        targets = [String(rest[..<slash])]
        pathPrefix = String(rest[slash...])
    }
}
