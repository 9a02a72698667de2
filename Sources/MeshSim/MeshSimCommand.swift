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

            Clusters of further meshes can be had beside them (--meshes); the same requests run \
            through all of them. What calls were really made, /mesh/truth?start=…&end=… tells at \
            any of the ports (Unix seconds), and 'meshsim truth' prints.

            What can be asked of the control planes and of the Envoys at the edge is there under \
            /control-plane/REPLICA/…, such as /control-plane/istiod-0/ready at the port of the \
            replica's cluster; GET /control-plane lists the replicas. Their metrics are at /metrics.

            More can go wrong on demand, at any of the ports: GET /faults lists the faults, POST \
            /faults/NAME switches one on and DELETE /faults/NAME off again, both with \
            ?service=…&cluster=… if not at its standard place, or ?replica=…&cluster=… of those of \
            control planes. DELETE /faults ends all.

            Faults of requests and workloads:
            \(faultText(FaultKind.allCases.map { ($0.rawValue, $0.row.meaning) }))

            Faults of control planes and certificates:
            \(faultText(ControlPlaneFaultKind.allCases.map { ($0.rawValue, $0.row.meaning) }))

            Examples:
              meshsim --listen 127.0.0.1 --base-port 9791 --seed 1
              meshsim --services 200 --replicas 3 --scale 10
              curl -X POST 'http://127.0.0.1:9791/faults/errors?service=checkout&cluster=eu-1'
              meshsim --meshes linkerd,consul,otel,ambient
              meshsim openmetrics --cluster eu-1 --start 1772366400 --end 1772370000

            The options of serving, which is what happens without a subcommand: \
            meshsim help serve.
            """,
        subcommands: [
            ServeCommand.self, OpenMetricsCommand.self, TruthCommand.self, TracesCommand.self,
            PreparedCommand.self, PreparedQueriesCommand.self, PreparedGraphCommand.self,
        ],
        defaultSubcommand: ServeCommand.self)
}

/// One line for each fault.
private func faultText(_ rows: [(name: String, meaning: String)]) -> String {
    rows.map { "  \($0.name): \($0.meaning)." }.joined(separator: "\n")
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

    @Option(
        help: ArgumentHelp(
            "Whose clusters there are: Istio's three always; linkerd, consul, otel and ambient"
                + " have one each, linkerd-1, consul-1, otel-1 and ambient-1.", valueName: "mesh,…")
    )
    var meshes = MeshList(furtherMeshes: [])

    @Option(
        help: ArgumentHelp(
            "A fault that is on from the beginning. May be given again.",
            valueName: "name[:place[:cluster]]"))
    var fault: [FaultAtStart] = []

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
            origin: origin.milliseconds, furtherMeshes: meshes.furtherMeshes)
    }

    /// The mesh with the faults that are on from the beginning.
    func topology() throws -> Topology {
        let topology = Topology(plan: plan)
        for fault in fault {
            do throws(FaultRequestError) {
                for course in try topology.courses(
                    of: fault.name, at: fault.place, cluster: fault.cluster)
                {
                    course.turn(on: true, at: 0)
                }
            } catch {
                throw ValidationError("\(error)")
            }
        }
        return topology
    }

    /// The cluster of that name, if the plan has it.
    func profile(_ cluster: ClusterName) throws -> ClusterProfile {
        guard let profile = plan.profiles.first(where: { $0.name == cluster.rawValue }) else {
            throw ValidationError("\(cluster.rawValue) is not one of the clusters of --meshes.")
        }
        return profile
    }
}

/// The name of one of the simulated clusters.
struct ClusterName: ExpressibleByArgument, RawRepresentable {
    let rawValue: String

    init?(rawValue: String) {
        guard Self.allValueStrings.contains(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    static var allValueStrings: [String] {
        (clusterProfiles + furtherClusterProfiles).map(\.name)
    }
}

/// `istio,linkerd`: meshes on the command line.
struct MeshList: ExpressibleByArgument, CustomStringConvertible {
    /// Those beside Istio.
    var furtherMeshes: Set<Mesh>

    init(furtherMeshes: Set<Mesh>) { self.furtherMeshes = furtherMeshes }

    init?(argument: String) {
        furtherMeshes = []
        for name in argument.split(separator: ",") {
            guard let mesh = Mesh(rawValue: String(name)) else { return nil }
            furtherMeshes.insert(mesh)
        }
        furtherMeshes.remove(.istio)
    }

    var description: String {
        Mesh.allCases.filter { $0 == .istio || furtherMeshes.contains($0) }.map(\.rawValue)
            .joined(separator: ",")
    }
}

/// `errors:cart:eu-1`: a fault on the command line.
struct FaultAtStart: ExpressibleByArgument {
    var name: FaultName
    /// A service, or a replica of a control plane.
    var place: String?
    var cluster: String?

    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
            .map(String.init)
        guard parts.count <= 3, let name = FaultName(parts[0]) else { return nil }
        self.name = name
        place = parts.count > 1 ? parts[1] : nil
        cluster = parts.count > 2 ? parts[2] : nil
    }
}
