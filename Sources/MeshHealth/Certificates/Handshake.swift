/// What an endpoint shows in a TLS handshake.
public struct Handshake: Hashable, Sendable {
    public enum Problem: String, Hashable, Sendable, CaseIterable {
        /// The chain is empty.
        case noCertificate = "no_certificate"
        /// A certificate's end cannot be read.
        case unreadable
        /// It is signed by itself.
        case selfSigned = "self_signed"
        /// It leads to no authority that we trust.
        case untrusted
        /// It is for other names than the one that was asked for.
        case wrongHost = "wrong_host"
        /// Its time has not come yet.
        case notYetValid = "not_yet_valid"
        case expired
    }

    /// The leaf first, as the endpoint shows them.
    public var certificates: [Certificate]
    /// In the order of the table.
    public var problems: [Problem]
    /// The names and addresses that the leaf is for.
    public var names: [String]

    /// `chain` holds for each certificate, the leaf first, lines of a name, a colon and a value: what
    /// libcurl tells of certificates. `host` is the name that was asked for (SNI); `time` is seconds
    /// since the Unix epoch. `verification` is OpenSSL's verdict of the chain: 0 where it is trusted;
    /// nil where trust was not asked for.
    public init(
        chain: [[String]], cluster: String, address: String, host: String,
        verification: Int? = nil, at time: Int64
    ) {
        certificates = []
        names = []
        var found: Set<Problem> = chain.isEmpty ? [.noCertificate] : []
        for (place, lines) in chain.enumerated() {
            let text = CertificateText(lines)
            if place == 0 {
                names = text.names
                if !text.isFor(host: host) { found.insert(.wrongHost) }
                if text.isSelfSigned { found.insert(.selfSigned) }
            }
            guard let end = text.end else {
                found.insert(.unreadable)
                continue
            }
            if end <= time { found.insert(.expired) }
            if let begin = text.begin, begin > time { found.insert(.notYetValid) }
            let kind: Certificate.Kind =
                place == 0 ? text.leafKind : text.isSelfSigned ? .root : .intermediate
            var certificate = Certificate(
                kind, mesh: .other, cluster: cluster, subject: text.subject, instance: address,
                expiry: .exactly(end), source: .handshake,
                evidence: [Evidence(.handshake(address: address), "certificate \(place + 1)")])
            certificate.notBefore = text.begin
            certificate.issuer = text.issuer
            certificate.serial = text.serial
            certificates.append(certificate)
        }
        if let verification, verification != 0, !found.contains(where: \.explainsDistrust) {
            found.insert(.untrusted)
        }
        problems = Problem.allCases.filter(found.contains)
    }
}

extension Handshake.Problem {
    /// Whether OpenSSL refuses a chain for it.
    fileprivate var explainsDistrust: Bool {
        switch self {
        case .noCertificate, .selfSigned, .notYetValid, .expired: true
        case .unreadable, .untrusted, .wrongHost: false
        }
    }
}
