// The first file to read in Gateway: the program `isthmus` and its commands. `serve` builds the
// gateway out of the other modules (`Serving/GatewayProcess`) and runs it; the others ask a running
// gateway or check files. What the gateway answers is decided elsewhere.

import ArgumentParser

@main
struct Isthmus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "isthmus",
        abstract: "One Prometheus for many clusters.",
        discussion: """
            Isthmus answers PromQL for a whole fleet at one address, as one Prometheus would that \
            had scraped every cluster itself and added its external labels.

            Try it:
              isthmus check clusters clusters
              isthmus serve --clusters clusters
              isthmus query 'sum by (cluster) (up)'
              isthmus query 'rate(http_requests_total[5m])' --start -1h
            """,
        version: Version.isthmus,
        subcommands: [
            ServeCommand.self, QueryCommand.self, ExplainCommand.self, ClustersCommand.self,
            AlertsCommand.self, SignalsCommand.self, GraphCommand.self, GraphPathCommand.self,
            TraceCommand.self, TracesCommand.self, ControlPlaneCommand.self,
            CertificatesCommand.self, CheckCommand.self,
            CacheCommand.self, FunctionsCommand.self,
            TestCommand.self,
            BenchCommand.self,
        ])
}

enum Version {
    static let isthmus = "0.1.0"
}

/// Why a command cannot do what it was asked: a sentence, printed as it is.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
