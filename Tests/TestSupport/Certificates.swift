import Foundation

/// An authority of its own, and certificates that it has signed.
package struct Certificates: Sendable {
    private let directory: TemporaryDirectory

    /// The authority's certificate.
    package var authority: String { directory.file("ca.pem") }

    /// A certificate and its key.
    package struct Pair: Sendable {
        package var certificate: String
        package var key: String
        /// A file of the certificates between it and the authority's; nil where there are none.
        package var chain: String?
    }

    /// From when and until when a certificate is valid, seconds from now on.
    package struct Validity: Sendable {
        package var from: Double
        package var until: Double

        package init(from: Double, until: Double) {
            self.from = from
            self.until = until
        }

        private static let day = 86_400.0
        /// Three months, of which one has passed.
        package static let valid = Validity(from: -30 * day, until: 60 * day)
        /// Three months, of which two days are left.
        package static let expiring = Validity(from: -88 * day, until: 2 * day)
        /// Three months, which ended yesterday.
        package static let expired = Validity(from: -91 * day, until: -1 * day)
    }

    package init() async throws {
        directory = try TemporaryDirectory("certificates")
        try await Command.mustRun(
            "openssl",
            ["req", "-x509", "-nodes", "-days", "30", "-subj", "/CN=test authority"]
                + Self.newKey(directory.file("ca.key")) + ["-out", authority])
    }

    package func remove() { directory.remove() }

    /// A certificate for `name`, an entry such as `IP:127.0.0.1`. Without days left it has expired.
    package func pair(_ file: String, for name: String, days: Int = 30) async throws -> Pair {
        let pair = Pair(
            certificate: directory.file("\(file).pem"), key: directory.file("\(file).key"))
        let request = directory.file("\(file).csr")
        let extensions = try directory.write("subjectAltName=\(name)\n", to: "\(file).ext")
        try await Command.mustRun(
            "openssl",
            ["req", "-nodes", "-subj", "/CN=\(file)"] + Self.newKey(pair.key) + ["-out", request])
        try await Command.mustRun(
            "openssl",
            [
                "x509", "-req", "-in", request, "-CA", authority, "-CAkey",
                directory.file("ca.key"), "-CAcreateserial", "-days", "\(days)", "-extfile",
                extensions, "-out", pair.certificate,
            ])
        return pair
    }

    /// A certificate with such a validity, which `openssl x509` cannot make of times gone by.
    package func pair(
        _ file: String, for name: String, _ validity: Validity
    ) async throws -> Pair {
        let pair = Pair(
            certificate: directory.file("\(file).pem"), key: directory.file("\(file).key"))
        try await request(pair, file)
        try await sign(file, "subjectAltName=\(name)\n", validity, by: "ca")
        return pair
    }

    /// A certificate that an authority between has signed, which the authority has signed.
    package func chainedPair(
        _ file: String, for name: String, _ validity: Validity,
        between: Validity = Validity(from: -86_400, until: 300 * 86_400)
    ) async throws -> Pair {
        let middle = "\(file)-between"
        let authority = Pair(
            certificate: directory.file("\(middle).pem"), key: directory.file("\(middle).key"))
        try await request(authority, middle)
        try await sign(middle, "basicConstraints=critical,CA:true\n", between, by: "ca")
        let pair = Pair(
            certificate: directory.file("\(file).pem"), key: directory.file("\(file).key"),
            chain: authority.certificate)
        try await request(pair, file)
        try await sign(file, "subjectAltName=\(name)\n", validity, by: middle)
        return pair
    }

    /// A certificate that no authority has signed.
    package func selfSignedPair(_ file: String, for name: String) async throws -> Pair {
        let pair = Pair(
            certificate: directory.file("\(file).pem"), key: directory.file("\(file).key"))
        try await Command.mustRun(
            "openssl",
            [
                "req", "-x509", "-nodes", "-days", "30", "-subj", "/CN=\(file)", "-addext",
                "subjectAltName=\(name)",
            ] + Self.newKey(pair.key) + ["-out", pair.certificate])
        return pair
    }

    private func request(_ pair: Pair, _ file: String) async throws {
        try await Command.mustRun(
            "openssl",
            ["req", "-nodes", "-subj", "/CN=\(file)"] + Self.newKey(pair.key)
                + ["-out", directory.file("\(file).csr")])
    }

    private func sign(
        _ file: String, _ extensions: String, _ validity: Validity, by authority: String
    ) async throws {
        // Each signing has a database of its own: certificates may be made side by side.
        let database = try directory.write("", to: "\(file).database")
        let configuration = try directory.write(
            """
            [ca]
            default_ca = authority
            [authority]
            database = \(database)
            new_certs_dir = \(directory.path)
            default_md = sha256
            policy = any
            unique_subject = no
            rand_serial = yes
            [any]
            commonName = supplied

            """, to: "\(file).cnf")
        try await Command.mustRun(
            "openssl",
            [
                "ca", "-batch", "-notext", "-config", configuration, "-cert",
                directory.file("\(authority).pem"), "-keyfile", directory.file("\(authority).key"),
                "-startdate", Self.text(secondsFromNow: validity.from),
                "-enddate", Self.text(secondsFromNow: validity.until),
                "-extfile", try directory.write(extensions, to: "\(file).ext"),
                "-in", directory.file("\(file).csr"), "-out", directory.file("\(file).pem"),
            ])
    }

    /// As ASN.1 writes times: `20260131235959Z`.
    private static func text(secondsFromNow seconds: Double) -> String {
        let time = Date(timeIntervalSinceNow: seconds).ISO8601Format()
        return time.filter { $0.isNumber } + "Z"
    }

    private static func newKey(_ path: String) -> [String] {
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", path]
    }
}
