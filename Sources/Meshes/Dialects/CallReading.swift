import TimeSeries

/// What the values of a dialect's labels mean: whose report a row is, what its ends are, and how its
/// calls ended. `RowReading` reads rows by it.
struct CallReading: Sendable {
    private let row: DialectRow
    /// The labels that it looks at, ordered as labels are; `values` are theirs, empty where a row does
    /// not have one.
    let names: [[UInt8]]
    let witnesses: [PlacedWitness]
    let outcome: PlacedOutcome
    /// The place of the label that holds the cluster.
    let cluster: [Int]

    init(_ dialect: Dialect) {
        row = dialect.row
        var all = Set(row.outcome.names + [Self.cluster])
        for witness in row.witnesses {
            all.formUnion(witness.source.names + witness.destination.names)
            all.formUnion(witness.marks.flatMap(\.labels))
        }
        let ordered = all.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        names = ordered.map { Array($0.utf8) }
        let places = Dictionary(uniqueKeysWithValues: zip(ordered, ordered.indices))
        witnesses = row.witnesses.map { PlacedWitness($0, places) }
        outcome = PlacedOutcome(row.outcome, places)
        cluster = [Self.cluster].compactMap { places[$0] }
    }

    static let cluster = "cluster"

    // MARK: Ends

    // An end is read from its own labels, and from who reports in which cluster: nothing else tells of
    // it, so that a reader of many rows may keep what it has found of each (`RowReading`).

    /// What a row's labels say of one end.
    struct ReadEnd: Sendable {
        var end: CallEnd
        /// What the labels call its cluster, whichever cluster it is in.
        var cluster: String
        var principal: String
    }

    /// Whose report a row is, as a place in `witnesses`; nil where it is nobody's.
    func witness(_ values: [String]) -> Int? { witnesses.firstIndex { isOf($0, values) } }

    func source(
        _ values: [String], _ witness: PlacedWitness, reportedBy: String
    ) -> ReadEnd {
        var end = end(witness.source, values)
        let cluster = end.cluster
        if witness.source.app.isEmpty { end.app = end.workload }
        if end.app.isEmpty, end.workload.isEmpty { end.app = end.service }
        if witness.reporter == .source { end.cluster = reportedBy }
        return ReadEnd(
            end: end, cluster: cluster,
            principal: known(first(witness.source.principal, values)))
    }

    /// Nil where the row is not about a service.
    func destination(
        _ values: [String], _ witness: PlacedWitness, reportedBy: String
    ) -> ReadEnd? {
        var end = end(witness.destination, values)
        let cluster = end.cluster
        if let name = EnvoyClusterName(first(witness.destination.upstream, values)) {
            if end.service.isEmpty { end.service = name.service }
            if end.namespace.isEmpty { end.namespace = name.namespace }
            if end.version.isEmpty { end.version = name.version }
            if end.cluster.isEmpty { end.cluster = name.cluster }
        } else if !witness.destination.upstream.isEmpty, end.service.isEmpty {
            return nil
        }
        end.service = shortened(end.service)
        if witness.destination.app.isEmpty { end.app = end.workload }
        switch witness.reporter {
        case .source:
            if end.cluster.isEmpty, row.dialect != .istio { end.cluster = reportedBy }
        case .destination, .waypoint:
            end.cluster = reportedBy
            // Where a dialect has no label for the service that was meant, it is the workload's.
            if end.service.isEmpty { end.service = end.workload.isEmpty ? end.app : end.workload }
        }
        return ReadEnd(
            end: end, cluster: cluster,
            principal: known(first(witness.destination.principal, values)))
    }

    private func end(_ end: PlacedEnd, _ values: [String]) -> CallEnd {
        CallEnd(
            cluster: first(end.cluster, values), namespace: first(end.namespace, values),
            workload: first(end.workload, values), app: first(end.app, values),
            version: first(end.version, values), service: first(end.service, values))
    }

    /// `cart.shop.svc.cluster.local` is `cart`; other hosts stay whole.
    private func shortened(_ host: String) -> String {
        guard let dot = host.firstIndex(of: ".") else { return host }
        let rest = host[dot...].dropFirst()
        guard let next = rest.firstIndex(of: "."), rest[next...].hasPrefix(".svc") else {
            return host
        }
        return String(host[..<dot])
    }

    // MARK: How it ended

    func measure(_ values: [String]) -> CallReport.Measure {
        let code = code(first(outcome.code, values))
        let status = first(outcome.grpcStatus, values)
        let verdict = first(outcome.verdict, values)
        let flags = first(outcome.flags, values).isEmpty ? "-" : first(outcome.flags, values)
        let said = first(outcome.requestProtocol, values)
        let isFailed = row.outcome.failures.contains(verdict)
        switch said {
        case "tcp": return .tcpConnections(flags: flags)
        case "grpc", "": break
        default: return .http(code: code ?? 0, flags: flags)
        }
        if said == "grpc" || Int(status) != nil || !status.isEmpty {
            // An answer whose status of HTTP is an error has none of gRPC.
            let number = Int(status) ?? (isFailed ? 2 : nil)
            return .grpc(status: number, code: code ?? (number == nil ? 0 : 200), flags: flags)
        }
        if let code { return .http(code: code, flags: flags) }
        // A dialect of verdicts: 500 stands for a failure of an unknown kind.
        if outcome.verdict.isEmpty || verdict.isEmpty { return .http(code: 0, flags: flags) }
        // A proxy of Linkerd that has no status has seen no answer.
        let failure = row.dialect == .linkerd ? 0 : 500
        return .http(code: isFailed ? failure : 200, flags: flags)
    }

    /// `503`, or `5` and `5xx` for 500; nil where it is no number.
    private func code(_ text: String) -> Int? {
        let digits = text.hasSuffix("xx") ? text.dropLast(2) : text[...]
        guard let number = Int(digits) else { return nil }
        return (1...9).contains(number) ? number * 100 : number
    }

    /// Whether a label says what the protocol, or a status of it, was.
    func saysProtocol(_ values: [String]) -> Bool {
        !outcome.requestProtocol.isEmpty || !first(outcome.code, values).isEmpty
            || !first(outcome.grpcStatus, values).isEmpty
    }

    func security(
        _ values: [String], _ reporter: CallReport.Reporter, of destinationPrincipal: String
    ) -> CallSecurity {
        let text = first(outcome.security, values)
        if row.outcome.secure.contains(text) { return .mutualTLS }
        if !text.isEmpty, text != "unknown" { return .plain }
        // Only the destination knows how a connection was secured. At the source a name of the
        // destination by its certificate says as much.
        guard row.dialect == .istio, reporter == .source else { return .unknown }
        return Self.tellsMutualTLS(destinationPrincipal) ? .mutualTLS : .unknown
    }

    static func tellsMutualTLS(_ principal: String) -> Bool { principal.hasPrefix("spiffe") }

    private func known(_ text: String) -> String { text == "unknown" ? "" : text }

    // MARK: Labels

    private func isOf(_ witness: PlacedWitness, _ values: [String]) -> Bool {
        witness.marks.allSatisfy { $0.values.contains(first($0.places, values)) }
    }

    /// The first of the labels that is there and says something.
    func first(_ places: [Int], _ values: [String]) -> String {
        var fallback = ""
        for place in places where !values[place].isEmpty {
            if values[place] != "unknown" { return values[place] }
            fallback = values[place]
        }
        return fallback
    }
}

// MARK: Labels by their places

/// Each list of labels as the places of their values.
struct PlacedWitness: Sendable {
    var reporter: CallReport.Reporter
    var marks: [(places: [Int], values: [String])]
    var source: PlacedEnd
    var destination: PlacedEnd

    init(_ witness: Witness, _ places: [String: Int]) {
        reporter = witness.reporter
        marks = witness.marks.map { ($0.labels.compactMap { places[$0] }, $0.values) }
        source = PlacedEnd(witness.source, places)
        destination = PlacedEnd(witness.destination, places)
    }
}

struct PlacedEnd: Sendable {
    var cluster, namespace, workload, app, version, service, principal, upstream: [Int]

    init(_ end: EndLabels, _ places: [String: Int]) {
        cluster = end.cluster.compactMap { places[$0] }
        namespace = end.namespace.compactMap { places[$0] }
        workload = end.workload.compactMap { places[$0] }
        app = end.app.compactMap { places[$0] }
        version = end.version.compactMap { places[$0] }
        service = end.service.compactMap { places[$0] }
        principal = end.principal.compactMap { places[$0] }
        upstream = end.upstream.compactMap { places[$0] }
    }

    /// All of them.
    var places: [Int] {
        cluster + namespace + workload + app + version + service + principal + upstream
    }
}

struct PlacedOutcome: Sendable {
    var requestProtocol, code, grpcStatus, flags, verdict, security: [Int]

    init(_ outcome: OutcomeLabels, _ places: [String: Int]) {
        requestProtocol = outcome.requestProtocol.compactMap { places[$0] }
        code = outcome.code.compactMap { places[$0] }
        grpcStatus = outcome.grpcStatus.compactMap { places[$0] }
        flags = outcome.flags.compactMap { places[$0] }
        verdict = outcome.verdict.compactMap { places[$0] }
        security = outcome.security.compactMap { places[$0] }
    }

    /// All of them.
    var places: [Int] { requestProtocol + code + grpcStatus + flags + verdict + security }
}

extension EndLabels {
    /// All of them.
    public var names: [String] {
        cluster + namespace + workload + app + version + service + principal + upstream
    }
}
