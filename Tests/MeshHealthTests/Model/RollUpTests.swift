import Clusters
import MeshHealth
import Testing

/// Replicas, components, clusters and the fleet.
@Suite struct RollUpTests {
    @Test(arguments: [
        (
            [ComponentState.healthy, .unreachable, .unreachable], Quorum.one,
            ComponentState.degraded
        ),
        ([.healthy, .healthy], .one, .healthy),
        ([.healthy, .unknown, .unauthorized], .one, .healthy),
        ([.degraded, .healthy], .one, .degraded),
        ([.unreachable, .unreachable], .one, .unreachable),
        ([.unreachable, .unhealthy], .one, .unhealthy),
        // A replica that refuses us may well work.
        ([.unreachable, .unauthorized], .one, .unauthorized),
        ([.unreachable, .unknown], .one, .unknown),
        ([.healthy, .healthy, .unreachable], .majority, .degraded),
        // One of three works, which is no majority.
        ([.healthy, .unreachable, .unreachable], .majority, .unhealthy),
        ([.healthy, .unreachable, .unauthorized], .majority, .unauthorized),
        ([.healthy, .unhealthy], .all, .unhealthy),
        ([.healthy, .healthy], .all, .healthy),
        ([], .one, .unknown), ([], .majority, .unknown),
    ])
    func replicasAreAsMuchAsTheirQuorum(
        _ states: [ComponentState], _ quorum: Quorum, _ expected: ComponentState
    ) {
        #expect(ComponentHealth.state(of: states, quorum: quorum) == expected)
        #expect(ComponentHealth.state(of: states.reversed(), quorum: quorum) == expected)
    }

    @Test func whatIsKnownToBeAmissRanksAboveWhatIsNotKnown() {
        let order = ComponentState.allCases.sorted()
        #expect(
            order == [.healthy, .unknown, .unauthorized, .degraded, .unreachable, .unhealthy])
    }

    private static let target = ProbeTarget(.istiod, cluster: "east", instance: "http://istiod")

    private static func reading(
        _ probe: Probe, _ state: ComponentState, version: String? = nil
    ) -> ProbeReading {
        ProbeReading(
            target: target, probe: probe, status: 200, latency: .zero, observedAt: 0,
            finding: ProbeFinding(state, "\(probe.rawValue) \(state.rawValue)", version: version))
    }

    private static func instance(_ readings: ProbeReading...) -> InstanceHealth {
        InstanceHealth(target, readings)
    }

    @Test func whatWeMayNotAskTakesNothingFromWhatWeMay() {
        let instance = Self.instance(
            Self.reading(.istiodReady, .healthy), Self.reading(.istiodSync, .unauthorized),
            Self.reading(.istiodVersion, .unknown))
        #expect(instance.state == .healthy)
        #expect(instance.blind.map(\.probe) == [.istiodSync, .istiodVersion])
    }

    @Test func anotherEndpointThatDoesNotAnswerTakesNothingEither() {
        let instance = Self.instance(
            Self.reading(.istiodReady, .healthy), Self.reading(.istiodSync, .unreachable))
        #expect(instance.state == .healthy)
        #expect(instance.blind.map(\.probe) == [.istiodSync])
    }

    @Test func whatAnswersEverythingButTheEssentialQuestionIsDegraded() {
        let instance = Self.instance(
            Self.reading(.istiodReady, .unreachable),
            Self.reading(.istiodVersion, .healthy, version: "1.24.0"))
        #expect(instance.state == .degraded)
        #expect(instance.version == "1.24.0")
        #expect(instance.details == ["istiod-ready unreachable"])
    }

    @Test func anEndpointThatIsNotThereLeavesTheAnswerToOthers() {
        // The port of the metrics has no `/ready`.
        let instance = Self.instance(
            Self.reading(.istiodReady, .unknown), Self.reading(.istiodVersion, .healthy))
        #expect(instance.state == .healthy)
    }

    @Test func nothingButRefusalsIsUnauthorized() {
        let instance = Self.instance(
            Self.reading(.istiodReady, .unauthorized), Self.reading(.istiodVersion, .unknown))
        #expect(instance.state == .unauthorized)
        #expect(Self.instance(Self.reading(.istiodReady, .unreachable)).state == .unreachable)
        #expect(Self.instance().state == .unknown)
    }

    @Test func whatDetailsTellOfFaultsCounts() {
        let instance = Self.instance(
            Self.reading(.istiodReady, .healthy), Self.reading(.istiodSync, .degraded))
        #expect(instance.state == .degraded)
        #expect(instance.details == ["istiod-syncz degraded"])
    }

    private static func metrics(_ state: ComponentState) -> MetricHealth {
        MetricHealth(id: target.component, state: state, detail: "d", findings: [], unanswered: [])
    }

    private static func component(
        _ states: [ComponentState], metrics: ComponentState? = nil, cluster: String = "east"
    ) -> ComponentHealth {
        var id = target.component
        id.cluster = cluster
        return ComponentHealth(
            id, quorum: .one, states.map { instance(reading(.istiodReady, $0)) },
            metrics: metrics.map(Self.metrics))
    }

    @Test(arguments: [
        ([ComponentState.healthy], ComponentState.degraded, ComponentState.degraded),
        ([.healthy], .unhealthy, .unhealthy), ([.healthy], .unknown, .healthy),
        ([.unauthorized], .healthy, .healthy), ([], .degraded, .degraded),
        // Metrics are minutes old.
        ([.unreachable], .healthy, .unreachable),
        // What answers is there, though nobody scrapes it.
        ([.healthy], .unreachable, .healthy), ([.unknown], .unreachable, .unreachable),
        ([], .unreachable, .unreachable),
    ])
    func metricsSayWorseAndFillWhatProbesLeaveOpen(
        _ states: [ComponentState], _ metrics: ComponentState, _ expected: ComponentState
    ) {
        #expect(Self.component(states, metrics: metrics).state == expected)
    }

    @Test func whatIsBelievedCountsBeforeTheLastReading() {
        let health = ComponentHealth(
            Self.target.component, quorum: .one,
            [Self.instance(Self.reading(.istiodReady, .unreachable))],
            states: ["http://istiod": .healthy])
        #expect(health.state == .healthy)
        #expect(health.detail == "1 healthy of 1, 1 needed")
        #expect(health.instances.map(\.believed) == [.healthy])
        #expect(health.instances.map(\.state) == [.unreachable])
    }

    @Test func clustersAreAsTheirWorstComponentAndTheFleetAsItsWorstCluster() {
        let fleet = FleetHealth(
            [
                Self.component([.healthy]), Self.component([.degraded]),
                Self.component([.healthy], cluster: "west"),
            ], clusters: ["east", "west", "north"])
        #expect(fleet.clusters.map(\.cluster) == ["east", "north", "west"])
        #expect(fleet.clusters.map(\.state) == [.degraded, .unknown, .healthy])
        #expect(fleet.clusters[0].components.map(\.state) == [.degraded, .healthy])
        #expect(fleet.state == .degraded)
        #expect(fleet.count(of: .unknown) == 1)
        #expect(FleetHealth([], clusters: []).state == .unknown)
    }
}
