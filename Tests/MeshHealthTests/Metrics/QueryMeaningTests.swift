import Evaluation
import MeshHealth
import PromQL
import Testing
import TimeSeries

/// What the queries of the tables give over samples. A sample is taken each minute.
@Suite struct QueryMeaningTests {
    /// The answer to a query of either table, by its name, after some minutes: the numbers by the
    /// labels as they are written.
    private static func answer(
        _ name: String, after minutes: Int, _ series: KeyValuePairs<String, [Double?]>
    ) throws -> [String: Double] {
        let text = try #require(HealthRuleTests.all.first { $0.name == name }?.text)
        let time = Int64(minutes) * 60_000
        let query = try parse(text).resolved(
            in: QueryTimes(start: time, end: time, step: 0, defaultSubqueryStep: 60_000))
        let outcome = try evaluate(query, over: store(series), on: TimeGrid(instant: time))
        let samples = MetricSample.all(of: outcome.value)
        return Dictionary(uniqueKeysWithValues: samples.map { ("\($0.labels)", $0.value) })
    }

    private static func store(_ series: KeyValuePairs<String, [Double?]>) throws -> SampleStore {
        var store = SampleStore()
        for (name, values) in series {
            let labels = Labels(try parseSelector(name).matchers.map { ($0.name, $0.value) })
            for (minute, value) in values.enumerated() {
                guard let value else { continue }
                store.set(.float(value), of: labels, at: Int64(minute) * 60_000)
            }
        }
        return store
    }

    private static func constant(_ value: Double?, _ count: Int = 60) -> [Double?] {
        Array(repeating: value, count: count)
    }

    private static func rising(by step: Double, from start: Double = 0) -> [Double?] {
        (0..<60).map { start + Double($0) * step }
    }

    private static let rejects = #"pilot_total_xds_rejects{cluster="a",instance="i",type="cds"}"#

    @Test func theFirstRefusalOfAKindCountsThoughItMakesItsSeries() throws {
        let values = Self.constant(nil, 20) + Self.constant(3, 40)
        #expect(
            try Self.answer("nacks", after: 25, [Self.rejects: values])
                == [#"{cluster="a", type="cds"}"#: 3])
        #expect(try Self.answer("nacks", after: 45, [Self.rejects: values]) == [:])
    }

    @Test func refusalsOfLongAgoDoNotCountNorDoThoseThatWereAwayForAWhile() throws {
        #expect(try Self.answer("nacks", after: 30, [Self.rejects: Self.constant(5)]) == [:])
        let gap = Self.constant(5, 20) + Self.constant(nil, 20) + Self.constant(5, 20)
        for minutes in [42, 55] {
            #expect(try Self.answer("nacks", after: minutes, [Self.rejects: gap]) == [:])
        }
    }

    @Test func consulsLeaderAloneSaysSomething() throws {
        let healthy: KeyValuePairs = [
            #"consul_autopilot_healthy{cluster="a",instance="1"}"#: Self.constant(.nan),
            #"consul_autopilot_healthy{cluster="a",instance="2"}"#: Self.constant(1),
            #"consul_autopilot_healthy{cluster="b",instance="1"}"#: Self.constant(.nan),
            #"consul_autopilot_healthy{cluster="b",instance="2"}"#: Self.constant(.nan),
            #"consul_autopilot_healthy{cluster="c",instance="1"}"#: Self.constant(0),
            #"consul_autopilot_failure_tolerance{cluster="a",instance="2"}"#: Self.constant(0),
        ]
        #expect(
            try Self.answer("consul-without-leader", after: 20, healthy)
                == [#"{cluster="b"}"#: 2])
        #expect(
            try Self.answer("consul-autopilot", after: 20, healthy)
                == [#"{cluster="a"}"#: 0, #"{cluster="c"}"#: 1])
        #expect(
            try Self.answer("consul-tolerance", after: 20, healthy) == [#"{cluster="a"}"#: 2])
    }

    /// A cluster that istiod has forgotten stays with 0 for each status.
    @Test func aRemoteClusterCountsByTheStatusThatItIsIn() throws {
        let name = #"istiod_remote_cluster_sync_status{cluster="a",exported_cluster="#
        #expect(
            try Self.answer(
                "remote-clusters", after: 20,
                [
                    name + #""w",status="timeout"}"#: Self.constant(1),
                    name + #""w",status="synced"}"#: Self.constant(0),
                    name + #""x",status="synced"}"#: Self.constant(1),
                    name + #""gone",status="closed"}"#: Self.constant(0),
                ]) == [#"{cluster="a", exported_cluster="w", status="timeout"}"#: 1])
    }

    @Test func aCAThatHasNeverIssuedAnythingFailsWholly() throws {
        #expect(
            try Self.answer(
                "istiod-issuance-failures", after: 20,
                [
                    #"citadel_server_csr_count{cluster="a"}"#: Self.rising(by: 60),
                    #"citadel_server_csr_count{cluster="b"}"#: Self.rising(by: 60),
                    #"citadel_server_success_cert_issuance_count{cluster="b"}"#: Self.rising(
                        by: 30),
                ]) == [#"{cluster="a"}"#: 1, #"{cluster="b"}"#: 0.5])
    }

    @Test func proxiesThatAreNoMoreConnectedAreAShareOfThoseBefore() throws {
        #expect(
            try Self.answer(
                "istiod-proxies-lost", after: 45,
                [
                    #"pilot_xds{cluster="a",instance="1"}"#:
                        Self.constant(100, 40) + Self.constant(50, 20),
                    #"pilot_xds{cluster="a",instance="2"}"#: Self.constant(100),
                ]) == [#"{cluster="a"}"#: 0.25])
    }

    @Test func aGatewayThatIsSwitchedOffIsMissedByNobody() throws {
        #expect(
            try Self.answer(
                "linkerd-gateways", after: 20,
                [
                    #"gateway_alive{cluster="a",target_cluster_name="w"}"#: Self.constant(0),
                    #"gateway_alive{cluster="a",target_cluster_name="x"}"#: Self.constant(0),
                    #"gateway_enabled{cluster="a",target_cluster_name="x"}"#: Self.constant(0),
                    #"gateway_enabled{cluster="a",target_cluster_name="w"}"#: Self.constant(1),
                ]) == [#"{cluster="a", target_cluster_name="w"}"#: 1])
    }

    @Test func timesThatRemainAreTimesOfTheEndHoweverOldTheSample() throws {
        let left = (0..<60).map { minute in minute <= 20 ? 7200.0 - Double(minute) * 60 : nil }
        for minutes in [20, 24] {
            #expect(
                try Self.answer(
                    "istio-agent", after: minutes,
                    [#"istio_agent_cert_expiry_seconds{cluster="a",pod="p"}"#: left])
                    == [#"{cluster="a", pod="p"}"#: 7200])
        }
    }

    @Test func citadelsTimeCountsBeforeWhatRemainsUnlessItIsNone() throws {
        let left = Self.rising(by: -60, from: 7200)
        #expect(
            try Self.answer(
                "citadel-root", after: 20,
                [
                    #"citadel_server_root_cert_expiry_timestamp{cluster="a"}"#: Self.constant(-1),
                    #"citadel_server_root_cert_expiry_seconds{cluster="a"}"#: left,
                    #"citadel_server_root_cert_expiry_timestamp{cluster="b"}"#:
                        Self.constant(9000),
                    #"citadel_server_root_cert_expiry_seconds{cluster="b"}"#: left,
                ]) == [#"{cluster="a"}"#: 7200, #"{cluster="b"}"#: 9000])
    }

    @Test func consulsFollowersHaveNoCertificate() throws {
        #expect(
            try Self.answer(
                "consul-root", after: 20,
                [
                    #"consul_mesh_active_root_ca_expiry{cluster="a",instance="i"}"#:
                        Self.constant(.nan),
                    #"consul_mesh_active_root_ca_expiry{cluster="a",instance="j"}"#:
                        Self.constant(3600),
                ]) == [#"{cluster="a", instance="j"}"#: 4800])
    }

    @Test func agentsThatFailAreAShareOfAllAgents() throws {
        #expect(
            try Self.answer(
                "agent-connections", after: 25,
                [
                    #"istio_agent_istiod_connection_failures{cluster="a",pod="p"}"#:
                        Self.constant(0, 20) + Self.constant(3, 20),
                    #"istio_agent_cert_expiry_seconds{cluster="a",pod="p",resource_name="default"}"#:
                        Self.constant(1),
                    #"istio_agent_cert_expiry_seconds{cluster="a",pod="q",resource_name="default"}"#:
                        Self.constant(1),
                    #"istio_agent_cert_expiry_seconds{cluster="a",pod="q",resource_name="ROOTCA"}"#:
                        Self.constant(1),
                ]) == [#"{cluster="a"}"#: 0.5])
    }

    /// An agent that has failed for the first time has a counter from then on alone.
    @Test func theFirstFailureOfAnAgentCountsThoughItMakesItsSeries() throws {
        #expect(
            try Self.answer(
                "agent-connections", after: 25,
                [
                    #"istio_agent_istiod_connection_failures{cluster="a",pod="p"}"#:
                        Self.constant(nil, 20) + Self.constant(1, 20),
                    #"istio_agent_cert_expiry_seconds{cluster="a",pod="p",resource_name="default"}"#:
                        Self.constant(1),
                ]) == [#"{cluster="a"}"#: 1])
    }

    /// Once in half an hour each connection ends, which older releases call an error.
    @Test func aZtunnelThatLosesIstiodAgainAndAgainIsCutOff() throws {
        let name = #"istio_xds_connection_terminations_total{cluster="a",pod="#
        func step(_ count: Double) -> [Double?] {
            Self.constant(5, 20) + Self.constant(5 + count)
        }
        let series: KeyValuePairs = [
            name + #""p",reason="Error"}"#: step(1),
            name + #""q",reason="ConnectionError"}"#: step(20),
            name + #""q",reason="Error"}"#: step(1),
            name + #""r",reason="Reconnect"}"#: step(20),
            name + #""s",reason="Complete"}"#: step(20),
            name + #""t",reason="ConnectionError"}"#: Self.constant(nil, 22) + Self.constant(3),
        ]
        #expect(try Self.answer("ztunnel-cut-off", after: 25, series) == [#"{cluster="a"}"#: 2])
        #expect(try Self.answer("ztunnel-cut-off", after: 45, series) == [:])
    }

    @Test func whatIsGoneWasThereWithinTheHour() throws {
        let info: KeyValuePairs = [
            #"pilot_info{cluster="a"}"#: Self.constant(1, 20) + Self.constant(nil, 40)
        ]
        #expect(try Self.answer("istiod-earlier", after: 50, info) == [#"{cluster="a"}"#: 1])
        #expect(try Self.answer("istiod", after: 50, info) == [:])
    }
}
