import Meshes

/// Reports as the labels of what rules record.
enum ReportLabels {
    static func istio(_ report: CallReport) -> [String: String]? {
        var labels = [
            "__name__": "mesh:istio_requests:rate5m", "cluster": report.reportedBy,
            "reporter": report.reporter.rawValue, "source_cluster": report.source.cluster,
            "source_workload_namespace": report.source.namespace,
            "source_workload": report.source.workload,
            "source_canonical_service": report.source.app,
            "source_canonical_revision": report.source.version,
            "destination_cluster": report.destination.cluster,
            "destination_service_namespace": report.destination.namespace,
            "destination_service_name": report.destination.service,
            "destination_workload": report.destination.workload,
            "destination_canonical_service": report.destination.app,
            "destination_canonical_revision": report.destination.version,
            "connection_security_policy": report.security,
        ]
        switch report.measure {
        case .http(let code, let flags):
            labels["request_protocol"] = "http"
            labels["response_code"] = "\(code)"
            labels["response_flags"] = flags
        case .grpc(let status, let code, let flags):
            labels["request_protocol"] = "grpc"
            labels["response_code"] = "\(code)"
            labels["grpc_response_status"] = status.map { "\($0)" } ?? ""
            labels["response_flags"] = flags
        case .tcpRequestBytes, .tcpResponseBytes, .tcpConnections: return nil
        }
        return labels.filter { !$0.value.isEmpty }
    }

    /// Whose workloads are deployments, which need not be called as their services are.
    static func linkerd(_ report: CallReport) -> [String: String]? {
        var labels = [
            "__name__": "mesh:linkerd_responses:rate5m", "cluster": report.reportedBy,
            "tls": report.reporter == .source ? "true" : "",
        ]
        switch report.measure {
        case .http(let code, _):
            labels["status_code"] = "\(code)"
            labels["classification"] = code < 500 ? "success" : "failure"
        case .grpc(let status, let code, _):
            labels["status_code"] = "\(code)"
            labels["grpc_status"] = status.map { "\($0)" } ?? ""
            labels["classification"] = status == 0 ? "success" : "failure"
        case .tcpRequestBytes, .tcpResponseBytes, .tcpConnections: return nil
        }
        if report.reporter == .source {
            labels["direction"] = "outbound"
            labels["namespace"] = report.source.namespace
            labels["deployment"] = report.source.workload
            labels["dst_namespace"] = report.destination.namespace
            labels["dst_service"] = report.destination.service
            labels["dst_deployment"] =
                report.destination.workload == "unknown" ? "" : report.destination.workload
            if report.destination.cluster != report.reportedBy {
                labels["dst_target_cluster"] =
                    report.destination.cluster == "unknown" ? "" : report.destination.cluster
            }
        } else {
            labels["direction"] = "inbound"
            labels["namespace"] = report.destination.namespace
            labels["deployment"] = report.destination.workload
        }
        return labels.filter { !$0.value.isEmpty }
    }

    /// The buckets of the requests of these labels, one bound of which each has for its own.
    static func buckets(
        _ labels: [String: String], rate: Double, seed: Int
    ) -> [(labels: [String: String], rate: Double)] {
        var common = labels.filter { name, _ in
            ![
                "response_code", "response_flags", "grpc_response_status", "status_code",
                "grpc_status", "classification",
            ].contains(name)
        }
        let isIstio = labels["__name__"]?.contains("istio") ?? false
        common["__name__"] =
            isIstio
            ? "mesh:istio_request_duration_milliseconds_bucket:rate5m"
            : "mesh:linkerd_response_latency_ms_bucket:rate5m"
        return ["5", "50", "500", "+Inf"].enumerated().map { place, bound in
            common["le"] = bound
            return (common, place >= seed % 3 + 1 ? rate : place == seed % 3 ? rate / 2 : 0)
        }
    }
}
