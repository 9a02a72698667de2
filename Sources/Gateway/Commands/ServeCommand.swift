import ArgumentParser
import Clusters
import HTTPAPI
import Rules

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the gateway.",
        discussion: """
            Reads one YAML file for each cluster and answers the Prometheus HTTP API for all of \
            them. A mistake in a file is said with file, line and key, and the gateway does not \
            start.

            The files are read again when one changes, on SIGHUP and on POST /-/reload; bad ones \
            are refused and the old ones stay in force. So are the rule files that alerting.rule_files \
            of the configuration names. The file of --config itself is read at the start only. SIGTERM and SIGINT end the gateway once \
            it has answered what it was asked.

            'isthmus check keys' lists the keys of all files.
            """)

    @Option(
        help: ArgumentHelp("The directory with one YAML file for each cluster.", valueName: "dir"))
    var clusters = "clusters"

    @Option(help: ArgumentHelp("The gateway's own configuration, in YAML.", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "Where to listen; goes before server.listen of the configuration. (default: "
                + "\(ListenAddress.standard))", valueName: "host:port"))
    var listen: ListenAddress?

    func run() async throws {
        var (configuration, mistakes) = GatewayConfiguration.read(path: config)
        if let listen {
            configuration.listen = listen
            if configuration.access == nil, !configuration.allowsUnauthenticated,
                !listen.isLoopback
            {
                throw CommandFailure("--listen: \(GatewayConfiguration.unauthenticated(listen))")
            }
        }
        let directory = InventoryDirectory(path: Self.withoutSlash(clusters))
        let marks = directory.marks()
        let reading = directory.read()
        mistakes += reading.mistakes
        let patterns = configuration.alerting.ruleFiles
        let ruleMarks = FileMarks(of: RuleFiles.matching(patterns))
        let rules = configuration.ruleFiles.read(patterns: patterns)
        guard mistakes.isEmpty, rules.mistakes.isEmpty else {
            MistakeList.print(mistakes, rules: rules.mistakes)
            throw ExitCode.failure
        }
        let process = GatewayProcess(
            configuration: configuration, directory: directory, marks: marks,
            clusters: reading.clusters, rules: rules.groups, ruleMarks: ruleMarks)
        do {
            try await process.run()
        } catch let failure as ListenFailure {
            throw CommandFailure("\(failure)")
        }
    }

    /// A directory's name as the names of its files begin.
    static func withoutSlash(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }
}

extension ListenAddress: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }

    public var defaultValueDescription: String { description }
}
