import Foundation
import Synchronization
import TestSupport

/// The cases of the alert generators' specification as time goes by: their samples are scraped by
/// real Prometheus, the gateway asks these, and tells a real Alertmanager and one that only notes
/// what it is told.
final class AlertGeneratorLive: Sendable {
    let step: Duration
    private let course: Course
    private let targets: [FaultServer]
    private let clusters: [PrometheusServer]
    let notebook: Notebook
    let webhook: WebhookReceiver
    let alertmanager: AlertmanagerServer
    let gateway: IsthmusServer
    private let rules: TemporaryDirectory

    /// When step 0 is, by both clocks; unknown until everything runs.
    private final class Course: Sendable {
        private let begin = Mutex<(instant: ContinuousClock.Instant, date: Date)?>(nil)

        /// Step 0 is so much later.
        func begin(after pause: Duration) {
            begin.withLock {
                $0 = (.now + pause, Date().addingTimeInterval(pause / .seconds(1)))
            }
        }

        var instant: ContinuousClock.Instant? { begin.withLock { $0?.instant } }

        var date: Date { begin.withLock { $0?.date } ?? .distantFuture }
    }

    /// Starts everything; step 0 is some steps after all of it runs.
    init(over count: Int, step: Duration) async throws {
        self.step = step
        let course = Course()
        self.course = course
        targets = try (0..<count).map { number in
            try FaultServer { _ in
                .answer(
                    headers: ["Content-Type: text/plain; version=0.0.4"],
                    text: Self.metrics(
                        of: number, among: count,
                        at: course.instant.map { (ContinuousClock.now - $0) / step } ?? -1))
            }
        }
        var clusters: [PrometheusServer] = []
        for (number, target) in targets.enumerated() {
            var options = PrometheusServer.Options()
            options.scrapedPort = target.port
            options.scrapeInterval = "\(max(100, step.milliseconds))ms"
            clusters.append(try await PrometheusServer("c\(number)", options))
        }
        self.clusters = clusters
        notebook = try Notebook()
        webhook = try WebhookReceiver()
        alertmanager = try await AlertmanagerServer(
            configuration: AlertmanagerServer.configuration(webhook: webhook))
        rules = try TemporaryDirectory("alert-generator")
        let path = try rules.write(Self.ruleFile(step: step), to: "rules.yaml")
        gateway = try await IsthmusServer(
            clusters.enumerated().map { .init("c\($0)", urls: [$1.address]) },
            configuration: """
                alerting:
                  rule_files: ['\(path)']
                  built_in_rules: false
                  resend_delay: \(step.milliseconds * 4)ms
                  resolved_retention: \(step.milliseconds * 60)ms
                  alertmanagers:
                  - static_configs: [{targets: ['\(alertmanager.target)']}]
                  - url: \(notebook.url)
                """)
        course.begin(after: step * 4)
    }

    func end() async {
        await gateway.end()
        await alertmanager.end()
        for cluster in clusters { await cluster.end() }
        for target in targets { target.stop() }
        notebook.stop()
        webhook.stop()
        rules.remove()
    }

    /// Waits until a step is over.
    func wait(until last: Int) async throws {
        guard let start = course.instant else { return }
        try await Task.sleep(until: start + step * (last + 1))
    }

    // MARK: Samples

    private static func metrics(of number: Int, among count: Int, at time: Double) -> String {
        guard time >= 0 else { return "" }
        let step = Int(time)
        var lines = ["# TYPE alert_generator_case gauge"]
        for example in AlertGeneratorCase.all {
            for (place, series) in example.series.enumerated() {
                // The two series that meet each other have the cluster's label in common.
                let owner = example.name == "new_alerts" ? 0 : place % count
                guard owner == number, step < series.values.count else { continue }
                let labels = series.labels.filter { $0.key != "__name__" }
                    .sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }
                lines.append(
                    "alert_generator_case{\(labels.joined(separator: ","))} \(series.values[step])")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func ruleFile(step: Duration) -> String {
        var lines = ["groups:"]
        for example in AlertGeneratorCase.all {
            lines += [
                "- name: \(example.name)", "  interval: \(2 * step.milliseconds)ms", "  rules:",
            ]
            for rule in example.rules {
                lines += [
                    "  - alert: \(rule.alert)", "    expr: \(quoted(rule.expression))",
                    "    for: \(Int64(rule.hold) * step.milliseconds)ms", "    labels:",
                    "      case: \(example.name)",
                ]
                lines += rule.labels.sorted { $0.key < $1.key }.map {
                    "      \($0.key): \(quoted($0.value))"
                }
                lines.append("    annotations:")
                lines += rule.annotations.sorted { $0.key < $1.key }.map {
                    "      \($0.key): \(quoted($0.value))"
                }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.replacingOccurrences(of: "'", with: "''") + "'"
    }

    // MARK: What was told

    /// What tells the alerts of all cases apart.
    struct AlertKey: Hashable, Sendable {
        var example: String
        var name: String
        var variant: String

        init(example: String, labels: [String: String]) {
            self.example = example
            name = labels["alertname"] ?? ""
            variant = labels["variant"] ?? ""
        }
    }

    /// A message as it reached an Alertmanager, times in steps since step 0.
    struct Message: Hashable, Sendable {
        var alert: AlertKey
        var annotations: [String: String]
        var received: Double
        var start: Double
        var end: Double

        /// Whether it says that the alert is over.
        var isResolved: Bool { end <= received }
    }

    /// What the notebook has been told, in order.
    func messages() throws -> [Message] {
        try notebook.pages.flatMap { page in
            try Self.decoder.decode([Posted].self, from: Data(page.body)).map { posted in
                Message(
                    alert: AlertKey(
                        example: posted.labels["case"] ?? "", labels: posted.labels),
                    annotations: posted.annotations, received: steps(page.received),
                    start: steps(posted.startsAt), end: steps(posted.endsAt))
            }
        }
    }

    /// The time of a step, seconds since the Unix epoch.
    func time(ofStep step: Double) -> Double {
        course.date.timeIntervalSince1970 + step * Double(self.step.milliseconds) / 1000
    }

    private func steps(_ date: Date) -> Double {
        date.timeIntervalSince(course.date) / (Double(step.milliseconds) / 1000)
    }

    private struct Posted: Decodable {
        var labels: [String: String]
        var annotations: [String: String]
        var startsAt: Date
        var endsAt: Date
    }

    private static let decoder = {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let text = try decoder.singleValueContainer().decode(String.self)
            let format = ISO8601DateFormatter()
            for options: ISO8601DateFormatter.Options in [
                [.withInternetDateTime, .withFractionalSeconds], [.withInternetDateTime],
            ] {
                format.formatOptions = options
                if let date = format.date(from: text) { return date }
            }
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: text))
        }
        return decoder
    }()
}

/// An Alertmanager that takes everything and notes when.
final class Notebook: Sendable {
    struct Page: Sendable {
        var received: Date
        var body: [UInt8]
    }

    private final class Log: Sendable {
        let pages = Mutex<[Page]>([])
    }

    private let log: Log
    private let server: FaultServer

    init() throws {
        let log = Log()
        self.log = log
        server = try FaultServer { request in
            log.pages.withLock { $0.append(Page(received: Date(), body: request.body)) }
            return .answer(text: "{}")
        }
    }

    var url: String { server.url }

    var pages: [Page] { log.pages.withLock { $0 } }

    func stop() { server.stop() }
}

extension Duration {
    /// Whole milliseconds.
    fileprivate var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
