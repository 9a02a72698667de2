import ArgumentParser

/// `meshsim traces`: prints what really happened, a trace a line.
struct TracesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "traces",
        abstract: "Prints traces as they happened, a line of JSON each.",
        discussion: """
            These are all spans of a request in all clusters by the true time, also those that are \
            lost on the way to a store: what a merged trace can be compared with.

            Example:
              meshsim traces --start 2026-03-01T12:00:00Z --end 2026-03-01T12:01:00Z

            With --otlp it is what recorders would send, as OTLP in JSON: of one cluster with \
            --cluster, else of all, each span once and by its cluster's clocks.
            """)

    @Option(help: "The first time at which a trace begins: Unix seconds or RFC 3339.")
    var start: Moment

    @Option(help: "The last time.")
    var end: Moment

    @Flag(help: "Print the spans as OTLP.")
    var otlp = false

    @Option(help: "Only what this cluster's store is sent; with --otlp.")
    var cluster: ClusterName?

    @OptionGroup var simulation: SimulationOptions
    @OptionGroup var traces: TraceOptions

    func run() throws {
        let topology = try simulation.topology()
        var plan = traces.plan
        plan.retention = .max / 2
        plan.maximumTraces = .max / 2
        let store = TraceStore(
            cluster: cluster?.rawValue ?? clusterProfiles[0].name, plan: plan,
            mesh: TracedMesh(topology: topology, sampling: plan.sampling))
        let truth = TraceTruth(store: store)
        let end = end.milliseconds * 1000
        let traces = truth.traces(from: start.milliseconds * 1000, to: end, at: end)
        guard !otlp else {
            let sent = traces.compactMap { trace in
                cluster == nil ? store.union(of: trace) : store.part(of: trace, by: .max)
            }
            print(String(decoding: JaegerV3JSON.sent(sent), as: UTF8.self))
            return
        }
        for trace in traces {
            print(String(decoding: truth.text(of: trace).bytes, as: UTF8.self))
        }
    }
}
