import Clusters
import MeshHealth
import Testing
import TimeSeries

/// What is known, as series.
@Suite struct HealthSeriesTests {
    private static let target = ProbeTarget(.istiod, cluster: "east", instance: "http://a")

    private static func reading(_ reply: ProbeReply) -> ProbeReading {
        ProbeReading(.istiodReady, of: target, reply, took: .milliseconds(1500), at: 0)
    }

    private static func texts(_ series: HealthSeries, where isMeant: (Double) -> Bool) -> [String] {
        series.samples.filter { isMeant($0.value) }.map { "\($0.labels) \($0.value)" }.sorted()
    }

    @Test func aComponentIsInOneState() {
        var series = HealthSeries()
        let instance = InstanceHealth(
            Self.target, [Self.reading(.answered(ProbeAnswer(status: 503)))])
        series.add(
            ComponentHealth(
                Self.target.component, quorum: .one, [instance],
                states: ["http://a": .healthy]),
            states: ["http://a": .healthy])
        let component = #"cluster="east", component="istiod""#
        #expect(
            Self.texts(series) { $0 > 0 } == [
                "mesh_control_plane_instance_state{\(component), instance=\"http://a\", "
                    + "mesh=\"istio\", state=\"healthy\"} 1.0",
                "mesh_control_plane_probe_duration_seconds{\(component), instance=\"http://a\", "
                    + "mesh=\"istio\", probe=\"istiod-ready\"} 1.5",
                "mesh_control_plane_state{\(component), mesh=\"istio\", state=\"healthy\"} 1.0",
            ])
        #expect(series.samples.count == 2 * ComponentState.allCases.count + 2)
    }

    @Test func whatDidNotAnswerTookNoTime() {
        var series = HealthSeries()
        let instance = InstanceHealth(Self.target, [Self.reading(.failed(ProbeFailure(.timeout)))])
        series.add(ComponentHealth(Self.target.component, quorum: .one, [instance]))
        let names = Set(series.samples.compactMap(\.labels.metricName))
        #expect(
            names == [
                "mesh_control_plane_state", "mesh_control_plane_instance_state",
                "mesh_control_plane_probe_success",
            ])
    }

    @Test func certificatesThatNoLabelTellsApartAreOneSeriesWithTheFirstEnd() {
        func certificate(_ end: Int64) -> Certificate {
            Certificate(
                .workload, mesh: .istio, cluster: "east", subject: "default", instance: "shop/a",
                expiry: .exactly(end), source: .agentGauge, evidence: [])
        }
        var series = HealthSeries()
        series.add([certificate(2000), certificate(1000)])
        #expect(
            Self.texts(series) { _ in true } == [
                #"mesh_certificate_expiry_timestamp_seconds{cluster="east", instance="shop/a", "#
                    + #"kind="workload", mesh="istio", source="agent", subject="default"} 1000.0"#
            ])
    }

    @Test func issuesThatAreNotThereAreZero() {
        var series = HealthSeries()
        series.add(
            [
                ConfigurationIssue(
                    .noRoute, Self.target.component, subject: "a",
                    evidence: Evidence(.metric(query: "q")))
            ], clusters: ["east", "west"])
        #expect(series.samples.count == 2 * IssueKind.allCases.count)
        #expect(
            Self.texts(series) { $0 > 0 } == [
                #"mesh_config_issues{cluster="east", kind="no_route", severity="warning"} 1.0"#
            ])
    }

    @Test func noSeriesIsThereTwice() {
        var series = HealthSeries()
        let instance = InstanceHealth(
            Self.target,
            Self.target.probes.map { probe in
                ProbeReading(
                    probe, of: Self.target, .answered(ProbeAnswer(status: 200, text: "[]")),
                    took: .zero, at: 0)
            })
        series.add(ComponentHealth(Self.target.component, quorum: .one, [instance]))
        #expect(Set(series.samples.map(\.labels)).count == series.samples.count)
    }
}
