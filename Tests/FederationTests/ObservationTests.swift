import Clusters
import Federation
import Observations
import ServiceLifecycle
import Storage
import Testing
import TimeSeries

/// The gateway's own series in answers, beside the clusters'.
@Suite struct ObservationTests {
    private static let now = ObservingGateway.now
    private static let alert: Labels = [
        "__name__": "ALERTS", "alertname": "Down", "cluster": "eu",
    ]

    private func element(_ labels: String, _ value: String) -> String {
        #"{"metric":{\#(labels)},"value":[1000,"\#(value)"]}"#
    }

    /// Two clusters, of which `us` has an alert of its own.
    private func gateway(
        maintenance: Set<String> = [], observationsAreWritten: Bool = false
    ) throws -> ObservingGateway {
        try ObservingGateway(
            [
                "eu": .vector(""),
                "us": .vector(element(#""__name__":"ALERTS","alertname":"Own""#, "1")),
            ], maintenance: maintenance, observationsAreWritten: observationsAreWritten)
    }

    // MARK: Answers

    @Test func theGatewaysOwnSeriesStandBesideThoseOfTheClusters() async throws {
        let gateway = try gateway()
        gateway.append(Self.alert, 1)
        let (elements, answer) = try await gateway.ask("ALERTS")
        #expect(
            elements == [
                #"ALERTS{alertname="Down", cluster="eu"} 1"#,
                #"ALERTS{alertname="Own", cluster="us"} 1"#,
            ])
        #expect(answer.annotations.isEmpty)
        #expect(answer.coverage.present == [ClusterID("eu"), ClusterID("us")])
        #expect(
            try await gateway.ask("sum by (cluster) (ALERTS)").elements == [
                #"{cluster="eu"} 1"#, #"{cluster="us"} 1"#,
            ])
        #expect(try await gateway.ask("absent(ALERTS)").elements == [])
        await gateway.end()
    }

    @Test func ofASeriesThatAClusterHasTooTheClustersValueCountsAndItIsSaid() async throws {
        let gateway = try gateway()
        gateway.append(["__name__": "ALERTS", "alertname": "Own", "cluster": "us"], 7)
        let (elements, answer) = try await gateway.ask("ALERTS")
        #expect(elements == [#"ALERTS{alertname="Own", cluster="us"} 1"#])
        #expect(
            answer.annotations.warnings == [
                "a cluster has series with the very labels of the gateway's own: ALERTS: where "
                    + "both have a value the cluster's counts"
            ])
        await gateway.end()
    }

    @Test func anEndedSeriesIsNotThere() async throws {
        let gateway = try gateway()
        gateway.append(Self.alert, 1, at: Self.now - 30_000)
        gateway.append(Self.alert, Absent.value, at: Self.now - 1000)
        let (elements, _) = try await gateway.ask("ALERTS")
        #expect(elements == [#"ALERTS{alertname="Own", cluster="us"} 1"#])
        await gateway.end()
    }

    @Test func whatClustersAnsweredBeforeDoesNotHideANewSample() async throws {
        let cache = AnswerCache(store: MemoryStore(maximumBytes: 1 << 20))
        let gateway = try ObservingGateway(["eu": .vector("")], cache: cache)
        gateway.append(Self.alert, 1)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in gateway.queries.services {
                group.addTask { try await service.run() }
            }
            // Until the cluster's answer is remembered.
            var asked = -1
            while asked != gateway.requestCount(of: "eu") {
                asked = gateway.requestCount(of: "eu")
                let (elements, _) = try await gateway.ask("ALERTS")
                #expect(elements.map(\.last) == ["1"])
            }
            gateway.append(Self.alert, 2)
            let (elements, _) = try await gateway.ask("ALERTS")
            #expect(elements.map(\.last) == ["2"])
            #expect(asked == gateway.requestCount(of: "eu"))
            group.cancelAll()
        }
        await gateway.end()
    }

    @Test func theGatewaysOwnSeriesAreWithinTheLimitOfAQuery() async throws {
        let gateway = try ObservingGateway(["eu": .vector("")], maximumSamples: 1000)
        for number in 0..<20 { gateway.append(Self.alert.setting("n", to: "\(number)"), 1) }
        func ask(step: Int64) async throws {
            _ = try await gateway.queries.query(
                QueryRequest(
                    expression: "count(ALERTS)",
                    times: .range(start: Self.now, end: Self.now + 100_000, step: step)))
        }
        try await ask(step: 10_000)
        await #expect(throws: QueryFailure.self) { try await ask(step: 1000) }
        await gateway.end()
    }

    // MARK: Clusters that are missing

    @Test func noClusterIsWaitedForWhereOnlyTheGatewayIsMeant() async throws {
        let gateway = try ObservingGateway(["eu": .silence, "us": .silence])
        gateway.append(["__name__": "isthmus:cluster_reachable", "cluster": "eu"], 0)
        let (elements, answer) = try await gateway.ask(
            "isthmus:cluster_reachable == 0", partialResponse: false)
        #expect(elements == [#"isthmus:cluster_reachable{cluster="eu"} 0"#])
        #expect(answer.coverage == Coverage())
        #expect(answer.annotations.isEmpty)
        #expect(gateway.requestCount(of: "eu") + gateway.requestCount(of: "us") == 0)
        await gateway.end()
    }

    @Test func whereNoClusterAnswersTheGatewaysOwnSeriesAreAnAnswer() async throws {
        let gateway = try ObservingGateway(["eu": .silence])
        gateway.append(Self.alert, 1)
        let (elements, answer) = try await gateway.ask("count(ALERTS)")
        #expect(elements == ["{} 1"])
        #expect(answer.coverage.missing.map(\.cluster) == [ClusterID("eu")])
        #expect(answer.annotations.warnings.contains { $0.hasPrefix("cluster eu is missing: ") })
        await gateway.end()
    }

    @Test(arguments: ["up", "ALERTS * on (cluster) up", "{alertname=\"Down\"}"])
    func whatIsAboutTheClustersTooIsNoAnswerWithoutThem(_ query: String) async throws {
        let gateway = try ObservingGateway(["eu": .silence])
        gateway.append(Self.alert, 1)
        await #expect(throws: QueryFailure.self) { _ = try await gateway.ask(query) }
        await gateway.end()
    }

    @Test func whoWantsAllClustersIsRefusedWhereOneIsMissing() async throws {
        let gateway = try ObservingGateway(["eu": .silence])
        gateway.append(Self.alert, 1)
        await #expect(throws: QueryFailure.self) {
            _ = try await gateway.ask("ALERTS", partialResponse: false)
        }
        await gateway.end()
    }

    // MARK: Where they begin

    private static let begin =
        "the gateway's own series begin at 1970-01-01T00:15:40Z: nothing earlier is known here of "

    @Test(arguments: [
        ("ALERTS", nil), ("count_over_time(ALERTS[59s])", nil),
        ("count_over_time(ALERTS[1h])", "ALERTS"), ("ALERTS offset 2m", "ALERTS"),
        ("ALERTS @ 100", "ALERTS"), ("max_over_time(sum(ALERTS)[10m:1m])", "ALERTS"),
        ("rate(up[1h])", nil), ("count_over_time({job=\"a\"}[1h])", nil),
    ])
    func aQueryOfEarlierTimesSaysWhereTheGatewaysOwnSeriesBegin(
        _ query: String, _ selector: String?
    ) async throws {
        let gateway = try gateway()
        gateway.append(Self.alert, 1)
        let (_, answer) = try await gateway.ask(query)
        let wanted = selector.map { [Self.begin + $0] } ?? []
        #expect(answer.annotations.warnings == Set(wanted))
        await gateway.end()
    }

    @Test func whatIsWrittenElsewhereHasNoBeginningButWhatIsTheGatewaysAlone() async throws {
        let gateway = try gateway(observationsAreWritten: true)
        gateway.append(Self.alert, 1)
        gateway.append(["__name__": "isthmus:x"], 1)
        let (_, answer) = try await gateway.ask("count_over_time(ALERTS[1h])")
        #expect(answer.annotations.warnings.isEmpty)
        let (_, other) = try await gateway.ask("count_over_time(isthmus:x[1h])")
        #expect(other.annotations.warnings == [Self.begin + "isthmus:x"])
        await gateway.end()
    }

    // MARK: Maintenance

    @Test func aClusterUnderMaintenanceIsNamedAndNotAsked() async throws {
        let gateway = try gateway(maintenance: ["us"])
        let (elements, answer) = try await gateway.ask("up")
        #expect(elements == [])
        #expect(answer.coverage.present == [ClusterID("eu")])
        #expect(answer.coverage.missing.map(\.cause) == ["maintenance"])
        #expect(
            answer.annotations.warnings == [
                "cluster us is missing: it is under maintenance, as its file says"
            ])
        await #expect(throws: QueryFailure.self) {
            _ = try await gateway.ask("up", partialResponse: false)
        }
        let labels = try await gateway.metadata.labelNames(MetadataRequest())
        #expect(labels.coverage.missing.map(\.cause) == ["maintenance"])
        #expect(gateway.requestCount(of: "us") == 0)
        await gateway.end()
    }

    @Test func aClusterUnderMaintenanceIsNotMissedWhereItIsNotMeant() async throws {
        let gateway = try gateway(maintenance: ["us"])
        let (_, answer) = try await gateway.ask("up{cluster=\"eu\"}", partialResponse: false)
        #expect(answer.coverage.missing.isEmpty)
        let series = try await gateway.metadata.series(
            MetadataRequest(selectors: ["up{cluster=\"eu\"}"], partialResponse: false))
        #expect(series.coverage.missing.isEmpty)
        await gateway.end()
    }

    @Test func theWatchSaysNothingOfAClusterUnderMaintenance() async throws {
        let gateway = try gateway(maintenance: ["us"])
        await gateway.watch.probeAll()
        #expect(gateway.fleet.current.state(of: ClusterID("eu")).reachable == true)
        #expect(gateway.fleet.current.state(of: ClusterID("us")).reachable == nil)
        #expect(gateway.requestCount(of: "us") == 0)
        await gateway.end()
    }

    // MARK: Metadata

    @Test func theGatewaysOwnSeriesAreListed() async throws {
        let gateway = try gateway()
        gateway.append(Self.alert, 1)
        let all = try await gateway.metadata.series(MetadataRequest())
        #expect(
            all.value.map { "\($0)" } == [
                #"ALERTS{alertname="Down", cluster="eu"}"#, #"up{cluster="eu", job="a"}"#,
                #"up{cluster="us", job="a"}"#,
            ])
        let names = try await gateway.metadata.labelNames(MetadataRequest())
        #expect(names.value == ["__name__", "alertname", "cluster", "job"])
        let values = try await gateway.metadata.labelValues(of: "alertname", MetadataRequest())
        #expect(values.value == ["Down"])
        let later = try await gateway.metadata.labelValues(
            of: "alertname", MetadataRequest(start: Self.now + 1))
        #expect(later.value == [])
        await gateway.end()
    }

    @Test func noClusterIsAskedToListWhatIsTheGatewaysAlone() async throws {
        let gateway = try ObservingGateway(["eu": .silence])
        gateway.append(["__name__": "isthmus:x", "cluster": "eu"], 1)
        let series = try await gateway.metadata.series(
            MetadataRequest(selectors: ["isthmus:x"], partialResponse: false))
        #expect(series.value.map { "\($0)" } == [#"isthmus:x{cluster="eu"}"#])
        #expect(gateway.requestCount(of: "eu") == 0)
        await gateway.end()
    }

    // MARK: Explanation

    @Test func theExplanationSaysWhatTheGatewayIsAsked() async throws {
        let gateway = try gateway(maintenance: ["us"])
        gateway.observations.declare(names: ["ALERTS"])
        let explanation = try await gateway.queries.explain(
            ExplainRequest(query: QueryRequest(expression: "ALERTS", times: .instant(0))))
        #expect(explanation.description.contains("\n  the gateway's own series: ALERTS\n"))
        #expect(explanation.description.contains("under maintenance, so not asked: us\n"))
        #expect(explanation.description.contains("clusters: 1 of 2 asked\n"))
        #expect("\(explanation.json)".contains(#""gatewaysOwnSeries":true"#))
        await gateway.end()
    }
}
