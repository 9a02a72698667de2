// swift-tools-version:6.2
import PackageDescription

// The fuzzers, apart from the package itself: everything here is built with the instrumentation
// that libFuzzer needs. `conformance/fuzz` builds and runs them.

// `conformance/fuzz --address` adds AddressSanitizer.
let sanitizers = ["fuzzer", Context.environment["FUZZER_SANITIZE"] ?? ""].filter { !$0.isEmpty }
    .joined(separator: ",")

let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .unsafeFlags(["-sanitize=\(sanitizers)", "-parse-as-library"]),
]

/// The fuzzer's library without a `main`, and AddressSanitizer's where it is wanted.
let linkerFlags =
    [Context.environment["FUZZER_LIBRARY"] ?? ""].filter { !$0.isEmpty }
    + (sanitizers.hasSuffix("address") ? ["-sanitize=address"] : [])

/// A module of the package, with the same arrows.
func module(_ name: String, uses: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: uses, swiftSettings: settings)
}

/// A program. The fuzzer's library has a `main` in its usual form, which would not go with a
/// program's own; the form without is named by `conformance/fuzz`.
func fuzzer(_ name: String) -> Target {
    .executableTarget(
        name: name, dependencies: ["CFuzzer", "Verification"], path: name,
        swiftSettings: settings,
        linkerSettings: [
            .unsafeFlags(linkerFlags),
            .linkedLibrary("stdc++"),
        ])
}

let package = Package(
    name: "fuzzing",
    targets: [
        .target(name: "CFuzzer", path: "CFuzzer"),
        .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),
        .target(name: "CNumerals"),
        .target(
            name: "CCompression",
            linkerSettings: [.linkedLibrary("z"), .linkedLibrary("zstd")]),
        .target(name: "CSnappy", linkerSettings: [.linkedLibrary("snappy")]),
        module("TimeSeries", uses: ["CRE2", "CNumerals"]),
        module("PromQL", uses: ["TimeSeries"]),
        module("PrometheusAPI", uses: ["TimeSeries", "CSnappy"]),
        module("Clusters", uses: ["TimeSeries"]),
        module("Planning", uses: ["TimeSeries", "PromQL", "Clusters"]),
        module("Evaluation", uses: ["TimeSeries", "PromQL", "Planning"]),
        module("Caching", uses: ["TimeSeries", "PromQL", "Planning", "CCompression"]),
        module("Rules", uses: ["TimeSeries", "PromQL", "Clusters", "Planning", "Evaluation"]),
        module("Spans"),
        module("JaegerAPI", uses: ["Spans"]),
        module(
            "Verification",
            uses: [
                "TimeSeries", "PromQL", "PrometheusAPI", "Clusters", "Planning", "Evaluation",
                "Caching", "Rules", "Spans", "JaegerAPI",
            ]),
        fuzzer("FuzzParser"),
        fuzzer("FuzzQuery"),
        fuzzer("FuzzTraces"),
        fuzzer("FuzzWire"),
        .executableTarget(
            name: "FuzzSeeds", dependencies: ["PrometheusAPI", "Verification"], path: "FuzzSeeds",
            swiftSettings: settings,
            linkerSettings: [
                .unsafeFlags(linkerFlags),
                .linkedLibrary("stdc++"),
            ]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
