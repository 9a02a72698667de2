import Meshes
import Testing
import TimeSeries

@Suite("Signals are read from the answers")
struct SignalReportTests {
    private static let requests = "istio_requests_total"
    private static let latency = "istio_request_duration_milliseconds_bucket"

    /// `web` of eu-1 calls `cart` of us-1, both of Istio.
    private func istio(_ more: Set<String> = []) -> CannedSignals {
        var mesh = CannedSignals()
        let metrics = more.union([Self.requests, Self.latency])
        mesh.cluster("eu-1", metrics: metrics)
        mesh.cluster("us-1", metrics: metrics)
        return mesh
    }

    private func near(_ value: Double?, _ expected: Double) -> Bool {
        value.map { abs($0 - expected) < 1e-9 } ?? false
    }

    @Test("Requests that both sides report count once, as the destination does")
    func countsOnce() {
        var mesh = istio()
        mesh.add(.istio, .requests, in: "eu-1", CannedSignals.istio("source"), 101)
        mesh.add(.istio, .requests, in: "us-1", CannedSignals.istio("destination"), 100)
        let report = mesh.report()
        #expect(report.service("cart")?.value(.requestRate) == 100)
        #expect(report.service("cart", in: "us-1")?.value(.requestRate) == 100)
        #expect(report.service("cart", in: "eu-1") == nil)
        let value = report.service("cart")?.signals[.requestRate]
        #expect(value?.derivedFrom == "istio_requests_total, reporter destination")
    }

    @Test("Requests that never arrived are added to what the destination saw")
    func addsWhatNeverArrived() {
        var mesh = istio()
        mesh.add(.istio, .requests, in: "eu-1", CannedSignals.istio("source"), 96)
        mesh.add(
            .istio, .requests, in: "eu-1",
            CannedSignals.istio("source", code: "503", flags: "UF,URX"), 4)
        mesh.add(.istio, .requests, in: "us-1", CannedSignals.istio("destination"), 96)
        let cart = mesh.report().service("cart")
        #expect(cart?.value(.requestRate) == 100)
        #expect(near(cart?.value(.errorRatio), 0.04))
        #expect(near(cart?.value(.httpErrorRatio), 0.04))
    }

    @Test("Where a destination reports nothing its callers do")
    func sourceFills() {
        var mesh = istio()
        mesh.add(.istio, .requests, in: "eu-1", CannedSignals.istio("source"), 30)
        mesh.add(.istio, .requests, in: "eu-1", CannedSignals.istio("source", code: "404"), 10)
        let report = mesh.report(missing: ["us-1"])
        let cart = report.service("cart")
        #expect(cart?.value(.requestRate) == 40)
        #expect(cart?.value(.clientErrorRatio) == 0.25)
        #expect(cart?.value(.errorRatio) == 0)
        #expect(cart?.missing == ["us-1"])
    }

    @Test("At each time the destination's word counts only where it has one")
    func decidesAtEachTime() {
        var mesh = istio()
        mesh.add(.istio, .requests, in: "eu-1", CannedSignals.istio("source"), 5, 6)
        mesh.add(
            .istio, .requests, in: "us-1", CannedSignals.istio("destination"), Absent.value, 7)
        let report = mesh.report {
            $0.range = 60_000
            $0.step = 60_000
        }
        #expect(report.service("cart")?.signals[.requestRate]?.values == [5, 7])
    }

    @Test("Ratios are of sums, not means of ratios, and errors of gRPC are errors")
    func ratiosAreOfSums() {
        var mesh = istio()
        mesh.add(.istio, .requests, in: "us-1", CannedSignals.istio("destination"), 90)
        mesh.add(
            .istio, .requests, in: "us-1",
            CannedSignals.istio(
                "destination", code: "200", flags: "-",
                ["request_protocol": "grpc", "grpc_response_status": "14"]), 5)
        mesh.add(
            .istio, .requests, in: "us-1",
            CannedSignals.istio(
                "destination", code: "200", flags: "-",
                ["request_protocol": "grpc", "grpc_response_status": "0"]), 5)
        mesh.add(
            .istio, .requests, in: "eu-1",
            CannedSignals.istio("destination", from: "eu-1", to: "eu-1", code: "0", flags: "DC"),
            100)
        let cart = mesh.report().service("cart")
        #expect(near(cart?.value(.errorRatio), 105.0 / 200))
        #expect(near(cart?.value(.noResponseRatio), 0.5))
        #expect(near(cart?.value(.grpcErrorRatio), 0.5))
        #expect(cart?.value(.httpErrorRatio) == 0)
    }

    @Test("Percentiles are of the buckets of all clusters, added")
    func percentilesOfSummedBuckets() {
        var mesh = istio()
        for (cluster, buckets) in [
            ("eu-1", [("10", 90.0), ("100", 90), ("+Inf", 90)]),
            ("us-1", [("10", 0), ("100", 10), ("+Inf", 10)]),
        ] {
            let labels = CannedSignals.istio("destination", from: cluster, to: cluster)
            mesh.add(.istio, .requests, in: cluster, labels, buckets[2].1)
            mesh.addBuckets(in: cluster, labels, buckets)
        }
        let report = mesh.report()
        // A mean of the clusters' own medians (5 and 55) would be 30.
        #expect(near(report.service("cart")?.value(.latencyP50), 50.0 / 9))
        #expect(near(report.service("cart")?.value(.latencyP95), 55))
        #expect(report.service("cart", in: "us-1")?.value(.latencyP50) == 55)
    }

    @Test("Of buckets with other bounds only those count that all have, and it is said")
    func differentLayouts() {
        var mesh = istio()
        for (cluster, buckets) in [
            ("eu-1", [("10", 8.0), ("50", 9), ("100", 10), ("+Inf", 10)]),
            ("us-1", [("10", 0), ("100", 10), ("+Inf", 10)]),
        ] {
            let labels = CannedSignals.istio("destination", from: cluster, to: cluster)
            mesh.add(.istio, .requests, in: cluster, labels, 10)
            mesh.addBuckets(in: cluster, labels, buckets)
        }
        let value = mesh.report().service("cart")?.signals[.latencyP50]
        #expect(near(value?.value, 10 + 90 * 2 / 12))
        #expect(value?.derivedFrom?.contains("bounds that all have") == true)
    }

    @Test("Buckets whose counts fall, or without common bounds, give no percentile but a reason")
    func brokenBuckets() {
        var mesh = istio()
        let labels = CannedSignals.istio("destination")
        mesh.add(.istio, .requests, in: "us-1", labels, 10)
        mesh.addBuckets(in: "us-1", labels, [("10", 8), ("50", 3), ("+Inf", 10)])
        let value = mesh.report().service("cart")?.signals[.latencyP90]
        #expect(value != nil)
        #expect(value?.value == nil)
        #expect(value?.because != nil)
    }

    @Test("Timeouts and circuit breakers are told by flags where no statistics are kept")
    func flagsTell() {
        var mesh = istio()
        mesh.add(.istio, .requests, in: "eu-1", CannedSignals.istio("source"), 90)
        mesh.add(
            .istio, .requests, in: "eu-1",
            CannedSignals.istio("source", code: "504", flags: "UT"), 3)
        mesh.add(
            .istio, .requests, in: "eu-1",
            CannedSignals.istio("source", code: "503", flags: "UO"), 7)
        mesh.add(.istio, .requests, in: "us-1", CannedSignals.istio("destination"), 90)
        mesh.add(
            .istio, .requests, in: "us-1",
            CannedSignals.istio("destination", code: "0", flags: "DC"), 3)
        let cart = mesh.report().service("cart")
        #expect(cart?.value(.requestRate) == 100)
        #expect(cart?.value(.timeoutRate) == 3)
        #expect(cart?.value(.circuitBreakerTripRate) == 7)
        #expect(cart?.signals[.timeoutRate]?.derivedFrom?.contains("response_flags") == true)
        #expect(cart?.signals[.retryRate]?.value == nil)
        #expect(cart?.signals[.retryRate]?.because?.isEmpty == false)
    }

    @Test("Statistics of Envoy are preferred, and tell of retries too")
    func statisticsTell() {
        let kept: [UpstreamStatistic] = [.tries, .retries, .retrySuccesses, .timeouts]
        var mesh = istio(Set(kept.flatMap(\.metrics)))
        mesh.add(.istio, .requests, in: "eu-1", CannedSignals.istio("source"), 100)
        mesh.add(.istio, .requests, in: "us-1", CannedSignals.istio("destination"), 100)
        let upstream = "outbound|80||cart.shop.svc.cluster.local"
        mesh.add(.tries, in: "eu-1", to: upstream, 110)
        mesh.add(.retries, in: "eu-1", to: upstream, 10)
        mesh.add(.retrySuccesses, in: "eu-1", to: upstream, 4)
        mesh.add(.timeouts, in: "eu-1", to: upstream, 2)
        mesh.add(.retries, in: "eu-1", to: "outbound|80||cart.other.svc.cluster.local", 99)
        let cart = mesh.report().service("cart")
        #expect(cart?.value(.retryRate) == 10)
        #expect(near(cart?.value(.retrySuccessRatio), 0.4))
        #expect(near(cart?.value(.retryAmplification), 1.1))
        #expect(cart?.value(.timeoutRate) == 2)
        #expect(
            cart?.signals[.retryRate]?.derivedFrom?.contains("envoy_cluster_upstream_rq_retry")
                == true)
    }

    @Test(
        "Bytes over TCP are as the source sees them, though Istio's names are the other way round")
    func directionOfBytes() {
        var mesh = CannedSignals()
        mesh.cluster(
            "us-1",
            metrics: ["istio_tcp_sent_bytes_total", "istio_tcp_received_bytes_total"])
        let labels = CannedSignals.istio("destination", ["request_protocol": "tcp"])
        mesh.add(.istio, .tcpRequestBytes, in: "us-1", labels, 10)
        mesh.add(.istio, .tcpResponseBytes, in: "us-1", labels, 2000)
        let cart = mesh.report().service("cart")
        #expect(cart?.value(.tcpSentRate) == 10)
        #expect(cart?.value(.tcpReceivedRate) == 2000)
        #expect(
            cart?.signals[.tcpSentRate]?.derivedFrom
                == "istio_tcp_received_bytes_total, reporter destination")
    }

    @Test("Mutual TLS is of the calls whose security is known; at the source a name tells")
    func mutualTLS() {
        var mesh = istio()
        let id = "spiffe://mesh.eu/ns/shop/sa/"
        let named = ["source_principal": id + "web", "destination_principal": id + "cart"]
        mesh.add(.istio, .requests, in: "eu-1", CannedSignals.istio("source", named), 60)
        mesh.add(
            .istio, .requests, in: "us-1",
            CannedSignals.istio("destination", from: "us-1", security: "none"), 20)
        mesh.add(
            .istio, .requests, in: "eu-1",
            CannedSignals.istio(
                "source", to: "ap-1",
                ["destination_service_name": "bare", "destination_principal": "unknown"]), 9)
        let report = mesh.report()
        let cart = report.service("cart")
        #expect(near(cart?.value(.mutualTLSRatio), 0.75))
        #expect(cart?.mutualTLS?.trustDomains == ["mesh.eu"])
        #expect(cart?.mutualTLS?.sourcePrincipals == [id + "web"])
        #expect(report.service("bare")?.value(.mutualTLSRatio) == nil)
    }

    @Test("Proxies' cores are those of the workloads behind the service")
    func resources() {
        var mesh = istio(["container_cpu_usage_seconds_total"])
        mesh.add(.istio, .requests, in: "us-1", CannedSignals.istio("destination"), 1)
        mesh.add(.cpu, in: "us-1", namespace: "shop", workload: "cart", 0.25)
        mesh.add(.cpu, in: "us-1", namespace: "other", workload: "cart", 8)
        mesh.add(.cpu, in: "us-1", namespace: "shop", workload: "web", 4)
        #expect(mesh.report().service("cart", in: "us-1")?.value(.proxyCPU) == 0.25)
    }

    @Test("A subject's health is judged as an edge's of the graph")
    func health() {
        var mesh = istio()
        mesh.add(.istio, .requests, in: "us-1", CannedSignals.istio("destination"), 999)
        mesh.add(.istio, .requests, in: "us-1", CannedSignals.istio("destination", code: "500"), 1)
        for (service, code, rate) in [
            ("callers", "404", 1.0), ("rare", "500", 0.01), ("silent", "0", 1), ("well", "200", 1),
        ] {
            mesh.add(
                .istio, .requests, in: "us-1",
                CannedSignals.istio(
                    "destination", code: code, ["destination_service_name": service]), rate)
        }
        let status = ["request_protocol": "grpc", "destination_service_name": "rpc"]
        for (code, rate) in [("0", 9.0), ("14", 1)] {
            mesh.add(
                .istio, .requests, in: "us-1",
                CannedSignals.istio(
                    "destination", status.merging(["grpc_response_status": code]) { $1 }), rate)
        }
        let report = mesh.report()
        func health(_ name: String) -> ServiceMap.Health? { report.service(name)?.health }
        #expect(health("cart")?.status == .degraded)
        let because =
            "0.1 % of the HTTP requests are answered with 5xx; from 0.1 % on it is degraded."
        #expect(health("cart")?.because == because)
        #expect(health("callers")?.status == .failing)
        #expect(health("rare")?.status == .unknown)
        #expect(health("silent")?.because.contains("get no response") == true)
        #expect(health("well")?.status == .healthy)
        #expect(health("rpc")?.because.contains("gRPC requests end with an error") == true)
        #expect(health("rpc")?.status == .failing)
    }
}
