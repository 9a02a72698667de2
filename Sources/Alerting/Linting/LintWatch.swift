import Logging
import Metrics
import Rules
import ServiceLifecycle
import Synchronization

/// Looks at the gateway's own rules beside the clusters' series again and again, and keeps what was
/// found: for the metric `isthmus_rule_lint_findings`, and for whoever asks for rules.
package final class LintWatch: ServiceLifecycle.Service, Sendable {
    private let groups: @Sendable () -> [GroupReport]
    private let lint: @Sendable () -> LiveLint
    private let clock: AlertingClock
    private let metrics: any MetricsFactory
    private let logger: Logger
    /// By the group's key and the rule, so that they outlive evaluations, and end with the rule.
    private let found = Mutex<[Subject: [LintFinding]]>([:])

    private struct Subject: Hashable {
        var group: String
        var rule: Rule
    }

    /// Milliseconds until the first look: the clusters are asked who they are before.
    private static let delay: Int64 = 30_000
    /// Milliseconds between two looks.
    private static let interval: Int64 = 3_600_000
    /// The clusters have other things to do.
    private static let concurrency = 2
    private static let maximumQuestions = 5_000

    /// `lint` is made anew for each look, of the clusters that answer then.
    package init(
        groups: @escaping @Sendable () -> [GroupReport],
        lint: @escaping @Sendable () -> LiveLint, clock: AlertingClock,
        metrics: any MetricsFactory = MetricsSystem.factory,
        logger: Logger = Logger(label: "isthmus.alerting")
    ) {
        self.groups = groups
        self.lint = lint
        self.clock = clock
        self.metrics = metrics
        self.logger = logger
    }

    package func run() async {
        await cancelWhenGracefulShutdown {
            await self.clock.sleep(self.clock.now() + Self.delay)
            while !Task.isCancelled {
                await self.look()
                await self.clock.sleep(self.clock.now() + Self.interval)
            }
        }
    }

    /// Looks once, now. Where a cluster fails meanwhile, what was found before stays.
    package func look() async {
        let groups = groups().map(\.state.group).filter { $0.key != BuiltInRules.group.key }
        var lint = lint()
        lint.concurrency = Self.concurrency
        lint.maximumQuestions = Self.maximumQuestions
        let findings: [[[LintFinding]]]
        do {
            findings = try await lint.findings(in: groups)
        } catch {
            logger.debug("rules are not linted", metadata: ["reason": "\(error)"])
            return
        }
        var bySubject: [Subject: [LintFinding]] = [:]
        for (group, byRule) in zip(groups, findings) {
            for (rule, found) in zip(group.rules, byRule) where !found.isEmpty {
                bySubject[Subject(group: group.key, rule: rule)] = found
            }
        }
        found.withLock { $0 = bySubject }
        for (kind, count) in LiveLint.counts(findings) {
            Gauge(
                label: AlertingMetric.lintFindings.name, dimensions: [("kind", kind.rawValue)],
                factory: metrics
            ).record(count)
        }
    }

    /// The groups with what was found in their rules.
    package var reports: [GroupReport] {
        let found = found.withLock { $0 }
        return groups().map { report in
            var report = report
            report.ruleFindings = report.state.group.rules.map { rule in
                found[Subject(group: report.state.group.key, rule: rule)] ?? []
            }
            return report
        }
    }
}
