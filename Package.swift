// swift-tools-version:6.2
import PackageDescription

// Every target is held to the same rules: Swift 6 mode, warnings are errors, and a member is
// visible only where its module is imported (so that the architecture test sees every arrow).
let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A module of the house; `uses` are its arrows, as DESIGN lists them.
func module(_ name: String, uses: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: uses, swiftSettings: settings)
}

/// The tests of one module, beside the pieces they need.
func tests(_ name: String, uses: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: uses, swiftSettings: settings)
}

let metricsKit = Target.Dependency.product(name: "MetricsTestKit", package: "swift-metrics")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let tracing = Target.Dependency.product(name: "Tracing", package: "swift-distributed-tracing")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(
    name: "UnixSignals", package: "swift-service-lifecycle")
let arguments = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "isthmus",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "isthmus", targets: ["Gateway"]),
        .executable(name: "meshsim", targets: ["MeshSim"]),
    ],
    dependencies: [
        // No traits: neither swift-configuration nor the whole of Foundation comes along.
        .package(
            url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // System libraries, each behind one shim with one owner.
        .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),
        .target(name: "CNumerals"),
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
        .target(name: "CHiredis", linkerSettings: [.linkedLibrary("hiredis")]),
        .target(
            name: "CCompression",
            linkerSettings: [.linkedLibrary("z"), .linkedLibrary("zstd")]),
        .target(name: "CResolver", linkerSettings: [.linkedLibrary("resolv")]),
        .target(name: "CSnappy", linkerSettings: [.linkedLibrary("snappy")]),
        .target(name: "CSpawn"),
        .target(name: "CCrypt", linkerSettings: [.linkedLibrary("crypt")]),
        // The page's files and the libraries that it uses, put into the program as they are.
        .target(name: "CDashboard", exclude: ["page"]),

        // The pure pipeline.
        module("TimeSeries", uses: ["CRE2", "CNumerals"]),
        module("PromQL", uses: ["TimeSeries"]),
        module("PrometheusAPI", uses: ["TimeSeries", "CSnappy"]),
        module("Clusters", uses: ["TimeSeries"]),
        module("Spans"),
        module("JaegerAPI", uses: ["Spans"]),
        module("Meshes", uses: ["TimeSeries", "PromQL"]),
        module("MeshHealth", uses: ["TimeSeries", "PrometheusAPI", "Clusters", "Meshes"]),
        module("Planning", uses: ["TimeSeries", "PromQL", "Clusters"]),
        module("Evaluation", uses: ["TimeSeries", "PromQL", "Planning"]),
        module("Caching", uses: ["TimeSeries", "PromQL", "Planning", "CCompression"]),
        module("Rules", uses: ["TimeSeries", "PromQL", "Clusters", "Planning", "Evaluation"]),
        module(
            "Verification",
            uses: [
                "TimeSeries", "PromQL", "PrometheusAPI", "Clusters", "Planning", "Evaluation",
                "Caching", "Rules", "Spans", "JaegerAPI",
            ]),

        // The edges.
        module("Upstream", uses: ["Clusters", "CCurl", logging, metrics, tracing]),
        module("Storage", uses: ["CHiredis", lifecycle, logging, metrics]),

        module("Observations", uses: ["TimeSeries"]),
        module("Access", uses: ["Clusters", "CCrypt"]),
        module(
            "Telemetry",
            uses: [
                "Spans", "JaegerAPI", "Clusters", "Upstream", lifecycle, logging, metrics, tracing,
            ]),

        // The features.
        module(
            "Federation",
            uses: [
                "TimeSeries", "PromQL", "PrometheusAPI", "Clusters", "Planning", "Evaluation",
                "Caching", "Upstream", "Storage", "Observations", lifecycle, logging, metrics,
                tracing,
            ]),
        module(
            "Traces",
            uses: [
                "TimeSeries", "PromQL", "Spans", "JaegerAPI", "Clusters", "Upstream", "Federation",
                lifecycle, logging, metrics, tracing,
            ]),
        module(
            "ServiceGraph",
            uses: [
                "TimeSeries", "PromQL", "Clusters", "Meshes", "Spans", "Upstream", "Federation",
                "Traces", "CSpawn", lifecycle, logging, metrics, tracing,
            ]),
        module(
            "ControlPlane",
            uses: [
                "TimeSeries", "Clusters", "Meshes", "MeshHealth", "Upstream", "Federation",
                "Observations", lifecycle, logging, metrics,
            ]),
        module(
            "Alerting",
            uses: [
                "TimeSeries", "PromQL", "PrometheusAPI", "Clusters", "Planning", "Evaluation",
                "Rules", "Upstream", "Storage", "Federation", "Observations", "CResolver",
                lifecycle, logging, metrics, tracing,
            ]),

        // The shell.
        module(
            "HTTPAPI",
            uses: [
                "TimeSeries", "PromQL", "PrometheusAPI", "Clusters", "Upstream", "Storage",
                "Federation", "Rules", "Observations", "Alerting", "Spans", "JaegerAPI", "Traces",
                "Meshes", "ServiceGraph", "MeshHealth", "ControlPlane", "Telemetry", "Access",
                "CCompression", "CDashboard", hummingbird,
                lifecycle, logging, metrics, tracing,
            ]),
        .executableTarget(
            name: "Gateway",
            dependencies: [
                "TimeSeries", "PromQL", "PrometheusAPI", "Clusters", "Upstream", "Storage",
                "Federation", "Observations", "Alerting", "Spans", "JaegerAPI", "Traces",
                "Meshes", "ServiceGraph", "MeshHealth", "ControlPlane", "Telemetry", "HTTPAPI",
                "Rules", "Verification", "Access", arguments, yams, lifecycle,
                signals, logging, metrics, tracing,
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "MeshSim", dependencies: ["CCompression", hummingbird, arguments, logging],
            swiftSettings: settings),

        // What tests of several modules share: real servers, sockets with faults, test data.
        .target(
            name: "TestSupport", dependencies: ["CSpawn"], path: "Tests/TestSupport",
            swiftSettings: settings),
        tests("TimeSeriesTests", uses: ["TestSupport", "TimeSeries"]),
        tests("PromQLTests", uses: ["TestSupport", "PromQL", "TimeSeries"]),
        tests("PrometheusAPITests", uses: ["TestSupport", "PrometheusAPI", "TimeSeries"]),
        tests("ClustersTests", uses: ["Clusters", "TimeSeries"]),
        tests("PlanningTests", uses: ["Planning", "PromQL", "Clusters", "TimeSeries"]),
        tests(
            "CachingTests", uses: ["TestSupport", "Caching", "Planning", "PromQL", "TimeSeries"]),
        tests(
            "EvaluationTests",
            uses: [
                "TestSupport", "TimeSeries", "PromQL", "Clusters", "Planning", "Evaluation",
                "Verification",
            ]),
        tests(
            "RulesTests",
            uses: [
                "TestSupport", "TimeSeries", "PromQL", "Clusters", "Planning", "Evaluation",
                "Rules", "Verification",
            ]),
        tests(
            "VerificationTests",
            uses: [
                "TestSupport", "TimeSeries", "PromQL", "PrometheusAPI", "Clusters", "Planning",
                "Evaluation", "Caching", "Verification",
            ]),
        tests("SpansTests", uses: ["TestSupport", "Spans"]),
        tests("JaegerAPITests", uses: ["TestSupport", "JaegerAPI", "Spans"]),
        tests(
            "MeshesTests", uses: ["TestSupport", "Meshes", "TimeSeries", "PromQL", "Evaluation"]),
        tests(
            "MeshHealthTests",
            uses: [
                "TestSupport", "MeshHealth", "Clusters", "PrometheusAPI", "Evaluation",
                "TimeSeries", "PromQL",
            ]),
        tests(
            "ServiceGraphTests",
            uses: [
                "TestSupport", "ServiceGraph", "Meshes", "Spans", "TimeSeries", "PromQL",
                "Clusters", "Upstream", "Federation", "Traces", lifecycle, logging, metricsKit,
            ]),
        tests(
            "ControlPlaneTests",
            uses: [
                "TestSupport", "ControlPlane", "MeshHealth", "TimeSeries", "Clusters", "Upstream",
                "Federation", "Observations", lifecycle, logging, metricsKit,
            ]),
        tests(
            "TracesTests",
            uses: [
                "TestSupport", "Traces", "Spans", "JaegerAPI", "TimeSeries", "Clusters", "Upstream",
                "Federation", lifecycle, logging, metricsKit,
            ]),
        tests(
            "TelemetryTests",
            uses: [
                "TestSupport", "Telemetry", "Spans", "JaegerAPI", "Clusters", "Upstream", lifecycle,
                logging, metricsKit, tracing,
            ]),
        tests("UpstreamTests", uses: ["TestSupport", "Upstream", "Clusters", logging, metricsKit]),
        tests("StorageTests", uses: ["TestSupport", "Storage", logging, metricsKit]),
        tests("ObservationsTests", uses: ["Observations", "TimeSeries"]),
        tests("AccessTests", uses: ["Access", "Clusters", "TimeSeries"]),
        tests(
            "FederationTests",
            uses: [
                "TestSupport", "TimeSeries", "Clusters", "Upstream", "Storage", "Observations",
                "Federation", "Spans", "Telemetry", lifecycle, tracing,
            ]),
        tests(
            "AlertingTests",
            uses: [
                "TestSupport", "TimeSeries", "PromQL", "PrometheusAPI", "Clusters", "Planning",
                "Evaluation", "Rules", "Upstream", "Storage", "Federation", "Observations",
                "Alerting", "Verification", lifecycle, logging, metrics, metricsKit,
            ]),
        tests(
            "HTTPAPITests",
            uses: [
                "TestSupport", "TimeSeries", "PromQL", "PrometheusAPI", "Clusters", "Planning",
                "Federation", "Rules", "Observations", "Alerting", "Spans", "JaegerAPI", "Traces",
                "Meshes", "ServiceGraph", "MeshHealth", "ControlPlane", "Telemetry", "Access",
                "Storage", "HTTPAPI", "Upstream", "CCompression", lifecycle,
                logging, metrics, metricsKit,
                tracing,
            ]),
        // These run the programs themselves, so they are built first.
        tests(
            "MeshSimTests", uses: ["TestSupport", "MeshSim", "MeshHealth", "Meshes", "TimeSeries"]),
        tests("GatewayTests", uses: ["TestSupport", "Gateway"]),
        tests("ConformanceTests", uses: ["TestSupport", "Gateway", "MeshSim"]),
        tests("DashboardTests", uses: ["TestSupport", "Gateway", "MeshSim"]),
        tests("ArchitectureTests", uses: []),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
