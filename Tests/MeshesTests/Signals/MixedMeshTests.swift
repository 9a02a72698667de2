import Meshes
import Testing
import TimeSeries

@Suite("Signals of different meshes")
struct MixedMeshTests {
    private static let istio: Set<String> = [
        "istio_requests_total", "istio_request_duration_milliseconds_bucket",
    ]
    private static let linkerd: Set<String> = ["response_total", "response_latency_ms_bucket"]

    @Test("A service in Istio and in Linkerd has one rate, one error ratio and one latency")
    func sideBySide() {
        var mesh = CannedSignals()
        mesh.cluster("eu-1", metrics: Self.istio)
        mesh.cluster("us-1", metrics: Self.linkerd)
        let here = CannedSignals.istio("destination", from: "eu-1", to: "eu-1")
        mesh.add(.istio, .requests, in: "eu-1", here, 60)
        mesh.addBuckets(in: "eu-1", here, [("5", 0), ("10", 60), ("25", 60), ("+Inf", 60)])
        let there = ["direction": "inbound", "namespace": "shop", "deployment": "cart"]
        mesh.add(
            .linkerd, .requests, in: "us-1",
            there.merging(["classification": "success", "status_code": "200"]) { $1 }, 30)
        mesh.add(
            .linkerd, .requests, in: "us-1",
            there.merging(["classification": "failure", "status_code": "500"]) { $1 }, 10)
        for (bound, rate) in [("5", 40.0), ("10", 40), ("20", 40), ("+Inf", 40)] {
            mesh.add(.linkerd, .latency, in: "us-1", there.merging(["le": bound]) { $1 }, rate)
        }
        let report = mesh.report()
        let cart = report.service("cart")
        #expect(cart?.dialects == [.istio, .linkerd])
        #expect(cart?.value(.requestRate) == 100)
        #expect(cart?.value(.errorRatio) == 0.1)
        // 40 up to 5 ms and 60 from there to 10 ms.
        let expected: Double = 5 + 5 * 50 / 60
        let p90 = cart?.value(.latencyP90) ?? 0
        #expect(abs(p90 - expected) < 1e-9)
        #expect(report.service("cart", in: "us-1")?.value(.requestRate) == 40)
    }

    @Test("What a proxy of Linkerd takes has the service's name that its callers use")
    func linkerdServices() {
        var mesh = CannedSignals()
        mesh.cluster("us-1", metrics: Self.linkerd)
        let success = ["classification": "success", "status_code": "200"]
        mesh.add(
            .linkerd, .requests, in: "us-1",
            [
                "direction": "outbound", "namespace": "shop", "deployment": "web",
                "dst_namespace": "shop", "dst_deployment": "cart-v2", "dst_service": "cart",
            ].merging(success) { $1 }, 9)
        mesh.add(
            .linkerd, .requests, in: "us-1",
            ["direction": "inbound", "namespace": "shop", "deployment": "cart-v2"]
                .merging(success) { $1 }, 10)
        let report = mesh.report()
        #expect(report.service("cart")?.value(.requestRate) == 10)
        #expect(report.service("cart-v2") == nil)
    }

    @Test("Seconds become milliseconds")
    func seconds() {
        var mesh = CannedSignals()
        mesh.cluster(
            "eu-1",
            metrics: [
                "traces_span_metrics_calls_total", "traces_span_metrics_duration_seconds_bucket",
            ])
        let labels = [
            "service_name": "cart", "service_namespace": "shop",
            "span_kind": "SPAN_KIND_SERVER", "status_code": "STATUS_CODE_UNSET",
        ]
        mesh.add(.spanMetrics, .requests, in: "eu-1", labels, 10)
        for (bound, rate) in [("0.1", 0.0), ("0.2", 10), ("+Inf", 10)] {
            mesh.add(.spanMetrics, .latency, in: "eu-1", labels.merging(["le": bound]) { $1 }, rate)
        }
        let cart = mesh.report().service("cart")
        let median = cart?.value(.latencyP50) ?? 0
        #expect(abs(median - 150) < 1e-9)
        // No label says what the protocol was.
        #expect(cart?.value(.errorRatio) == 0)
        #expect(cart?.value(.httpErrorRatio) == nil)
    }

    @Test("Metrics made of traces are not counted beside those of proxies")
    func tracesBesideProxies() {
        var mesh = CannedSignals()
        mesh.cluster(
            "eu-1", metrics: Self.istio.union(["traces_service_graph_request_total"]))
        mesh.add(
            .istio, .requests, in: "eu-1",
            CannedSignals.istio("destination", from: "eu-1", to: "eu-1"), 10)
        mesh.add(
            .serviceGraph, .requests, in: "eu-1",
            [
                "client": "web", "server": "cart", "server_service_namespace": "shop",
                "status_code": "OK",
            ], 10)
        #expect(mesh.report().service("cart")?.value(.requestRate) == 10)
        #expect(
            mesh.report { $0.grouping = .mesh }.subjects.map { $0.value(.requestRate) } == [10])
    }

    @Test("Consul's sidecars tell of what arrives by what they send on to their application")
    func consul() {
        var mesh = CannedSignals()
        mesh.cluster("eu-1", metrics: ["envoy_cluster_upstream_rq_xx"])
        mesh.add(
            .envoy, .requests, in: "eu-1",
            [
                "envoy_cluster_name": "local_app", "consul_source_service": "cart",
                "consul_source_namespace": "shop", "envoy_response_code_class": "2",
            ], 10)
        mesh.add(
            .envoy, .requests, in: "eu-1",
            [
                "envoy_cluster_name": "cart", "consul_destination_service": "cart",
                "consul_destination_namespace": "shop", "consul_source_service": "web",
                "consul_destination_datacenter": "eu-1", "envoy_response_code_class": "2",
            ], 9)
        #expect(mesh.report().service("cart")?.value(.requestRate) == 10)
    }

    @Test("The name of an Envoy cluster tells of the service behind it")
    func envoyNames() {
        let istio = EnvoyClusterName("outbound|9080|v1|reviews.books.svc.cluster.local")
        #expect(istio?.service == "reviews")
        #expect(istio?.namespace == "books")
        #expect(istio?.version == "v1")
        let consul = EnvoyClusterName(
            "v2.web.default.dc1.internal.11111111-2222-3333-4444-555555555555.consul")
        #expect(consul?.service == "web")
        #expect(consul?.namespace == "default")
        #expect(consul?.cluster == "dc1")
        #expect(EnvoyClusterName("inbound|80||") == nil)
        #expect(EnvoyClusterName("xds-grpc") == nil)
        #expect(EnvoyClusterName("payments")?.service == "payments")
    }

    @Test("Statistics of Envoy prove no dialect where Istio speaks of the same requests")
    func proofs() {
        #expect(
            Dialect.dialects(ofMetrics: ["istio_requests_total", "envoy_cluster_upstream_rq_xx"])
                == [.istio])
        #expect(Dialect.dialects(ofMetrics: ["envoy_cluster_upstream_rq_xx"]) == [.envoy])
        #expect(Dialect.dialects(ofMetrics: ["up"]).isEmpty)
    }
}
