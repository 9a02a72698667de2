import Alerting
import Clusters
import Logging
import MetricsTestKit
import PrometheusAPI
import Rules
import ServiceLifecycle
import TestSupport
import TimeSeries
import Upstream

/// A notifier that runs for one test, and what it counts.
struct NotifierFixture {
    let notifier: Notifier
    let metrics: TestMetrics

    /// What a counter has counted for an Alertmanager's address.
    func count(_ row: MetricRow, _ address: String) -> Int64 {
        let labels = [("alertmanager", address + "/api/v2/alerts")]
        return (try? metrics.expectCounter(row.name, labels).totalValue) ?? 0
    }
}

/// Runs `body` beside a notifier, which is cancelled at its end. What `before` does comes before the
/// notifier runs.
func withNotifier<Result: Sendable>(
    _ settings: NotifierSettings, lookup: NameLookup = .system,
    before: @Sendable (Notifier) -> Void = { _ in },
    _ body: @Sendable (NotifierFixture) async throws -> Result
) async throws -> Result {
    let upstream = UpstreamClient(UpstreamSettings(version: "1.2.3"))
    let metrics = TestMetrics()
    let notifier = Notifier(
        settings, upstream: upstream, lookup: lookup, logger: quietLogger, metrics: metrics)
    before(notifier)
    do {
        let result = try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await notifier.run() }
            let result = try await body(NotifierFixture(notifier: notifier, metrics: metrics))
            tasks.cancelAll()
            return result
        }
        await upstream.stop()
        return result
    } catch {
        await upstream.stop()
        throw error
    }
}

let quietLogger: Logger = {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
}()

extension NotifierSettings {
    /// To servers at addresses, with pauses that tests can wait for.
    static func to(_ targets: String...) -> NotifierSettings {
        var settings = NotifierSettings(
            alertmanagers: [AlertmanagerSettings(targets: targets)],
            externalURL: "http://gateway.test/isthmus/")
        settings.retries.firstPause = .milliseconds(10)
        settings.retries.longestPause = .milliseconds(50)
        return settings
    }
}

extension FaultServer {
    /// `host:port`, as configurations name it.
    var target: String { "127.0.0.1:\(port)" }
}

extension FaultServer.Facts {
    /// The names of the alerts in each request.
    var alertNames: [[String]] { requests.map { request in request.alerts.map(\.name) } }
}

extension FaultServer.Request {
    struct Alert: Hashable, Sendable {
        var name: String
        var endsAt: String
        var labels: [String: String]
    }

    /// The alerts of the body.
    var alerts: [Alert] {
        guard case .array(let elements)? = try? JSONValue(parsing: body) else { return [] }
        return elements.map { element in
            let labels = element["labels"]?.texts ?? [:]
            return Alert(
                name: labels["alertname"] ?? "", endsAt: element["endsAt"]?.text ?? "",
                labels: labels)
        }
    }
}

extension JSONValue {
    fileprivate subscript(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    fileprivate var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    fileprivate var texts: [String: String] {
        guard case .object(let members) = self else { return [:] }
        return Dictionary(members.map { ($0.name, $0.value.text ?? "") }) { $1 }
    }
}

/// The time of tests, milliseconds since the Unix epoch: in the future of any machine, so that
/// alerts that end then fire.
let testTime: Int64 = 4_000_000_000_123

extension AlertNotification {
    /// An alert of this name that fires, with further labels.
    static func firing(_ name: String, _ labels: Labels = Labels()) -> AlertNotification {
        AlertNotification(
            labels: labels.setting("alertname", to: name), startsAt: 1_700_000_000_000,
            endsAt: testTime, expression: "up == 0")
    }

    /// The same alert when it is over.
    static func resolved(_ name: String) -> AlertNotification {
        var alert = firing(name)
        alert.endsAt = 1_700_000_060_000
        alert.isResolved = true
        return alert
    }
}
