import Meshes
import Testing

@Suite("Bounds of histograms")
struct BucketLayoutTests {
    private typealias Buckets = [(String, Double)]

    /// A mesh in which `cart` is called in each of these clusters, with these buckets.
    private static func report(_ clusters: [(String, Buckets)]) -> SignalReport {
        var mesh = CannedSignals()
        for (cluster, buckets) in clusters {
            mesh.cluster(
                cluster,
                metrics: ["istio_requests_total", "istio_request_duration_milliseconds_bucket"])
            let labels = CannedSignals.istio("destination", from: cluster, to: cluster)
            mesh.add(.istio, .requests, in: cluster, labels, buckets.last?.1 ?? 0)
            mesh.addBuckets(in: cluster, labels, buckets)
        }
        return mesh.report()
    }

    private static func value(_ report: SignalReport, _ signal: Signal) -> SignalValue? {
        report.service("cart")?.signals[signal]
    }

    @Test("Bounds that all have, and are narrow, need no words")
    func plain() {
        let buckets: Buckets = [("10", 5), ("25", 9), ("50", 10), ("+Inf", 10)]
        let report = Self.report([("eu-1", buckets), ("us-1", buckets)])
        #expect(Self.value(report, .latencyP90)?.limits == [])
        #expect(
            Self.value(report, .latencyP90)?.derivedFrom
                == "istio_request_duration_milliseconds_bucket, reporter destination")
        #expect(report.warnings.isEmpty)
    }

    @Test("Clusters of different bounds are added by those that both have, which a warning says")
    func different() throws {
        let report = Self.report([
            ("eu-1", [("10", 4), ("20", 8), ("40", 10), ("+Inf", 10)]),
            ("us-1", [("10", 2), ("30", 8), ("40", 10), ("+Inf", 10)]),
        ])
        let value = try #require(Self.value(report, .latencyP50))
        // 6 of 20 up to 10 ms, all up to 40: the tenth is at 10 + 30 · 4/14.
        #expect(abs((value.value ?? 0) - (10 + 30 * 4.0 / 14)) < 1e-9)
        #expect(value.limits == [.commonBounds])
        #expect(
            report.warnings == [
                "histograms of different bounds were added by the bounds that all of them have: "
                    + "shop/cart"
            ])
        // Each for itself has all its bounds.
        #expect(report.service("cart", in: "eu-1")?.signals[.latencyP50]?.limits == [])
    }

    @Test("What took longer than the last bound is said to be more than is told")
    func beyond() throws {
        let report = Self.report([("eu-1", [("10", 5), ("50", 9), ("+Inf", 10)])])
        let value = try #require(Self.value(report, .latencyP99))
        #expect(value.value == 50)
        #expect(value.limits == [.lastBucket])
        #expect(value.derivedFrom?.hasSuffix(", beyond the last bound of 50 ms") == true)
        #expect(Self.value(report, .latencyP50)?.limits == [])
        #expect(
            report.warnings == [
                "percentiles beyond the last bound of a histogram may be more than is told: "
                    + "shop/cart"
            ])
    }

    @Test("A percentile inside a wide bucket names the bucket")
    func wide() throws {
        let report = Self.report([("eu-1", [("100", 5), ("1000", 10), ("2000", 10), ("+Inf", 10)])])
        let high = try #require(Self.value(report, .latencyP90))
        #expect(high.limits == [.wideBucket])
        #expect(high.derivedFrom?.hasSuffix(", in a bucket of 100 to 1000 ms") == true)
        // The first bucket begins at 0.
        let low = try #require(Self.value(report, .latencyP50))
        #expect(low.derivedFrom?.hasSuffix(", in a bucket of 0 to 100 ms") == true)
        #expect(report.warnings.isEmpty)
    }

    @Test("Envoy's own bounds are wide nowhere, nor are Linkerd's")
    func meshesOwn() {
        let envoy = [
            "0.5", "1", "5", "10", "25", "50", "100", "250", "500", "1000", "2500", "5000", "10000",
            "30000", "60000", "300000", "600000", "1800000", "3600000",
        ]
        for filled in envoy.indices {
            // All requests are in one bucket.
            let buckets = envoy.enumerated().map { ($1, $0 < filled ? 0 : 10.0) } + [("+Inf", 10)]
            let value = Self.value(Self.report([("eu-1", buckets)]), .latencyP50)
            #expect(value?.limits == [], "\(envoy[filled])")
        }
    }

    @Test("Counts that fall as bounds rise are no percentile, and a warning says why")
    func contradictory() throws {
        // Of two pods one has the bound of 50 ms and the other that of 40.
        let report = Self.report([("eu-1", [("10", 8), ("40", 9), ("50", 1), ("+Inf", 10)])])
        let value = try #require(Self.value(report, .latencyP50))
        #expect(value.value == nil)
        #expect(value.limits == [.contradictory])
        #expect(
            value.because
                == "counts fall as bounds rise: proxies behind one report have different bounds")
        #expect(report.warnings.count == 1)
    }

    @Test("Histograms without a common bound give no percentile and a reason")
    func nothingInCommon() {
        let report = Self.report([
            ("eu-1", [("10", 8), ("+Inf", 10)]), ("us-1", [("20", 8), ("+Inf", 10)]),
        ])
        let value = Self.value(report, .latencyP50)
        #expect(value?.value == nil)
        #expect(value?.because == "the histograms of the reports have no bounds in common")
        #expect(value?.limits == [.commonBounds])
    }
}
