extension MeshTruth {
    /// The truth as JSON, of a span of time in seconds since the Unix epoch. Rates are a second,
    /// times milliseconds; what there cannot be is null.
    func text(from start: Double, to end: Double) -> JSONText {
        let origin = Double(topology.plan.origin) / 1000
        var json = JSONText()
        json.raw("{\"start\":\(Self.text(start)),\"end\":\(Self.text(end)),\"edges\":")
        let edges = edges(from: max(0, start - origin), to: max(0, end - origin))
        json.array(edges) { $1.write(to: &$0) }
        json.raw("}\n")
        return json
    }

    /// Whole numbers without a point.
    static func text(_ value: Double) -> String {
        if let whole = Int64(exactly: value) { return String(whole) }
        return value.description
    }
}

extension EdgeTruth {
    fileprivate func write(to json: inout JSONText) {
        func number(_ name: String, _ value: Double?) {
            json.raw(",\"\(name)\":\(value.map(MeshTruth.text) ?? "null")")
        }
        json.raw("{\"source\":")
        Self.write(edge.source, service: nil, to: &json)
        json.raw(",\"destination\":")
        Self.write(edge.destination, service: edge.service, to: &json)
        json.raw(",\"protocol\":\"\(edge.service.speaks.rawValue)\",\"witnesses\":")
        json.array(witnesses) { $0.string($1) }
        number("calls", calls)
        number("rate", seconds > 0 ? calls / seconds : nil)
        number("arrived", arrived)
        number("neverArrived", calls - arrived)
        number("lost", lost)
        number(
            "mutualTLS", edge.destination.mesh == .otel || arrived == 0 ? nil : secured / arrived)
        number("retries", retries)
        number("timeouts", timeouts)
        number("breakerTrips", breakerTrips)
        if edge.service.speaks == .tcp {
            number("bytesSent", calls * Edge.bytesPerConnection.sent)
            number("bytesReceived", calls * Edge.bytesPerConnection.received)
        }
        json.raw(",\"outcomes\":")
        json.array(endings) { json, ending in
            let outcome = ending.outcome
            json.raw("{\"code\":\(outcome.code),\"grpcStatus\":")
            json.raw(outcome.grpcStatus.map { String($0) } ?? "null")
            json.raw(",\"flags\":\"\(outcome.flags)\",\"calls\":\(MeshTruth.text(ending.calls))")
            json.raw(",\"arrives\":\(outcome.atDestination != nil),\"isLost\":\(outcome.isLost)}")
        }
        json.raw(",\"latency\":{\"source\":")
        Self.write(source, to: &json)
        json.raw(",\"destination\":")
        Self.write(destination, to: &json)
        json.raw("}}")
    }

    private static func write(
        _ workload: Workload, service: Service?, to json: inout JSONText
    ) {
        json.raw("{\"cluster\":\"\(workload.cluster)\",\"namespace\":\"\(workload.namespace)\"")
        json.raw(",\"workload\":\"\(workload.name)\",\"mesh\":\"\(workload.mesh.rawValue)\"")
        if let service { json.raw(",\"service\":\"\(service.name)\"") }
        json.raw("}")
    }

    private static func write(_ durations: DurationTruth?, to json: inout JSONText) {
        guard let durations else { return json.raw("null") }
        json.raw("{\"count\":\(MeshTruth.text(durations.count)),\"quantiles\":{")
        for (index, row) in durations.quantiles.enumerated() {
            let name = "p\(Int((row.quantile * 100).rounded()))"
            json.raw("\(index > 0 ? "," : "")\"\(name)\":\(MeshTruth.text(row.milliseconds))")
        }
        json.raw("},\"buckets\":")
        json.array(durations.buckets) { json, bucket in
            json.raw("[\(MeshTruth.text(bucket.bound)),\(MeshTruth.text(bucket.count))]")
        }
        json.raw("}")
    }
}
