import Foundation
import TestSupport
import Testing

/// The rules of deploy/rules: read, checked and unit-tested by isthmus and by promtool, with the
/// same verdict.
@Suite struct ShippedRulesTests {
    private static let deploy = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("deploy")

    private static let ruleFiles = files(in: "rules")
    /// For the clusters' own servers.
    private static let recordingFiles = files(in: "rules/recording")
    private static let unitTests = files(in: "rules/tests")
    private static let recordingTests = files(in: "rules/recording/tests")
    private static let outageTests = files(in: "rules/tests/clusters")

    /// The paths of the YAML files of a folder.
    private static func files(in folder: String) -> [String] {
        let path = deploy.appendingPathComponent(folder).path
        return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
            .filter { $0.hasSuffix(".yaml") }.map { "\(path)/\($0)" }.sorted()
    }

    /// An alert's rule, as far as its file's lines tell.
    struct ShippedAlert: Sendable, CustomTestStringConvertible {
        var name: String
        /// From its line to the next rule.
        var text: String

        var testDescription: String { name }
    }

    private static let alerts = ruleFiles.flatMap { (file: String) -> [ShippedAlert] in
        let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        return text.components(separatedBy: "      - ").compactMap { rule in
            guard rule.hasPrefix("alert: ") else { return nil }
            let name = rule.dropFirst("alert: ".count).prefix { !$0.isNewline }
            return ShippedAlert(name: String(name), text: rule)
        }
    }

    @Test func theRulesAndTheirTestsAreThere() {
        #expect(Self.ruleFiles.count > 5)
        #expect(Self.unitTests.count > 12)
        #expect(!Self.outageTests.isEmpty)
        #expect(Self.recordingFiles.count > 3)
        #expect(Self.recordingFiles.count == Self.recordingTests.count)
        #expect(Set(Self.alerts.map(\.name)).count > 12)
    }

    @Test(arguments: ruleFiles + recordingFiles)
    func ruleFilesAreFlawlessToBoth(_ file: String) async throws {
        let result = try await IsthmusCommand.run(["check", "rules", "--lint-fatal", file])
        #expect(result.status == 0, "\(result.errors)")
        let promtool = try await Command.run(
            "promtool", ["check", "rules", "--lint-fatal", file])
        #expect(promtool.status == 0, "\(promtool.errors)")
    }

    @Test(arguments: unitTests + recordingTests)
    func unitTestsPassInBoth(_ file: String) async throws {
        let result = try await IsthmusCommand.run(["test", "rules", file])
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        let promtool = try await Command.run("promtool", ["test", "rules", file])
        #expect(promtool.status == 0, "\(promtool.output)\(promtool.errors)")
    }

    @Test(arguments: outageTests)
    func testsWithMissingClustersPass(_ file: String) async throws {
        let result = try await IsthmusCommand.run(["test", "rules", file])
        #expect(result.status == 0, "\(result.output)\(result.errors)")
    }

    @Test(arguments: alerts)
    func everyAlertHasATestARunbookAndAWordForPeople(_ alert: ShippedAlert) throws {
        let names = Self.unitTests.map { URL(fileURLWithPath: $0).lastPathComponent }
        #expect(names.contains("\(alert.name).yaml"))
        let runbook = "rules/runbooks/\(alert.name).md"
        let page = try String(
            contentsOf: Self.deploy.appendingPathComponent(runbook), encoding: .utf8)
        #expect(page.hasPrefix("# \(alert.name)\n"))
        #expect(alert.text.contains("severity: "))
        // Rules of one alert share their annotations by a YAML alias.
        if !alert.text.contains("annotations: *") {
            #expect(alert.text.contains("runbook_url: deploy/\(runbook)\n"))
            #expect(alert.text.contains("summary: "))
            #expect(alert.text.contains("description: "))
        }
    }

    /// A test that passes with every limit taken away would prove nothing.
    @Test(arguments: [
        ("mesh-traffic", "> 1000", "> 0", "MeshLatencyHigh"),
        ("mesh-traffic", "> 0.05", "> 0.03", "MeshErrorRatioHigh"),
        ("mesh-traffic", "> 0.01", "> 0.005", "MeshRetriesExhausted"),
        ("mesh-resilience", "> 10", "> 9", "MeshCircuitBreakerTripped"),
        ("mesh-resilience", "> 0.2", "> 0.15", "MeshRetriesHigh"),
        ("mesh-identity", "< 30)", "< 31)", "MeshCertificateExpiring"),
        ("mesh-identity", " < 100000", "", "MeshCertificateExpiring"),
        ("mesh-identity", "> 1 < 30", "< 30", "MeshCertificateExpiring"),
        ("mesh-identity", "2 * 3600", "12 * 3600", "MeshWorkloadCertificateNotRenewed"),
        ("mesh-identity", "< 0.95 *", "< 1 *", "MeshMutualTLSFalling"),
        ("mesh-sidecars", "> 2", "> 1", "MeshSidecarCrashLooping"),
        ("slo", "14.4 * 0.001", "0.001", "MeshErrorBudgetBurningFast"),
        ("slo", "1 * 0.001", "0.1 * 0.001", "MeshErrorBudgetBurningSlowly"),
        ("federation", "> 60", "> 59", "FederationRuleEvaluationLag"),
        ("control-plane", "for: 2m", "for: 0s", "MeshControlPlaneDown"),
        ("control-plane", "unhealthy|unreachable", "un.+", "MeshControlPlaneDown"),
        ("control-plane", ",job=\"\"", "", "MeshControlPlaneDown"),
        ("control-plane", "for: 15m", "for: 10m", "MeshControlPlaneDegraded"),
        ("control-plane", "for: 30m", "for: 25m", "MeshControlPlaneUnobserved"),
        ("control-plane", "for: 5m", "for: 2m", "MeshConfigurationRejected"),
        ("control-plane", "for: 5m", "for: 2m", "MeshRemoteClusterNotSynced"),
        ("control-plane", ",job=\"\"", "", "MeshConfigurationRejected"),
        ("control-plane", ",job=\"\"", "", "MeshWorkloadCertificatesLate"),
        (
            "control-plane", ",kind!~\"rejected_configuration|remote_cluster_not_synced\"", "",
            "MeshConfigurationIssue"
        ),
        ("control-plane", "for: 30m", "for: 20m", "MeshConfigurationIssue"),
        ("control-plane", "< 30 * 86400", "< 31 * 86400", "MeshAuthorityCertificateExpiring"),
        ("control-plane", "< 60 * 86400", "< 30 * 86400", "MeshAuthorityCertificateExpiring"),
        ("control-plane", "< 7 * 86400", "< 9 * 86400", "MeshAuthorityCertificateExpiring"),
        ("control-plane", " / 3)", ")", "MeshAuthorityCertificateExpiring"),
        ("control-plane", "< 30 * 86400", "< 31 * 86400", "MeshCertificateExpiring"),
        ("control-plane", "kind=\"server\",", "", "MeshCertificateExpiring"),
        ("control-plane", ") / 4,", ") / 2,", "MeshWorkloadCertificatesLate"),
        ("control-plane", ") / 12,", ") / 4,", "MeshWorkloadCertificatesLate"),
        ("control-plane", "30 * 86400\n", "60 * 86400\n", "MeshWorkloadCertificatesLate"),
        ("control-plane", ",mesh=~\"istio|linkerd\"", "", "MeshWorkloadCertificatesLate"),
        ("control-plane", "> 0.1\n", "> 0.01\n", "MeshCrossClusterLoss"),
        ("control-plane", "|UO|", "|", "MeshCrossClusterLoss"),
    ])
    func aWeakerLimitFailsTheTests(
        _ file: String, _ limit: String, _ weaker: String, _ alert: String
    ) async throws {
        let directory = try TemporaryDirectory("rules")
        defer { directory.remove() }
        let rules = Self.deploy.appendingPathComponent("rules")
        let text = try String(
            contentsOf: rules.appendingPathComponent("\(file).yaml"), encoding: .utf8)
        try #require(text.contains(limit))
        // A test may look at several files.
        for shipped in Self.ruleFiles.map({ URL(fileURLWithPath: $0) }) {
            try directory.write(
                try String(contentsOf: shipped, encoding: .utf8), to: shipped.lastPathComponent)
        }
        try directory.write(
            text.replacingOccurrences(of: limit, with: weaker), to: "\(file).yaml")
        let test = try String(
            contentsOf: rules.appendingPathComponent("tests/\(alert).yaml"), encoding: .utf8)
        let path = try directory.write(
            test.replacingOccurrences(of: "../", with: ""), to: "\(alert).test.yaml")
        let result = try await IsthmusCommand.run(["test", "rules", path])
        #expect(result.status == 1)
        #expect(result.errors.contains("alertname: \(alert)"))
    }

    @Test func theExampleForAlertmanagerIsValid() async throws {
        let path = Self.deploy.appendingPathComponent("alertmanager/alertmanager.yml").path
        let result = try await Command.run("amtool", ["check-config", path])
        #expect(result.status == 0, "\(result.errors)")
    }
}
