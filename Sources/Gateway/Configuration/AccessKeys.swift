import Access
import Clusters
import PromQL
import TimeSeries

/// The section `server.auth` of the configuration: its keys, and who may ask what by them.
enum AccessKeys {
    private static let path = "server.auth.clients"

    static let rows: [ConfigurationKey] = [
        .init(
            "server.allow_unauthenticated", .flag, standard: "false",
            "Whether the gateway may listen elsewhere than on loopback without server.auth: then whoever reaches it sees everything"
        ),
        .init(
            "server.auth", .section,
            "Who may ask what; absent, everybody may ask everything, and the gateway listens on loopback only"
        ),
        .init(path, .sections, isRequired: true, "Those who may ask; nobody else may"),
        .init("\(path).name", .text, isRequired: true, "The client's name, for logs"),
        .init(
            "\(path).bearer_token_files", .list(of: .file),
            "Files with one bearer token each, any of which is the client's; read again when they change"
        ),
        .init("\(path).basic_auth", .section, "The client's user name and password"),
        .init("\(path).basic_auth.username", .text, isRequired: true, "The user's name"),
        .init(
            "\(path).basic_auth.password_hash", .secret,
            "The password's bcrypt hash, as htpasswd -nB prints it after the name; better password_hash_file"
        ),
        .init(
            "\(path).basic_auth.password_hash_file", .file,
            "The file that holds the hash; read again when it changes"),
        .init(
            "\(path).clusters", .list(of: .text),
            "Selectors of external labels, such as {region=\"eu\"}: the client sees the clusters that any of them fits, as if there were no others. Absent, all"
        ),
        .init(
            "\(path).routes", .list(of: .choice(RouteGroup.allCases.map(\.rawValue))),
            "What the client may ask; absent, all but admin. /-/routes says what belongs where"),
        .init(
            "\(path).partial_response", .flag,
            "Whether an answer may lack clusters where the client does not say; absent, as query.partial_response"
        ),
    ]

    /// What the sections say; nil where everybody may ask everything. Adds the mistakes that the
    /// table cannot see.
    static func configuration(_ checked: inout CheckedConfiguration) -> AccessConfiguration? {
        guard checked.has("server.auth") else { return nil }
        let slash = checked.file.lastIndex(of: "/")
        let directory = slash.map { String(checked.file[...$0]) } ?? ""
        var access = AccessConfiguration()
        var names: Set<String> = []
        for section in checked.sections(path) {
            let client = client(section, directory, &checked)
            if !client.client.name.isEmpty, !names.insert(client.client.name).inserted {
                checked.refuse("\(section).name", "another client has this name")
            }
            access.clients.append(client)
        }
        let isEmpty = access.clients.isEmpty && checked.has(path)
        if isEmpty, !checked.mistakes.contains(where: { $0.key.hasPrefix(path) }) {
            checked.refuse(path, "at least one client is expected: without any nobody may ask")
        }
        // What a file holds is only looked at where the sections are right.
        if !checked.mistakes.contains(where: { $0.key.hasPrefix("server.auth") }) {
            for mistake in access.secrets().mistakes {
                checked.refuse("\(path)[\(mistake.place)]", mistake.sentence)
            }
        }
        return access
    }

    private static func client(
        _ section: String, _ directory: String, _ checked: inout CheckedConfiguration
    ) -> AccessConfiguration.DeclaredClient {
        func path(_ text: String) -> String { text.hasPrefix("/") ? text : directory + text }
        var client = Client(name: checked.text("\(section).name") ?? "")
        client.partialResponse = checked.flag("\(section).partial_response")
        if checked.has("\(section).routes") {
            let groups = checked.list("\(section).routes")
            client.routes = Set(groups.compactMap { RouteGroup(rawValue: $0.text) })
            if groups.isEmpty {
                checked.refuse("\(section).routes", "an empty list allows nothing")
            }
        }
        let selectors = checked.list("\(section).clusters")
        if checked.has("\(section).clusters") {
            client.clusters = view(selectors, "\(section).clusters", &checked)
        }
        var declared = AccessConfiguration.DeclaredClient(
            client: client, selectors: selectors.map(\.text))
        declared.tokenFiles = checked.list("\(section).bearer_token_files").map { path($0.text) }
        declared.user = user("\(section).basic_auth", directory, &checked)
        if declared.tokenFiles.isEmpty, !checked.has("\(section).basic_auth") {
            checked.refuse(section, "bearer_token_files or basic_auth is missing")
        }
        return declared
    }

    private static func user(
        _ section: String, _ directory: String, _ checked: inout CheckedConfiguration
    ) -> AccessConfiguration.DeclaredUser? {
        checked.refuseBoth("\(section).password_hash", "\(section).password_hash_file")
        checked.requireOne(of: ["password_hash", "password_hash_file"], in: section)
        guard let name = checked.text("\(section).username") else { return nil }
        if name.contains(":") {
            checked.refuse("\(section).username", "a user's name cannot hold a colon")
        }
        if let file = checked.text("\(section).password_hash_file") {
            return .init(name: name, hash: .file(file.hasPrefix("/") ? file : directory + file))
        }
        return checked.text("\(section).password_hash").map { .init(name: name, hash: .text($0)) }
    }

    private static func view(
        _ selectors: [PlacedText], _ key: String, _ checked: inout CheckedConfiguration
    ) -> ClusterView {
        if selectors.isEmpty {
            checked.refuse(key, "an empty list shows no cluster; without the key all are seen")
        }
        var alternatives: [[Matcher]] = []
        for selector in selectors {
            do {
                let matchers = try parseSelector(selector.text, meaningEverySeries: true).matchers
                if matchers.contains(where: { $0.name == Labels.metricNameLabel }) {
                    checked.refuse(
                        key, at: selector.place,
                        "clusters have labels and no metric: {label=\"value\"} is expected")
                }
                alternatives.append(matchers)
            } catch {
                checked.refuse(key, at: selector.place, "\(error)")
            }
        }
        return ClusterView(matchingAny: alternatives)
    }
}

/// Who may ask what, before the files of secrets are read.
struct AccessConfiguration: Sendable {
    var clients: [DeclaredClient] = []

    struct DeclaredClient: Sendable {
        var client: Client
        /// The texts of what it sees; none for everything.
        var selectors: [String]
        var tokenFiles: [String] = []
        var user: DeclaredUser?
    }

    struct DeclaredUser: Sendable {
        var name: String
        /// Of the password's hash.
        var hash: Secret
    }

    /// Why a client has no secrets.
    struct Mistake: Sendable {
        /// The client's place.
        var place: Int
        /// Names the client and the file, and nothing that is in it.
        var sentence: String
    }

    /// All files that hold secrets.
    var files: [String] {
        clients.flatMap { client in
            guard case .file(let path) = client.user?.hash else { return client.tokenFiles }
            return client.tokenFiles + [path]
        }
    }

    /// Shorter tokens can be guessed.
    private static let minimumTokenBytes = 16

    /// Reads the files: the clients' secrets in their order, and all mistakes.
    func secrets() -> (secrets: [ClientSecrets], mistakes: [Mistake]) {
        var mistakes: [Mistake] = []
        var owners: [String: String] = [:]
        var users: Set<String> = []
        let secrets = clients.enumerated().map { place, declared in
            func refuse(_ problem: String) {
                mistakes.append(
                    Mistake(
                        place: place, sentence: "client \(declared.client.name): \(problem)"))
            }
            var secrets = ClientSecrets()
            for file in declared.tokenFiles {
                switch Self.token(in: file) {
                case .failure(let problem): refuse(problem.sentence)
                case .success(let token):
                    if let owner = owners.updateValue(declared.client.name, forKey: token) {
                        refuse("the token in \(file) is that of client \(owner) too")
                    }
                    secrets.tokens.append(token)
                }
            }
            guard let user = declared.user else { return secrets }
            if !users.insert(user.name).inserted {
                refuse("another client has the user name \(user.name)")
            }
            switch Self.hash(user.hash) {
            case .failure(let problem): refuse(problem.sentence)
            case .success(let hash): secrets.user = .init(name: user.name, hash: hash)
            }
            return secrets
        }
        return (secrets, mistakes)
    }

    private typealias Reading<Value> = Result<Value, DiskFile.Failure>

    private static func token(in file: String) -> Reading<String> {
        trimmed(file).flatMap { token in
            if !token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) {
                return .failure(
                    .init(sentence: "the file \(file) holds more than a token of one word"))
            }
            if token.utf8.count < minimumTokenBytes {
                return .failure(
                    .init(
                        sentence: "the token in \(file) has fewer than \(minimumTokenBytes) "
                            + "characters, which can be guessed"))
            }
            return .success(token)
        }
    }

    private static func hash(_ secret: Secret) -> Reading<PasswordHash> {
        let text: Reading<String>
        let place: String
        switch secret {
        case .text(let hash): (text, place) = (.success(hash), "password_hash")
        case .file(let file): (text, place) = (trimmed(file), "the file \(file)")
        }
        return text.flatMap { text in
            if let hash = PasswordHash(text) { return .success(hash) }
            let costs = PasswordHash.costs
            return .failure(
                .init(
                    sentence: "\(place) holds no bcrypt hash ($2b$…) of a cost from "
                        + "\(costs.lowerBound) to \(costs.upperBound)"))
        }
    }

    private static func trimmed(_ file: String) -> Reading<String> {
        do throws(DiskFile.Failure) {
            let bytes = try DiskFile.bytes(of: file)
            let text = String(decoding: bytes, as: UTF8.self)
            guard let start = text.firstIndex(where: { !$0.isWhitespace }),
                let end = text.lastIndex(where: { !$0.isWhitespace })
            else { return .failure(.init(sentence: "the file \(file) is empty")) }
            return .success(String(text[start...end]))
        } catch {
            return .failure(.init(sentence: "the file \(file) cannot be read: \(error.sentence)"))
        }
    }
}

extension ListenAddress {
    /// Whether nobody from another machine gets here.
    var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
