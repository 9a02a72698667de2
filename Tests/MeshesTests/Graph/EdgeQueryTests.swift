import Foundation
import Meshes
import Testing
import TimeSeries

/// Queries about some edges, and what becomes of their answers.
@Suite struct EdgeQueryTests {
    private static let shop = CallEnd(
        cluster: "west", namespace: "shop", workload: "store-v1", app: "store", version: "v1",
        service: "store")
    private static let front = CallEnd(
        cluster: "east", namespace: "shop", workload: "front-v1", app: "front", version: "v1")

    private static func report(
        _ reporter: CallReport.Reporter, by cluster: String, _ rate: Double,
        dialect: Dialect = .istio
    ) -> CallReport {
        CallReport(
            source: front, destination: shop, reporter: reporter, reportedBy: cluster,
            dialect: dialect, measure: .http(code: 200, flags: "-"), rate: rate)
    }

    private static func labels(
        _ reporter: CallReport.Reporter, by cluster: String, to service: String = "store"
    ) -> Labels {
        [
            "cluster": cluster, "reporter": reporter.rawValue, "source_cluster": "east",
            "source_workload_namespace": "shop", "source_workload": "front-v1",
            "source_canonical_service": "front", "source_canonical_revision": "v1",
            "destination_cluster": "west", "destination_workload_namespace": "shop",
            "destination_workload": "store-v1", "destination_canonical_service": "store",
            "destination_canonical_revision": "v1", "destination_service_name": service,
        ]
    }

    private static func mapped(_ reports: [CallReport]) -> CallLedger.Mapped {
        var ledger = CallLedger(clusters: ["east", "west"])
        ledger.add(reports)
        return ledger.map(GraphShape())
    }

    private static let ends = CallGrouping(
        source: .app, destination: .service, outcome: false)

    private static func text(
        _ dialect: Dialect, _ source: FactQuery.Source, of reports: [CallReport]? = nil
    ) -> String {
        let mapped = mapped(reports ?? [report(.source, by: "east", 1, dialect: dialect)])
        return EdgeQuery(
            dialect, .latency, from: source, by: ends,
            names: EdgeQuery.Names(mapped.places.reports(of: [0]), in: dialect.row),
            clusters: ["east"], window: 300_000
        ).text
    }

    @Test func aSideWithOneLabelForNamesIsAskedByIt() {
        #expect(
            Self.text(.istio, .counters(.init("buckets")))
                == #"sum by (cluster, destination_service, destination_service_name, le, "#
                + #"reporter, source_app, source_canonical_service) (rate(buckets{"#
                + #"destination_service_name=~"|store|unknown","#
                + #"source_canonical_service=~"|front|unknown",cluster="east"}[5m]))"#)
    }

    @Test func recordedRatesAreSummedAsTheyAre() {
        let text = Self.text(.istio, .recorded("mesh:buckets"))
        #expect(text.contains("(mesh:buckets{destination_service_name"))
        #expect(!text.contains("rate("))
    }

    @Test func severalLabelsForNamesAreSeveralSelectorsThatAreUnited() {
        // Who sends names the service, who receives the workload.
        let text = Self.text(
            .linkerd, .counters(.init("buckets")),
            of: [
                Self.report(.source, by: "east", 1, dialect: .linkerd),
                Self.report(.destination, by: "east", 1, dialect: .linkerd),
            ])
        #expect(text.contains(#"direction="inbound",deployment=~"store|store-v1""#))
        #expect(text.contains(#"direction="outbound",dst_service=~"store|store-v1""#))
        #expect(text.contains(#"direction="outbound",dst_target_service=~"store|store-v1""#))
        #expect(text.components(separatedBy: " or ").count == 6)
    }

    @Test func upstreamsThatPatternsNameAreAskedForByWhoCallsThem() {
        let text = Self.text(.envoy, .counters(.init("buckets")))
        #expect(text.contains(#"rate(buckets{app="front",cluster="east"}[5m])"#))
        #expect(!text.contains("cluster_name="))
    }

    // MARK: Answers

    private static func addBuckets(
        _ labels: Labels, half bound: String, of mapped: CallLedger.Mapped,
        to latencies: inout EdgeLatencies
    ) {
        var batch = EdgeBatch(.istio, mapped.places)
        for (bound, rate) in [("0", 0), (bound, 5), ("1", 10), ("+Inf", 10.0)] {
            batch.addBucket(labels.setting("le", to: bound), rate: rate, factor: 1000)
        }
        // No bound at all, or none that is a number.
        batch.addBucket(labels, rate: 7, factor: 1000)
        batch.addBucket(labels.setting("le", to: "much"), rate: 7, factor: 1000)
        latencies.add(batch)
    }

    @Test func ofTwoWitnessesTheOneThatCountsIsTimed() throws {
        let mapped = Self.mapped([
            Self.report(.source, by: "east", 10), Self.report(.destination, by: "west", 10),
        ])
        var latencies = EdgeLatencies(of: [0], in: mapped.places)
        Self.addBuckets(
            Self.labels(.source, by: "east"), half: "0.080", of: mapped, to: &latencies)
        #expect(latencies.latency(of: 0) == nil)
        #expect(latencies.lacksReports(0))
        Self.addBuckets(
            Self.labels(.destination, by: "west"), half: "0.050", of: mapped, to: &latencies)
        #expect(latencies.latency(of: 0)?.p50 == 50)
        #expect(latencies.transit(of: 0) == 30)
        #expect(!latencies.lacksReports(0))
    }

    @Test func whatAloneReportsIsTimed() throws {
        let mapped = Self.mapped([Self.report(.source, by: "east", 10)])
        var latencies = EdgeLatencies(of: [0], in: mapped.places)
        Self.addBuckets(
            Self.labels(.source, by: "east"), half: "0.080", of: mapped, to: &latencies)
        #expect(latencies.latency(of: 0)?.p50 == 80)
        #expect(latencies.transit(of: 0) == nil)
    }

    @Test func bucketsOfOtherEdgesAreNobodys() throws {
        let mapped = Self.mapped([Self.report(.source, by: "east", 10)])
        var latencies = EdgeLatencies(of: [0], in: mapped.places)
        Self.addBuckets(
            Self.labels(.source, by: "east", to: "cart"), half: "0.080", of: mapped,
            to: &latencies)
        #expect(latencies.latency(of: 0) == nil)
    }
}
