import TimeSeries

/// The keys of an HTTP service of a cluster, with the names of Prometheus's `http_config`, and the
/// service that they make.
public struct ServiceKeys: Sendable {
    /// The section's path: `prometheus`, `jaeger`, `alerting.alertmanagers[0]`.
    let section: String
    let address: Address

    /// How the section names its servers.
    public enum Address: Sendable {
        /// A list `urls`: replicas of the same data.
        case replicas
        /// A single `url`.
        case single
        /// A single `url`, where the section may name its servers otherwise.
        case optional
    }

    public init(section: String, address: Address) {
        self.section = section
        self.address = address
    }

    /// The rows, the section's own first; `isList` where the section is each element of a list.
    /// `timeout` is the standard one.
    public func rows(
        isRequired: Bool, isList: Bool = false, timeout: String = "30s", _ meaning: String
    ) -> [ConfigurationKey] {
        let addressRow: ConfigurationKey =
            switch address {
            case .replicas:
                ConfigurationKey(
                    "\(section).urls", .list(of: .url(.service)), isRequired: true,
                    "Base addresses of replicas that hold the same data; a path prefix is allowed")
            case .single:
                ConfigurationKey(
                    "\(section).url", .url(.service), isRequired: true,
                    "Base address; a path prefix is allowed")
            case .optional:
                ConfigurationKey(
                    "\(section).url", .url(.service),
                    "Base address; a path prefix is allowed")
            }
        let common: [ConfigurationKey] = [
            .init("timeout", .duration, standard: timeout, "For a whole request to the server"),
            .init("tls_config", .section, "How an https server is trusted and we are known to it"),
            .init("tls_config.ca_file", .file, "Certificates of the authorities to trust"),
            .init("tls_config.cert_file", .file, "Our certificate; with key_file"),
            .init("tls_config.key_file", .file, "Our certificate's key; with cert_file"),
            .init("tls_config.server_name", .text, "The name that the server's certificate has"),
            .init(
                "tls_config.insecure_skip_verify", .flag, standard: "false",
                "Trust any certificate"),
            .init("basic_auth", .section, "User and password; not together with authorization"),
            .init("basic_auth.username", .text, isRequired: true, "The user's name"),
            .init("basic_auth.password", .secret, "The password; better password_file"),
            .init("basic_auth.password_file", .file, "The file that holds the password"),
            .init("authorization", .section, "The header Authorization"),
            .init("authorization.type", .text, standard: "Bearer", "The header's first word"),
            .init(
                "authorization.credentials", .secret,
                "The header's second word; better credentials_file"),
            .init(
                "authorization.credentials_file", .file,
                "The file that holds the header's second word"),
            .init("headers", .texts, "Further headers of each request"),
            .init("proxy_url", .url(.proxy), "The proxy that requests go through"),
            .init(
                "max_concurrent_requests", .count(atLeast: 1),
                standard: "\(Service.standardConcurrentRequests)",
                "Queries that the server is asked at a time; further ones wait here"),
        ]
        let moved = common.map { row in
            var row = row
            row.path = "\(section).\(row.path)"
            return row
        }
        return [
            ConfigurationKey(
                section, isList ? .sections : .section, isRequired: isRequired, meaning)
        ]
            + [addressRow] + moved
    }

    // MARK: The service

    /// The service that a checked file declares; nil where it has none or a bad address. Adds what
    /// only several keys together show to be a mistake. Only an optional address may
    /// be absent.
    public func service(
        _ checked: inout CheckedConfiguration, paths: inout FileReferences,
        timeout standard: Duration = .seconds(30)
    ) -> Service? {
        guard checked.has(section) else { return nil }
        let urls = urls(&checked)
        let timeout = checked.duration("\(section).timeout") ?? standard
        if timeout <= .zero { checked.refuse("\(section).timeout", "must be longer than 0s") }
        let authorization = authorization(&checked, &paths)
        let headers = headers(&checked)
        let tls = tls(&checked, &paths)
        if urls.isEmpty, address != .optional { return nil }
        return Service(
            urls: urls, timeout: timeout, tls: tls, authorization: authorization, headers: headers,
            proxyURL: checked.text("\(section).proxy_url"),
            maximumConcurrentRequests: checked.number("\(section).max_concurrent_requests")
                ?? Service.standardConcurrentRequests)
    }

    private func urls(_ checked: inout CheckedConfiguration) -> [String] {
        if address != .replicas { return checked.text("\(section).url").map { [$0] } ?? [] }
        let path = "\(section).urls"
        let elements = checked.list(path)
        let hasFault = checked.mistakes.contains { $0.key.hasPrefix(path) }
        if elements.isEmpty, checked.has(path), !hasFault {
            checked.refuse(path, "at least one URL is expected")
        }
        var seen: [String] = []
        for element in elements {
            if seen.contains(element.text) {
                checked.refuse(path, at: element.place, "\(element.text) is there twice")
            } else {
                seen.append(element.text)
            }
        }
        return seen
    }

    private func tls(
        _ checked: inout CheckedConfiguration, _ paths: inout FileReferences
    ) -> TLS {
        let path = "\(section).tls_config"
        let pair = ["\(path).cert_file", "\(path).key_file"]
        for (one, other) in [(pair[0], pair[1]), (pair[1], pair[0])]
        where checked.has(one) && !checked.has(other) {
            let missing = other.split(separator: ".").last ?? ""
            checked.refuse(one, "\(missing) is missing: the two belong together")
        }
        return TLS(
            caFile: paths.resolved("\(path).ca_file", checked),
            certFile: paths.resolved(pair[0], checked), keyFile: paths.resolved(pair[1], checked),
            serverName: checked.text("\(path).server_name"),
            insecureSkipVerify: checked.flag("\(path).insecure_skip_verify") ?? false)
    }

    private func authorization(
        _ checked: inout CheckedConfiguration, _ paths: inout FileReferences
    ) -> Authorization? {
        let basic = "\(section).basic_auth"
        let other = "\(section).authorization"
        checked.refuseBoth(basic, other)
        checked.refuseBoth("\(basic).password", "\(basic).password_file")
        checked.requireOne(of: ["password", "password_file"], in: basic)
        checked.refuseBoth("\(other).credentials", "\(other).credentials_file")
        checked.requireOne(of: ["credentials", "credentials_file"], in: other)
        let password = secret("\(basic).password", &checked, &paths)
        let credentials = secret("\(other).credentials", &checked, &paths)

        let type = checked.text("\(other).type") ?? "Bearer"
        if type.lowercased() == "basic" {
            checked.refuse("\(other).type", "for Basic there is basic_auth")
        } else if !HeaderText.isToken(type) {
            checked.refuse("\(other).type", "one word is expected, such as Bearer")
        }
        if let username = checked.text("\(basic).username"), let password {
            if username.contains(":") {
                checked.refuse("\(basic).username", "a user's name cannot hold a colon")
            }
            return .basic(username: username, password: password)
        }
        return credentials.map { .credentials(type: type, $0) }
    }

    /// The secret that stands in the key or in the file that the key with `_file` names.
    private func secret(
        _ path: String, _ checked: inout CheckedConfiguration, _ paths: inout FileReferences
    ) -> Secret? {
        if let file = paths.resolved("\(path)_file", checked) { return .file(file) }
        guard let text = checked.text(path) else { return nil }
        if !HeaderText.isValue(text) {
            checked.refuse(path, "line breaks and control characters are not allowed")
        }
        return .text(text)
    }

    private func headers(_ checked: inout CheckedConfiguration) -> [Service.Header] {
        var seen: Set<String> = []
        var headers: [Service.Header] = []
        for header in checked.texts("\(section).headers") {
            let path = ConfigurationTable.path("\(section).headers", header.name)
            let name = header.name.lowercased()
            if !HeaderText.isToken(header.name) {
                checked.refuse(path, at: header.place, "not the name of a header")
            } else if let instead = HeaderText.ownHeaders[name] {
                checked.refuse(path, at: header.place, instead)
            } else if !seen.insert(name).inserted {
                checked.refuse(path, at: header.place, "the header is there twice")
            }
            if !HeaderText.isValue(header.text) {
                checked.refuse(
                    path, at: header.place, "line breaks and control characters are not allowed")
            }
            headers.append(Service.Header(name: header.name, value: header.text))
        }
        return headers
    }
}
