import ControlPlane
import Federation
import MeshHealth
import PrometheusAPI
import TimeSeries

// Certificates as `/mesh/v1/certificates` tells them. What is not known is null; times are seconds
// since the Unix epoch.

extension ControlPlaneReport {
    /// The members of the answer's data: the first `top` of the certificates.
    func parts(
        _ certificates: [JudgedCertificate], top: Int, missing: [Coverage.Missing]
    ) -> [DocumentChunks.Part] {
        let shown = certificates.prefix(top)
        return [
            .member("observedAt", observedAt.map { .seconds($0) } ?? .null),
            .member("totals", totals(certificates, shown: shown.count)),
            .written("certificates", count: shown.count) { shown[$0].write(to: &$1) },
            .member("missing", .array(missing.map(\.json))),
        ]
    }

    private func totals(_ certificates: [JudgedCertificate], shown: Int) -> JSONValue {
        var counts: [CertificateVerdict.State: Int64] = [:]
        for one in certificates { counts[one.verdict.state, default: 0] += 1 }
        return [
            "certificates": .integer(Int64(certificates.count)), "shown": .integer(Int64(shown)),
            // Of the whole fleet, whatever is asked for.
            "omitted": .integer(Int64(picture.omittedCertificates)),
            "severities": .object(
                CertificateVerdict.State.allCases.map { state in
                    .init(state.rawValue, .integer(counts[state] ?? 0))
                }),
        ]
    }
}

extension JudgedCertificate {
    fileprivate func write(to bytes: inout [UInt8]) {
        var object = ObjectWriter(&bytes)
        object.member("cluster", certificate.cluster, to: &bytes)
        object.member("mesh", certificate.mesh.rawValue, to: &bytes)
        object.member("kind", certificate.kind.rawValue, to: &bytes)
        object.member("subject", .text(certificate.subject), to: &bytes)
        object.member("issuer", .text(certificate.issuer), to: &bytes)
        object.member("trustDomain", .text(certificate.trustDomain), to: &bytes)
        object.member("serial", certificate.serial?.description, to: &bytes)
        object.member("instance", .text(certificate.instance), to: &bytes)
        object.member("notBefore", .whole(certificate.notBefore), to: &bytes)
        // At the latest; the same as the earliest where the end is known to the second.
        object.member("expiry", .whole(certificate.expiry.latest), to: &bytes)
        object.member("expiryEarliest", .whole(certificate.expiry.earliest), to: &bytes)
        object.member("lifetimeSeconds", .whole(certificate.lifetime), to: &bytes)
        object.member("remainingSeconds", .whole(verdict.remaining), to: &bytes)
        object.member("severity", verdict.state.rawValue, to: &bytes)
        object.member("worst", verdict.worst.rawValue, to: &bytes)
        object.member("why", reason, to: &bytes)
        object.member("source", certificate.source.name, to: &bytes)
        object.list("evidence", certificate.evidence, to: &bytes) { $0.json.append(to: &$1) }
        object.end(&bytes)
    }
}

extension JSONValue {
    /// A whole number, or null for what is not known.
    fileprivate static func whole(_ number: Int64?) -> JSONValue {
        number.map { .integer($0) } ?? .null
    }
}
