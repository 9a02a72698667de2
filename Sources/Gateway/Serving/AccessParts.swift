import Access
import Clusters
import HTTPAPI
import Logging
import Metrics

/// Who may ask what, put together as the configuration says.
struct AccessParts: Sendable {
    let authenticator: Authenticator
    private let configuration: AccessConfiguration
    /// What the files looked like before they were read.
    private let marks: FileMarks

    /// Nil where everybody may ask everything. The files were found good before.
    init?(_ configuration: AccessConfiguration?) {
        guard let configuration else { return nil }
        self.configuration = configuration
        marks = FileMarks(of: configuration.files)
        authenticator = Authenticator(
            clients: configuration.clients.map(\.client), secrets: configuration.secrets().secrets)
    }

    /// What clients see that do not see everything, each once.
    var views: Set<ClusterView> {
        Set(authenticator.clients.map(\.clusters).filter { !$0.isWhole })
    }

    /// Keeps in force what the files of secrets say.
    func keeper(_ metrics: any MetricsFactory, _ logger: Logger) -> FileKeeper {
        FileKeeper(
            SecretLoading(configuration: configuration, authenticator: authenticator),
            marks: marks, count: configuration.clients.count,
            metrics: ReloadMetrics(
                "isthmus_auth", count: "isthmus_auth_clients", factory: metrics),
            logger: logger)
    }
}

/// Reads the files of secrets into what authenticates.
struct SecretLoading: FileLoading {
    let configuration: AccessConfiguration
    let authenticator: Authenticator

    var name: String { "credentials" }

    func marks() -> FileMarks { FileMarks(of: configuration.files) }

    func load() -> Loading {
        let (secrets, mistakes) = configuration.secrets()
        if mistakes.isEmpty { authenticator.replace(with: secrets) }
        return Loading(mistakes: mistakes.map(\.sentence), count: secrets.count)
    }
}
