import Meshes
import Testing
import TimeSeries

/// Services that clusters of several meshes call: who tells of which calls, and that each counts once.
@Suite("Signals of services that several meshes call")
struct SharedServiceTests {
    private static let istio: Set<String> = [
        "istio_requests_total", "istio_request_duration_milliseconds_bucket",
        "istio_tcp_sent_bytes_total", "istio_tcp_connections_opened_total",
    ]
    private static let linkerd: Set<String> = ["response_total", "response_latency_ms_bucket"]
    private static let consul: Set<String> = [
        "envoy_cluster_upstream_rq_xx", "envoy_cluster_upstream_rq_time_bucket",
    ]
    private static let spans: Set<String> = [
        "traces_span_metrics_calls_total", "traces_span_metrics_duration_milliseconds_bucket",
    ]

    private static let nobody = [
        "source_workload": "unknown", "source_workload_namespace": "unknown",
        "source_canonical_service": "unknown", "source_cluster": "unknown",
    ]

    /// What a proxy of Linkerd takes at `shop/cart`.
    private static func inbound(
        _ status: String = "200", workload: String = "cart"
    ) -> [String: String] {
        [
            "direction": "inbound", "namespace": "shop", "deployment": workload,
            "status_code": status, "classification": status == "200" ? "success" : "failure",
            "tls": "true",
        ]
    }

    /// What `web` of a cluster of Linkerd sends to `shop/cart` of another cluster.
    private static func outbound(to cluster: String, _ status: String = "200") -> [String: String] {
        [
            "direction": "outbound", "namespace": "shop", "deployment": "web",
            "dst_namespace": "shop", "dst_service": "cart-\(cluster)",
            "dst_target_cluster": cluster, "dst_target_service": "cart",
            "dst_target_service_namespace": "shop", "status_code": status,
            "classification": status == "200" ? "success" : "failure",
        ]
    }

    /// What `web` of a cluster of Consul sends to `shop/cart` of a cluster.
    private static func upstream(to cluster: String, _ hundred: String = "2") -> [String: String] {
        [
            "envoy_cluster_name": "cart", "consul_destination_service": "cart",
            "consul_destination_namespace": "shop", "consul_destination_datacenter": cluster,
            "consul_source_service": "web", "envoy_response_code_class": hundred,
        ]
    }

    /// What a sidecar of Consul hands on to its application, `shop/cart`.
    private static func local(_ hundred: String = "2") -> [String: String] {
        [
            "envoy_cluster_name": "local_app", "consul_source_service": "cart",
            "consul_source_namespace": "shop", "envoy_response_code_class": hundred,
        ]
    }

    private static let served = [
        "service_name": "cart", "service_namespace": "shop", "span_kind": "SPAN_KIND_SERVER",
        "status_code": "STATUS_CODE_UNSET", "http_response_status_code": "200",
    ]

    private func isNear(_ value: Double?, _ expected: Double) -> Bool {
        value.map { abs($0 - expected) < 1e-9 } ?? false
    }

    /// The rate of `cart` in a cluster, after it was found to be the same in all.
    private func rate(_ mesh: CannedSignals, in cluster: String) -> Double? {
        let report = mesh.report()
        let rate = report.service("cart", in: cluster)?.value(.requestRate)
        #expect(report.service("cart")?.value(.requestRate) == rate)
        #expect(report.subjects.count == 2)
        return rate
    }

    // MARK: Istio and Linkerd

    /// `web` of eu-1, of Istio, calls `cart` of linkerd-1, whose proxies do not know who calls.
    private func istioToLinkerd() -> CannedSignals {
        var mesh = CannedSignals()
        mesh.cluster("eu-1", metrics: Self.istio)
        mesh.cluster("linkerd-1", metrics: Self.linkerd)
        let sent = CannedSignals.istio("source", to: "linkerd-1")
        mesh.add(.istio, .requests, in: "eu-1", sent, 40)
        mesh.addBuckets(in: "eu-1", sent, [("10", 0), ("50", 0), ("100", 40), ("+Inf", 40)])
        return mesh
    }

    private func addInbound(
        _ mesh: inout CannedSignals, _ buckets: [(String, Double)], ok: Double, failed: Double
    ) {
        mesh.add(.linkerd, .requests, in: "linkerd-1", Self.inbound(), ok)
        mesh.add(.linkerd, .requests, in: "linkerd-1", Self.inbound("500"), failed)
        for (bound, rate) in buckets {
            let labels = Self.inbound().merging(["le": bound]) { $1 }
            mesh.add(.linkerd, .latency, in: "linkerd-1", labels, rate)
        }
    }

    @Test func aDestinationThatCannotNameItsCallersCountsThemAll() {
        var mesh = istioToLinkerd()
        addInbound(
            &mesh, [("10", 50), ("50", 50), ("100", 50), ("+Inf", 50)], ok: 45, failed: 5)
        #expect(rate(mesh, in: "linkerd-1") == 50)
        let cart = mesh.report().service("cart", in: "linkerd-1")
        #expect(isNear(cart?.value(.errorRatio), 0.1))
        // As it times them itself, not as the caller far away does.
        #expect(cart?.value(.latencyP50) == 5)
        #expect(cart?.signals[.requestRate]?.derivedFrom == "response_total, reporter destination")
        #expect(cart?.dialects == [.linkerd])
        #expect(cart?.value(.mutualTLSRatio) == 1)
    }

    @Test func whatACallerHasSentBeyondThatCountsToo() {
        var mesh = istioToLinkerd()
        addInbound(&mesh, [("10", 30), ("100", 30), ("+Inf", 30)], ok: 30, failed: 0)
        #expect(rate(mesh, in: "linkerd-1") == 40)
        let cart = mesh.report().service("cart", in: "linkerd-1")
        #expect(cart?.value(.latencyP50) == 5)
        #expect(
            cart?.signals[.requestRate]?.derivedFrom
                == "istio_requests_total, response_total, reporters destination and source")
    }

    @Test func whatTheCallersProxyCouldNotSendIsAdded() {
        var mesh = istioToLinkerd()
        let refused = CannedSignals.istio("source", to: "linkerd-1", code: "503", flags: "UF,URX")
        mesh.add(.istio, .requests, in: "eu-1", refused, 10)
        addInbound(&mesh, [], ok: 90, failed: 0)
        #expect(rate(mesh, in: "linkerd-1") == 100)
        #expect(isNear(mesh.report().service("cart")?.value(.errorRatio), 0.1))
    }

    @Test func aClusterThatIsCutOffIsToldOfByItsCallers() {
        var mesh = istioToLinkerd()
        mesh.clusters[1].missing = "refused"
        mesh.clusters[1].dialects = []
        let cart = mesh.report(missing: ["linkerd-1"]).service("cart", in: "linkerd-1")
        #expect(cart?.value(.requestRate) == 40)
        #expect(cart?.value(.latencyP50) == 75)
        #expect(cart?.missing == ["linkerd-1"])
    }

    @Test func aCallerThatIsCutOffIsAmongThoseWithoutAName() {
        var mesh = istioToLinkerd()
        addInbound(&mesh, [], ok: 50, failed: 0)
        mesh.clusters[0].dialects = []
        #expect(rate(mesh, in: "linkerd-1") == 50)
    }

    @Test func aCallerOfLinkerdIsAStrangerToIstioAndCountsOnce() {
        var mesh = CannedSignals()
        mesh.cluster("eu-1", metrics: Self.istio)
        mesh.cluster("linkerd-1", metrics: Self.linkerd)
        let inside = CannedSignals.istio("destination", from: "eu-1", to: "eu-1")
        mesh.add(
            .istio, .requests, in: "eu-1", CannedSignals.istio("source", to: "eu-1"), 61)
        mesh.add(.istio, .requests, in: "eu-1", inside, 60)
        let strange = CannedSignals.istio("destination", to: "eu-1", Self.nobody)
        mesh.add(.istio, .requests, in: "eu-1", strange, 40)
        // A 503 that the destination answered is no failure to get there.
        mesh.add(.linkerd, .requests, in: "linkerd-1", Self.outbound(to: "eu-1"), 35)
        mesh.add(.linkerd, .requests, in: "linkerd-1", Self.outbound(to: "eu-1", "503"), 5)
        #expect(rate(mesh, in: "eu-1") == 100)
        #expect(mesh.report().service("cart")?.dialects == [.istio])
    }

    @Test func anEdgeHasItsCallersWordThoughTheServiceHasTheDestinations() {
        var mesh = istioToLinkerd()
        addInbound(&mesh, [], ok: 50, failed: 0)
        let edges = mesh.report { $0.grouping = .edge }.subjects
        #expect(edges.map { $0.value(.requestRate) } == [40])
        #expect(edges.first?.value(.latencyP50) == 75)
        #expect(edges.first?.subject.source?.service == "web")
        #expect(
            mesh.report { $0.grouping = .mesh }.subjects.map { $0.value(.requestRate) } == [50])
    }

    @Test func aCallerFillsInOnlyWhileTheDestinationIsSilent() {
        var mesh = CannedSignals()
        mesh.cluster("eu-1", metrics: Self.istio)
        mesh.cluster("linkerd-1", metrics: Self.linkerd)
        let sent = CannedSignals.istio("source", to: "linkerd-1")
        mesh.add(.istio, .requests, in: "eu-1", sent, 40, 40, 40)
        mesh.add(.linkerd, .requests, in: "linkerd-1", Self.inbound(), 50, Absent.value, 50)
        let report = mesh.report {
            $0.range = 120_000
            $0.step = 60_000
        }
        #expect(report.service("cart")?.signals[.requestRate]?.values == [50, 40, 50])
    }

    // MARK: Consul

    @Test func whatConsulsCallersCountAndItsSidecarsDoNotHasFailed() {
        var mesh = CannedSignals()
        mesh.cluster("consul-1", metrics: Self.consul)
        mesh.add(.envoy, .requests, in: "consul-1", Self.upstream(to: "consul-1"), 90)
        mesh.add(.envoy, .requests, in: "consul-1", Self.upstream(to: "consul-1", "5"), 10)
        mesh.add(.envoy, .requests, in: "consul-1", Self.local(), 90)
        mesh.add(.envoy, .requests, in: "consul-1", Self.local("5"), 4)
        #expect(rate(mesh, in: "consul-1") == 100)
        #expect(isNear(mesh.report().service("cart")?.value(.errorRatio), 0.1))
    }

    @Test func aCallerOfConsulIsAStrangerToIstioAndCountsOnce() {
        var mesh = CannedSignals()
        mesh.cluster("eu-1", metrics: Self.istio)
        mesh.cluster("consul-1", metrics: Self.consul)
        let near = CannedSignals.istio("destination", from: "eu-1", to: "eu-1")
        mesh.add(.istio, .requests, in: "eu-1", near, 70)
        mesh.addBuckets(in: "eu-1", near, [("10", 70), ("100", 70), ("+Inf", 70)])
        let strange = CannedSignals.istio("destination", to: "eu-1", Self.nobody)
        mesh.add(.istio, .requests, in: "eu-1", strange, 30)
        mesh.addBuckets(in: "eu-1", strange, [("10", 0), ("100", 30), ("+Inf", 30)])
        let sent = Self.upstream(to: "eu-1")
        mesh.add(.envoy, .requests, in: "consul-1", sent, 30)
        for bound in ["1000", "+Inf"] {
            let labels = sent.merging(["le": bound]) { $1 }
            mesh.add(.envoy, .latency, in: "consul-1", labels, 30)
        }
        #expect(rate(mesh, in: "eu-1") == 100)
        let cart = mesh.report().service("cart", in: "eu-1")
        #expect(isNear(cart?.value(.latencyP50), 10 * 50 / 70))
        #expect(cart?.signals[.latencyP50]?.derivedFrom?.contains("reporter destination") == true)
    }

    // MARK: Spans

    @Test func spansOfAServiceHoldItsCallersOfOtherMeshes() {
        var mesh = CannedSignals()
        mesh.cluster("eu-1", metrics: Self.istio)
        mesh.cluster("otel-1", metrics: Self.spans)
        mesh.add(.istio, .requests, in: "eu-1", CannedSignals.istio("source", to: "otel-1"), 20)
        mesh.add(.spanMetrics, .requests, in: "otel-1", Self.served, 100)
        for (bound, rate) in [("10", 100.0), ("100", 100), ("+Inf", 100)] {
            let labels = Self.served.merging(["le": bound]) { $1 }
            mesh.add(.spanMetrics, .latency, in: "otel-1", labels, rate)
        }
        #expect(rate(mesh, in: "otel-1") == 100)
        #expect(mesh.report().service("cart", in: "otel-1")?.value(.latencyP50) == 5)
    }

    @Test func spansThatAreASampleDoNotHideWhatCallersTell() {
        var mesh = CannedSignals()
        mesh.cluster("eu-1", metrics: Self.istio)
        mesh.cluster("otel-1", metrics: Self.spans)
        mesh.add(.istio, .requests, in: "eu-1", CannedSignals.istio("source", to: "otel-1"), 20)
        mesh.add(.spanMetrics, .requests, in: "otel-1", Self.served, 5)
        #expect(rate(mesh, in: "otel-1") == 20)
    }

    // MARK: Parts of a service

    @Test func callsOfWorkloadsWithoutProxiesAreTheirCallersToTell() {
        var mesh = CannedSignals()
        mesh.cluster("eu-1", metrics: Self.istio)
        let bare = ["destination_workload": "cart-bare"]
        for (labels, rate) in [
            (CannedSignals.istio("source", to: "eu-1"), 61.0),
            (CannedSignals.istio("source", to: "eu-1", bare), 39),
            (CannedSignals.istio("destination", to: "eu-1"), 60),
        ] {
            mesh.add(.istio, .requests, in: "eu-1", labels, rate)
        }
        #expect(rate(mesh, in: "eu-1") == 99)
    }

    @Test func bytesAndConnectionsAreToldByOneSideToo() {
        var mesh = CannedSignals()
        mesh.cluster("eu-1", metrics: Self.istio)
        mesh.cluster("us-1", metrics: Self.istio)
        let named = ["request_protocol": "tcp"]
        for (fact, sent, taken, strange) in [
            (Fact.tcpResponseBytes, 1000.0, 990.0, 500.0), (.tcpConnections, 10, 9.5, 5),
        ] {
            mesh.add(.istio, fact, in: "eu-1", CannedSignals.istio("source", named), sent)
            mesh.add(.istio, fact, in: "us-1", CannedSignals.istio("destination", named), taken)
            mesh.add(
                .istio, fact, in: "us-1",
                CannedSignals.istio("destination", named.merging(Self.nobody) { $1 }), strange)
        }
        let cart = mesh.report().service("cart", in: "us-1")
        #expect(cart?.value(.tcpReceivedRate) == 1490)
        #expect(cart?.value(.tcpConnectionRate) == 14.5)
    }

    @Test func clustersThatTheirMeshCallsOtherwiseAreTheInventorys() {
        var mesh = CannedSignals()
        mesh.cluster("eu-1", metrics: Self.istio)
        mesh.cluster("us-1", metrics: Self.istio)
        let names = ["source_cluster": "west", "destination_cluster": "east"]
        mesh.add(.istio, .requests, in: "eu-1", CannedSignals.istio("source", names), 101)
        mesh.add(.istio, .requests, in: "us-1", CannedSignals.istio("destination", names), 100)
        #expect(rate(mesh, in: "us-1") == 100)
    }

    @Test func anIdleServiceHasNoRequestsRatherThanNoValue() {
        var mesh = CannedSignals()
        mesh.cluster("us-1", metrics: Self.istio)
        mesh.add(.istio, .requests, in: "us-1", CannedSignals.istio("destination"), 0)
        let value = mesh.report().service("cart")?.signals[.requestRate]
        #expect(value?.value == 0)
        #expect(value?.derivedFrom == "istio_requests_total, reporter destination")
    }
}
