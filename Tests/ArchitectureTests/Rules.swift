// The first file to read in ArchitectureTests: the rules of the house as tables. A new arrow, a new
// module or a new outside library is a row here, beside its line in the design.

/// A module, and the modules of ours that it may import.
struct ModuleRule: Sendable {
    var name: String
    var uses: Set<String> = []
    /// Whether it computes only: no waiting, no clock, no input or output.
    var isPure = false

    static let all: [ModuleRule] = [
        ModuleRule(name: "TimeSeries", isPure: true),
        ModuleRule(name: "PromQL", uses: ["TimeSeries"], isPure: true),
        ModuleRule(name: "PrometheusAPI", uses: ["TimeSeries"], isPure: true),
        ModuleRule(name: "Clusters", uses: ["TimeSeries"], isPure: true),
        ModuleRule(name: "Spans", isPure: true),
        ModuleRule(name: "JaegerAPI", uses: ["Spans"], isPure: true),
        ModuleRule(name: "Meshes", uses: ["TimeSeries", "PromQL"], isPure: true),
        ModuleRule(
            name: "MeshHealth", uses: ["TimeSeries", "PrometheusAPI", "Clusters", "Meshes"],
            isPure: true),
        ModuleRule(name: "Planning", uses: ["TimeSeries", "PromQL", "Clusters"], isPure: true),
        ModuleRule(name: "Evaluation", uses: ["TimeSeries", "PromQL", "Planning"], isPure: true),
        ModuleRule(name: "Caching", uses: ["TimeSeries", "PromQL", "Planning"], isPure: true),
        ModuleRule(
            name: "Rules",
            uses: ["TimeSeries", "PromQL", "Clusters", "Planning", "Evaluation"], isPure: true),
        ModuleRule(
            name: "Verification",
            uses: [
                "TimeSeries", "PromQL", "PrometheusAPI", "Clusters", "Planning", "Evaluation",
                "Caching", "Rules", "Spans", "JaegerAPI",
            ],
            isPure: true),
        ModuleRule(name: "Upstream", uses: ["Clusters"]),
        ModuleRule(name: "Storage"),
        ModuleRule(name: "Observations", uses: ["TimeSeries"]),
        ModuleRule(name: "Access", uses: ["Clusters"]),
        ModuleRule(name: "Telemetry", uses: ["Spans", "JaegerAPI", "Clusters", "Upstream"]),
        ModuleRule(
            name: "Federation",
            uses: [
                "TimeSeries", "PromQL", "PrometheusAPI", "Clusters", "Planning", "Evaluation",
                "Caching", "Upstream", "Storage", "Observations",
            ]),
        ModuleRule(
            name: "Traces",
            uses: [
                "TimeSeries", "PromQL", "Spans", "JaegerAPI", "Clusters", "Upstream", "Federation",
            ]),
        ModuleRule(
            name: "ServiceGraph",
            uses: [
                "TimeSeries", "PromQL", "Clusters", "Meshes", "Spans", "Upstream", "Federation",
                "Traces",
            ]),
        ModuleRule(
            name: "ControlPlane",
            uses: [
                "TimeSeries", "Clusters", "Meshes", "MeshHealth", "Upstream", "Federation",
                "Observations",
            ]),
        ModuleRule(
            name: "Alerting",
            uses: [
                "TimeSeries", "PromQL", "PrometheusAPI", "Clusters", "Planning", "Evaluation",
                "Rules", "Upstream", "Storage", "Federation", "Observations",
            ]),
        ModuleRule(
            name: "HTTPAPI",
            uses: [
                "TimeSeries", "PromQL", "PrometheusAPI", "Clusters", "Upstream", "Storage",
                "Federation", "Rules", "Observations", "Alerting", "Spans", "JaegerAPI", "Traces",
                "Meshes", "ServiceGraph", "MeshHealth", "ControlPlane", "Telemetry", "Access",
            ]),
        ModuleRule(
            name: "Gateway",
            uses: [
                "TimeSeries", "PromQL", "PrometheusAPI", "Clusters", "Upstream", "Storage",
                "Federation", "Observations", "Alerting", "Spans", "JaegerAPI", "Traces",
                "Meshes", "ServiceGraph", "MeshHealth", "ControlPlane", "Telemetry", "HTTPAPI",
                "Rules", "Verification", "Access",
            ]),
        ModuleRule(name: "MeshSim"),
    ]
}

/// A library that is not ours, or a shim of one, and who may import it.
struct LibraryRule: Sendable {
    var modules: Set<String>
    var owners: Owners

    enum Owners: Sendable {
        case only(Set<String>)
        /// All modules but the pure ones.
        case impure
        case everyone
    }

    static let all: [LibraryRule] = [
        LibraryRule(modules: ["CRE2", "CNumerals"], owners: .only(["TimeSeries"])),
        LibraryRule(modules: ["CCurl"], owners: .only(["Upstream"])),
        LibraryRule(modules: ["CCompression"], owners: .only(["HTTPAPI", "Caching", "MeshSim"])),
        LibraryRule(modules: ["CSnappy"], owners: .only(["PrometheusAPI"])),
        LibraryRule(modules: ["CDashboard"], owners: .only(["HTTPAPI"])),
        LibraryRule(modules: ["CCrypt"], owners: .only(["Access"])),
        LibraryRule(modules: ["CHiredis"], owners: .only(["Storage"])),
        LibraryRule(modules: ["CResolver"], owners: .only(["Alerting"])),
        LibraryRule(modules: ["CSpawn"], owners: .only(["ServiceGraph", "TestSupport"])),
        LibraryRule(
            modules: [
                "Hummingbird", "HummingbirdCore", "HTTPTypes", "NIOCore", "NIOHTTPTypes",
                "NIOHTTP1", "NIOPosix",
            ],
            owners: .only(["HTTPAPI", "MeshSim"])),
        LibraryRule(modules: ["Yams"], owners: .only(["Gateway"])),
        LibraryRule(modules: ["ArgumentParser"], owners: .only(["Gateway", "MeshSim"])),
        LibraryRule(
            modules: [
                "ServiceLifecycle", "UnixSignals", "Logging", "CoreMetrics", "Metrics", "Tracing",
                "Instrumentation", "ServiceContextModule",
            ],
            owners: .impure),
        LibraryRule(
            modules: ["Foundation", "FoundationEssentials", "Dispatch"], owners: .impure),
        // Mathematics, and locks around tables of interned text.
        LibraryRule(modules: ["Glibc", "Darwin", "Synchronization"], owners: .everyone),
    ]
}

/// A pattern that must not stand in code, comments and text apart.
struct PatternRule: Sendable, CustomStringConvertible {
    /// An `NSRegularExpression`.
    var pattern: String
    var reason: String
    /// Where it holds.
    var scope = Scope.sources

    enum Scope: Sendable {
        case sources
        case pureModules
        /// The sources, and what tests share.
        case sourcesAndSupport
        case tests
    }

    var description: String { reason }

    static let all: [PatternRule] = [
        PatternRule(
            pattern: #"\b(async|await|Task|TaskGroup|AsyncSequence|AsyncStream)\b"#,
            reason: "pure modules do not wait", scope: .pureModules),
        PatternRule(
            pattern: #"\b(ContinuousClock|SuspendingClock|Date|DispatchTime|clock_gettime)\b"#,
            reason: "pure modules have no clock", scope: .pureModules),
        PatternRule(
            pattern: #"\b(print|fopen|open|getenv|FileManager|FileHandle|ProcessInfo)\("#,
            reason: "pure modules neither read nor write", scope: .pureModules),
        PatternRule(
            pattern: #"\btry!"#, reason: "no try!", scope: .sourcesAndSupport),
        PatternRule(
            pattern: #"\bas!"#, reason: "no as!", scope: .sourcesAndSupport),
        PatternRule(
            // After a name, a call or another optional; `!=` with or without a space is none.
            pattern: #"[\w)\]}>?"`]!(?!=)"#, reason: "no forced unwrapping",
            scope: .sourcesAndSupport),
        PatternRule(
            pattern: #"\bTask(\.detached|\.immediate)?\s*(\(|\{)"#,
            reason: "no task outside a group: long-lived work is a Service"),
        PatternRule(
            pattern: #"@unchecked\s+Sendable"#,
            reason: "what is shared is checked by the compiler", scope: .sourcesAndSupport),
        PatternRule(
            pattern: #"@testable\b"#, reason: "tests run on optimised code", scope: .tests),
    ]
}
