import ArgumentParser

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// `meshsim openmetrics`: prints the past of one cluster.
struct OpenMetricsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openmetrics",
        abstract: "Prints a cluster's past as OpenMetrics text.",
        discussion: """
            The text is made for 'promtool tsdb create-blocks-from openmetrics'. Its samples bear \
            the labels that a Prometheus scraping 'meshsim' adds, if they are given.

            Example:
              meshsim openmetrics --cluster eu-1 --step 15s \
            --start 2026-03-01T12:00:00Z --end 2026-03-01T13:00:00Z \
            --instance 127.0.0.1:9791 --job istio-mesh
            """)

    @Option(help: "The cluster.")
    var cluster: ClusterName

    @Option(help: "The first time: Unix seconds or RFC 3339.")
    var start: Moment

    @Option(help: "The last time, if the steps meet it.")
    var end: Moment

    @Option(help: "The time between two samples: 15s, 500ms, 1m.")
    var step = Step(milliseconds: 15_000)

    @Option(help: "The value of the label 'instance'; none if not given.")
    var instance: String?

    @Option(help: "The value of the label 'job'; none if not given.")
    var job: String?

    @OptionGroup var simulation: SimulationOptions

    func validate() throws {
        guard start.milliseconds <= end.milliseconds else {
            throw ValidationError("--start must not be after --end.")
        }
        guard (end.milliseconds - start.milliseconds) / step.milliseconds < 1_000_000 else {
            throw ValidationError("More than a million steps. Choose a greater --step.")
        }
    }

    func run() throws {
        let profile = try simulation.profile(cluster)
        var target: Labels = [:]
        if let instance { target = target.with("instance", instance) }
        if let job { target = target.with("job", job) }
        let plan = simulation.plan
        let writer = ExpositionWriter(
            metricFamilies(of: profile, in: try simulation.topology()), format: .openMetrics,
            extraLabels: target)
        let times = stride(
            from: start.milliseconds, through: end.milliseconds, by: Int(step.milliseconds)
        ).map { ExpositionWriter.HistoryTime(milliseconds: $0, plan: plan) }
        try writer.history(at: times, writeToStandardOutput)
    }

    private func writeToStandardOutput(_ bytes: [UInt8]) throws {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                write(
                    STDOUT_FILENO, buffer.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw ExitCode.failure }
            written += count
        }
    }
}

/// A time on the command line.
struct Moment: ExpressibleByArgument, CustomStringConvertible {
    /// Since the Unix epoch.
    var milliseconds: Int64

    init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Unix seconds, perhaps with a fraction, or RFC 3339.
    init?(argument: String) {
        let latest = 253_402_300_799.0
        if let seconds = Double(argument), (0...latest).contains(seconds) {
            milliseconds = Int64((seconds * 1000).rounded())
        } else if let date = try? Date.ISO8601FormatStyle().parse(argument) {
            milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded())
        } else {
            return nil
        }
    }

    var description: String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000)
            .formatted(Date.ISO8601FormatStyle())
    }
}

/// A length of time on the command line.
struct Step: ExpressibleByArgument, CustomStringConvertible {
    /// At least one.
    var milliseconds: Int64

    init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    init?(argument: String) {
        let units: [(suffix: String, milliseconds: Int64)] = [
            ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("", 1000),
        ]
        guard let unit = units.first(where: { argument.hasSuffix($0.suffix) }),
            let number = Int64(argument.dropLast(unit.suffix.count)), number > 0,
            number <= 1_000_000_000
        else { return nil }
        milliseconds = number * unit.milliseconds
    }

    var description: String {
        milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }
}
