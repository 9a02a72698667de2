/// What the names of workloads say of them; labels of Kubernetes, which would say it better, are not
/// in the metrics.
enum GraphKinds {
    /// Beginnings of the names that gateways have in Istio's, Linkerd's and Consul's charts.
    private static let gatewayBeginnings = [
        "istio-ingressgateway", "istio-egressgateway", "istio-eastwestgateway", "istio-ingress",
        "istio-egress", "linkerd-gateway", "consul-mesh-gateway", "consul-ingress-gateway",
        "consul-terminating-gateway", "consul-api-gateway", "mesh-gateway", "ingress-gateway",
        "terminating-gateway",
    ]
    /// Istio names the deployments that it makes for a `Gateway` so.
    private static let gatewayEnding = "-gateway-istio"

    static func kind(ofWorkload name: String) -> ServiceMap.Node.Kind? {
        if name == "waypoint" || name.hasSuffix("-waypoint") { return .waypoint }
        let isGateway =
            name.hasSuffix(gatewayEnding)
            || gatewayBeginnings.contains { beginning in
                name.hasPrefix(beginning)
                    && (name.utf8.count == beginning.utf8.count
                        || name.dropFirst(beginning.count).hasPrefix("-"))
            }
        return isGateway ? .gateway : nil
    }
}
