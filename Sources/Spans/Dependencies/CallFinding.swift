extension Trace {
    /// The calls between services in a merged trace, in the order of its spans.
    ///
    /// Those found by `Evidence.parent` are what a Jaeger with memory storage counts that holds the
    /// whole trace; links, databases and peers are what `spark-dependencies` and Tempo count beside
    /// them. Merging gives the two sides of a call that share an id their own ids before.
    public var serviceCalls: [ServiceCall] {
        var places: [SpanID: Int] = [:]
        places.reserveCapacity(spans.count)
        var withChildren: Set<SpanID> = []
        for (place, span) in spans.enumerated() {
            if places[span.spanID] == nil { places[span.spanID] = place }
            if span.parentSpanID != .none { withChildren.insert(span.parentSpanID) }
        }
        var calls: [ServiceCall] = []
        for span in spans {
            if span.parentSpanID != .none, let parent = places[span.parentSpanID] {
                calls.append(ServiceCall(of: span, by: spans[parent], .parent))
            }
            var linked: Set<SpanID> = [span.parentSpanID, span.spanID]
            for link in span.links
            where link.traceID == span.traceID && linked.insert(link.spanID).inserted {
                guard let place = places[link.spanID] else { continue }
                calls.append(ServiceCall(of: span, by: spans[place], .link))
            }
            if !withChildren.contains(span.spanID), let call = span.callWithoutSpan {
                calls.append(call)
            }
        }
        return calls
    }
}

extension ServiceCall {
    fileprivate init(of callee: Span, by caller: Span, _ evidence: Evidence) {
        self.init(
            caller: caller.resource.serviceName, callee: callee.resource.serviceName,
            evidence: evidence, callerClusters: caller.holders, calleeClusters: callee.holders)
    }
}

extension Span {
    /// Attributes that say that a span asks a database, in OpenTelemetry's newer and older words and
    /// OpenTracing's.
    private static let databaseAttributes = [
        "db.namespace", "db.name", "db.system.name", "db.system", "db.type", "db.instance",
    ]
    /// What a called server is named by, the best name first.
    private static let serverAttributes = [
        "peer.service", "server.address", "network.peer.address", "net.peer.name",
        "peer.hostname", "peer.address",
    ]

    /// The call that a span without children tells of by its attributes: it calls what has no spans.
    fileprivate var callWithoutSpan: ServiceCall? {
        guard kind == .client || kind == .producer || kind == .unspecified else { return nil }
        let database = Self.databaseAttributes.lazy.compactMap(text).first
        let callee =
            database == nil
            ? text("peer.service")
            : Self.serverAttributes.lazy.compactMap(text).first ?? database
        guard let callee else { return nil }
        return ServiceCall(
            caller: resource.serviceName, callee: callee,
            evidence: database == nil ? .peer : .database, callerClusters: holders)
    }

    private func text(_ key: String) -> String? {
        guard case .string(let text) = attributes[key], !text.isEmpty else { return nil }
        return text
    }
}
