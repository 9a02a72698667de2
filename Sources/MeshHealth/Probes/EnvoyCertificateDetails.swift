import PrometheusAPI

/// One certificate as `/certs` has it.
struct EnvoyCertificateDetails {
    private let json: JSONValue

    init(_ json: JSONValue) { self.json = json }

    /// Nil where there is none: entries without a time of the end, and without days, stand for
    /// secrets that are not there yet.
    func certificate(isChain: Bool, _ context: ProbeContext) -> Certificate? {
        guard let expiry = expiry(at: context.time) else { return nil }
        let names = json["subject_alt_names"]?.array ?? []
        let spiffe = names.lazy.compactMap { $0["uri"]?.string }.first { $0.hasPrefix("spiffe://") }
        let dns = names.lazy.compactMap { $0["dns"]?.string ?? $0["ip_address"]?.string }.first
        let path = json["path"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        let serial = json["serial_number"].flatMap(SerialNumber.init(json:))
        let kind: Certificate.Kind = isChain ? (spiffe == nil ? .server : .workload) : .root
        var certificate = Certificate(
            kind, mesh: context.target.component.mesh, cluster: context.target.component.cluster,
            subject: spiffe ?? dns ?? path ?? "", instance: context.target.instance,
            expiry: expiry, source: .envoyCertificates,
            evidence: [context.evidence(evidence)])
        certificate.notBefore = json["valid_from"]?.string.flatMap(RecordedTime.seconds)
        certificate.serial = serial
        return certificate
    }

    private func expiry(at time: Int64) -> ExpiryBounds? {
        if let end = json["expiration_time"]?.string.flatMap(RecordedTime.seconds) {
            return .exactly(end)
        }
        guard let days = days else { return nil }
        return ExpiryBounds(
            wholeDays: days, at: RecordedTime.floorSeconds(time), upTo: 0)
    }

    /// An integer of 64 bits, which the JSON of protobuf writes as text.
    private var days: Double? {
        guard let days = json["days_until_expiration"] else { return nil }
        return days.double ?? days.string.flatMap { Int64($0) }.map(Double.init)
    }

    private var evidence: String {
        if let end = json["expiration_time"]?.string { return "expiration_time \(end.prefix(40))" }
        return "days_until_expiration, in whole days"
    }
}
