import ArgumentParser

/// What shapes the traces.
struct TraceOptions: ParsableArguments {
    @Option(help: "The share of users' requests that are traced.")
    var traceSampling = 0.01

    @Option(
        help: ArgumentHelp(
            "By how much a cluster's clocks are ahead: us-1=-180ms. May be given again.",
            valueName: "cluster=duration"))
    var clockSkew: [ClusterSetting<Signed>] = []

    @Option(
        help: ArgumentHelp(
            "What a cluster's trace store speaks of Jaeger's API: v1, v3 or both. May be given"
                + " again.", valueName: "cluster=generation"))
    var jaeger: [ClusterSetting<StoreGeneration>] = []

    @Option(help: "How long traces are kept.")
    var traceRetention = Step(milliseconds: 3_600_000)

    @Option(help: "How many traces are kept at most, of each cluster's front door.")
    var maxTraces = 10_000

    @Option(help: "How many spans of a trace a store tells at most; 0 for all.")
    var maxTraceSize = 0

    func validate() throws {
        guard traceSampling > 0, traceSampling <= 1 else {
            throw ValidationError("--trace-sampling must be more than 0 and at most 1.")
        }
        guard (1...1_000_000).contains(maxTraces) else {
            throw ValidationError("--max-traces must be between 1 and 1000000.")
        }
        guard maxTraceSize >= 0 else {
            throw ValidationError("--max-trace-size must not be negative.")
        }
    }

    var plan: TracePlan {
        var plan = TracePlan(
            sampling: traceSampling,
            clockSkews: ["eu-1": 0, "us-1": -180_000, "ap-1": 75_000],
            generations: ["eu-1": .v1, "us-1": .both, "ap-1": .v3],
            retention: traceRetention.milliseconds * 1000, maximumTraces: maxTraces,
            maximumSpansPerTrace: maxTraceSize)
        for setting in clockSkew { plan.clockSkews[setting.cluster] = setting.value.microseconds }
        for setting in jaeger { plan.generations[setting.cluster] = setting.value }
        return plan
    }
}

extension StoreGeneration: ExpressibleByArgument {}

/// A duration with a sign: `-180ms`.
struct Signed: ExpressibleByArgument {
    var microseconds: Int64

    init?(argument: String) {
        guard case .success(let nanoseconds) = durationInGo(argument) else { return nil }
        microseconds = nanoseconds / 1000
    }
}

/// `CLUSTER=VALUE`.
struct ClusterSetting<Value: ExpressibleByArgument & Sendable>: ExpressibleByArgument, Sendable {
    var cluster: String
    var value: Value

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let cluster = ClusterName(rawValue: String(parts[0])),
            let value = Value(argument: String(parts[1]))
        else { return nil }
        self.cluster = cluster.rawValue
        self.value = value
    }
}
