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

    private static func newKey(_ path: String) -> [String] {
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", path]
    }
}
