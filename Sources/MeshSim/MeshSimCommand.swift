import ArgumentParser

/// `meshsim`: serves the simulated clusters, or prints their past.
@main
struct MeshSimCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "meshsim",
        abstract: "Simulates the service mesh of three clusters.",
        discussion: """
            Each of the clusters eu-1, us-1 and ap-1 has its own port and exports at /metrics \
            what its Prometheus would scrape: Istio's and Envoy's metrics, and what Kubernetes \
            knows about the pods. One service is slow (search), one fails (payments), one is \
            overloaded (inventory), and one proxy keeps restarting (eastwest-envoy).

            All values depend on the options and the time only. So two processes with the same \
            options agree, and 'meshsim openmetrics' prints a past that leads up to the present \
            that 'meshsim' serves.

            At /jaeger each port answers like that cluster's Jaeger, about one in a hundred of the \
            same requests: eu-1's speaks v1 of its API, ap-1's v3, us-1's both. Clocks differ, some \
            spans are in two stores, and some in none; /traces/truth?trace=ID tells what really \
            happened.

            More can go wrong on demand, at any of the ports: GET /faults lists the faults, POST \
            /faults/NAME switches one on and DELETE /faults/NAME off again, both with \
            ?service=…&cluster=… if not at its standard place. DELETE /faults ends all.

            Examples:
              meshsim --listen 127.0.0.1 --base-port 9791 --seed 1
              meshsim --services 200 --replicas 3 --scale 10
              curl -X POST 'http://127.0.0.1:9791/faults/errors?service=checkout&cluster=eu-1'
              meshsim openmetrics --cluster eu-1 --start 1772366400 --end 1772370000

            The options of serving, which is what happens without a subcommand: \
            meshsim help serve.
            """,
        subcommands: [
            ServeCommand.self, OpenMetricsCommand.self, TracesCommand.self, PreparedCommand.self,
        ],
        defaultSubcommand: ServeCommand.self)
}

/// What shapes the simulated mesh.
struct SimulationOptions: ParsableArguments {
    @Option(help: "The seed of all that is random.")
    var seed: UInt64 = 1

    @Option(help: "How many services there are: the 12 standard ones and made-up ones.")
    var services = standardServices.count

    @Option(help: "Multiplies all traffic.")
    var scale = 1.0

    @Option(help: "Pods of each workload in each of its clusters.")
    var replicas = 2

    @Option(
        help: ArgumentHelp(
            "When all counters were zero: Unix seconds or RFC 3339.", valueName: "time"))
    var origin = Moment(milliseconds: 1_704_067_200_000)

    func validate() throws {
        guard (standardServices.count...5000).contains(services) else {
            throw ValidationError("--services must be between \(standardServices.count) and 5000.")
        }
        guard scale > 0, scale <= 1_000_000 else {
            throw ValidationError("--scale must be more than 0 and at most 1000000.")
        }
        guard (1...1000).contains(replicas) else {
            throw ValidationError("--replicas must be between 1 and 1000.")
        }
    }

    var plan: SimulationPlan {
        SimulationPlan(
            seed: seed, services: services, scale: scale, replicas: replicas,
            origin: origin.milliseconds)
    }
}

/// The name of one of the simulated clusters.
struct ClusterName: ExpressibleByArgument, RawRepresentable {
    let rawValue: String

    init?(rawValue: String) {
        guard clusterProfiles.contains(where: { $0.name == rawValue }) else { return nil }
        self.rawValue = rawValue
    }

    static var allValueStrings: [String] { clusterProfiles.map(\.name) }
}
