import TimeSeries

/// The list `control_plane` of a cluster's file: its keys, and the endpoints that they make.
enum ControlPlaneEndpointKeys {
    private static let path = "control_plane"

    static let rows: [ConfigurationKey] = {
        var service = ServiceKeys(section: path, address: .replicas).rows(
            isRequired: false, isList: true,
            "Control planes and what else its meshes depend on; each replica is asked by itself"
        ).filter { $0.name != "max_concurrent_requests" }
        for place in service.indices {
            switch service[place].name {
            case "urls":
                service[place].meaning = "Base addresses of all replicas; each is asked"
            case "timeout":
                service[place].standard = nil
                service[place].meaning =
                    "For each answer; control_plane.timeout of the gateway where absent"
            default: break
            }
        }
        return service + [
            .init(
                "\(path).kind", .choice(ControlPlaneKind.allCases.map(\.rawValue)),
                isRequired: true,
                "What it is: http for any address with an expected answer, tls for its certificate alone"
            ),
            .init(
                "\(path).component", .text, "What it is called; by its kind where absent"),
            .init(
                "\(path).interval", .duration,
                "How often each replica is asked; control_plane.interval of the gateway where absent"
            ),
            .init(
                "\(path).status", .count(atLeast: 100),
                "The status that http is to answer with; any of 200 to 299 where absent"),
            .init(
                "\(path).pointer", .anyText,
                "Where something must stand in the JSON of http (RFC 6901): /status/ready"),
            .init(
                "\(path).value", .anyText,
                "What must stand there, as JSON or as a text; anything where absent"),
        ]
    }()

    static func endpoints(
        _ checked: inout CheckedConfiguration, _ paths: inout FileReferences
    ) -> [ControlPlaneEndpoint] {
        var endpoints: [ControlPlaneEndpoint] = []
        var seen: Set<Claim> = []
        for section in checked.sections(path) {
            let service = ServiceKeys(section: section, address: .replicas)
                .service(&checked, paths: &paths, timeout: .seconds(5))
            if checked.milliseconds("\(section).interval") == 0 {
                checked.refuse("\(section).interval", "must be longer than 0s")
            }
            // A kind that is none has been refused already.
            guard let kind = checked.text("\(section).kind").flatMap(ControlPlaneKind.init)
            else { continue }
            checkExpectation(section, kind, &checked)
            if kind == .tls { requireTLS(section, &checked) }
            let component = checked.text("\(section).component")
            for url in checked.list("\(section).urls") {
                let claim = Claim(kind: kind, component: component, url: url.text)
                // A list that has an address twice has been refused already.
                if !seen.insert(claim).inserted, !isTwice(url.text, in: section, checked) {
                    checked.refuse(
                        "\(section).urls", at: url.place,
                        "\(url.text) is there twice, as \(kind.rawValue) of the same component")
                }
            }
            guard let service else { continue }
            endpoints.append(
                ControlPlaneEndpoint(
                    kind: kind, component: component, service: service,
                    interval: checked.duration("\(section).interval"),
                    timeout: checked.duration("\(section).timeout"),
                    status: checked.number("\(section).status"),
                    pointer: checked.text("\(section).pointer").flatMap(JSONPointer.init),
                    value: checked.text("\(section).value")))
        }
        return endpoints
    }

    /// What two elements cannot both be.
    private struct Claim: Hashable {
        var kind: ControlPlaneKind
        var component: String?
        var url: String
    }

    private static func isTwice(
        _ url: String, in section: String, _ checked: CheckedConfiguration
    ) -> Bool {
        checked.list("\(section).urls").count { $0.text == url } > 1
    }

    /// `status`, `pointer` and `value` are for `http`.
    private static func checkExpectation(
        _ section: String, _ kind: ControlPlaneKind, _ checked: inout CheckedConfiguration
    ) {
        for name in ["status", "pointer", "value"] where kind != .http {
            guard checked.has("\(section).\(name)") else { continue }
            checked.refuse(
                "\(section).\(name)", "only with kind: http; \(kind.rawValue) knows what is well")
        }
        if let status = checked.number("\(section).status"), status > 599 {
            checked.refuse("\(section).status", "a status is from 100 to 599")
        }
        if checked.has("\(section).value"), !checked.has("\(section).pointer") {
            checked.refuse("\(section).value", "pointer is missing: where is it to stand?")
        }
        if let pointer = checked.text("\(section).pointer"), JSONPointer(pointer) == nil {
            checked.refuse(
                "\(section).pointer",
                "a JSON pointer is empty or begins with /; ~ is written ~0, and / in a name ~1")
        }
    }

    private static func requireTLS(_ section: String, _ checked: inout CheckedConfiguration) {
        for url in checked.list("\(section).urls")
        where !url.text.lowercased().hasPrefix("https://") {
            checked.refuse(
                "\(section).urls", at: url.place, "tls looks at certificates: https:// is expected")
        }
    }
}
