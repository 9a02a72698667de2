import CCurl

/// What libcurl's outcomes mean.
enum FailureTable {
    /// `proxyStatus` is the status with which a proxy answered `CONNECT`, 0 where none did.
    static func kind(
        _ code: CURLcode, message: String, phase: UpstreamError.Phase, usesProxy: Bool,
        proxyStatus: Int
    ) -> UpstreamError.Kind {
        if usesProxy, proxyStatus != 0, proxyStatus / 100 != 2 { return .proxy }
        if let kind = kinds[code.rawValue] { return kind }
        if lostConnections.contains(code.rawValue) {
            // A server that wants a certificate says so after the handshake, in TLS 1.3.
            if message.contains("SSL"), message.contains("alert") { return .tls }
            if phase == .receiving { return .interrupted }
            return usesProxy && phase != .waiting ? .proxy : .connection
        }
        return phase == .receiving ? .interrupted : .connection
    }

    private static let rows: [(CURLcode, UpstreamError.Kind)] = [
        (CURLE_UNSUPPORTED_PROTOCOL, .malformed),
        (CURLE_URL_MALFORMAT, .configuration),
        (CURLE_COULDNT_RESOLVE_PROXY, .proxy),
        (CURLE_COULDNT_RESOLVE_HOST, .connection),
        (CURLE_WEIRD_SERVER_REPLY, .malformed),
        (CURLE_OPERATION_TIMEDOUT, .timeout),
        (CURLE_SSL_CONNECT_ERROR, .tls),
        (CURLE_SSL_ENGINE_NOTFOUND, .tls),
        (CURLE_SSL_ENGINE_SETFAILED, .tls),
        (CURLE_SSL_CERTPROBLEM, .tls),
        (CURLE_SSL_CIPHER, .tls),
        (CURLE_PEER_FAILED_VERIFICATION, .tls),
        (CURLE_BAD_CONTENT_ENCODING, .malformed),
        (CURLE_USE_SSL_FAILED, .tls),
        (CURLE_SSL_ENGINE_INITFAILED, .tls),
        (CURLE_SSL_CACERT_BADFILE, .tls),
        (CURLE_SSL_SHUTDOWN_FAILED, .tls),
        (CURLE_SSL_CRL_BADFILE, .tls),
        (CURLE_SSL_ISSUER_ERROR, .tls),
        (CURLE_SSL_PINNEDPUBKEYNOTMATCH, .tls),
        (CURLE_SSL_INVALIDCERTSTATUS, .tls),
        (CURLE_SSL_CLIENTCERT, .tls),
        (CURLE_PROXY, .proxy),
    ]

    private static let kinds = Dictionary(
        uniqueKeysWithValues: rows.map { ($0.0.rawValue, $0.1) })

    private static let lostConnections: Set<UInt32> = Set(
        [
            CURLE_COULDNT_CONNECT, CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_SEND_ERROR,
            CURLE_RECV_ERROR, CURLE_HTTP2, CURLE_HTTP2_STREAM,
        ].map(\.rawValue))
}
