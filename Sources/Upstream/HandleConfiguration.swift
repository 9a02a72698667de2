import CCurl
import Clusters

extension Job {
    /// Sets everything that libcurl has to know of the request. Reads the files of the service,
    /// which is why it happens on libcurl's thread.
    func configure(
        _ handle: UnsafeMutableRawPointer, _ files: inout WatchedFiles
    ) throws(UpstreamError) {
        let options = HandleOptions(handle: handle, transfer: transfer)
        try configureAnswer(options)
        try configureConnection(options)
        try configureRequest(options, &files)
        if transfer.order.address.isSecure { try configureTLS(options, &files) }
    }

    private func configureAnswer(_ options: HandleOptions) throws(UpstreamError) {
        let pointer = Unmanaged.passUnretained(self).toOpaque()
        try options.set(CURLOPT_ERRORBUFFER, message)
        try options.set(CURLOPT_HEADERDATA, pointer)
        try options.set(CURLOPT_WRITEDATA, pointer)
        try options.set(CURLOPT_HEADERFUNCTION, receiveLine)
        try options.set(CURLOPT_WRITEFUNCTION, receiveBody)
        try options.setSocketObserver(observeSocket, pointer)
        // All encodings that libcurl can undo.
        try options.set(CURLOPT_ACCEPT_ENCODING, "")
        try options.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    }

    private func configureConnection(_ options: HandleOptions) throws(UpstreamError) {
        let order = transfer.order
        try options.set(CURLOPT_NOSIGNAL, 1)
        // A request that is given up while its name is looked up would hold up all others.
        try options.set(CURLOPT_QUICK_EXIT, 1)
        try options.set(CURLOPT_PROTOCOLS_STR, "http,https")
        try options.set(CURLOPT_FOLLOWLOCATION, 0)
        try options.set(CURLOPT_TCP_KEEPALIVE, 1)
        try options.set(CURLOPT_TCP_KEEPIDLE, 30)
        try options.set(CURLOPT_TCP_KEEPINTVL, 15)
        // Cleartext HTTP/2 breaks on the second request of a connection in libcurl 7.88.
        let version =
            order.address.isSecure ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1
        try options.set(CURLOPT_HTTP_VERSION, version)
        if order.handshake != nil {
            // A connection of its own, which ends with the handshake.
            try options.set(CURLOPT_FRESH_CONNECT, 1)
            try options.set(CURLOPT_CONNECT_ONLY, 1)
        }
        let remaining = max(1, ContinuousClock.now.duration(to: deadline).milliseconds)
        try options.set(CURLOPT_TIMEOUT_MS, remaining)
        try options.set(
            CURLOPT_CONNECTTIMEOUT_MS, min(remaining, connectTimeout.milliseconds))
        // An empty proxy is none, whatever the environment says.
        try options.set(CURLOPT_PROXY, order.service.proxyURL ?? "")
        try options.set(CURLOPT_NOPROXY, "")
        // The proxy gets none of the headers that are meant for the service.
        try options.set(CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE))
    }

    private func configureRequest(
        _ options: HandleOptions, _ files: inout WatchedFiles
    ) throws(UpstreamError) {
        let order = transfer.order
        var host = order.address.authority
        var headers: [String] = []
        if let name = order.address.isSecure ? order.service.tls.serverName : nil, !name.isEmpty {
            // libcurl takes the name to check and to send from the address: the address gets the
            // server's name, and the connection goes to where the address has gone before.
            if !order.service.headers.contains(where: { $0.name.lowercased() == "host" }) {
                headers.append("Host: \(host)")
            }
            host = "\(name.contains(":") ? "[\(name)]" : name):\(order.address.port)"
            try setList(
                options, CURLOPT_CONNECT_TO, ["::\(order.address.host):\(order.address.port)"])
        }
        try options.set(
            CURLOPT_URL, "\(order.address.scheme)://\(host)\(order.address.path)\(order.target)")
        try options.set(CURLOPT_PATH_AS_IS, 1)
        try options.set(CURLOPT_USERAGENT, settings.userAgent)
        if let body = order.body { try options.setBody(body.bytes) }
        let credentials = try credentials(&files)
        transfer.setSecrets(
            credentials.secrets + order.service.headers.map(\.value)
                + Self.proxySecrets(order.service.proxyURL))
        if let value = credentials.value { headers.append("Authorization: \(value)") }
        let own = (order.body?.headers ?? []) + order.traceHeaders
        for header in own + order.service.headers {
            if credentials.value != nil, header.name.lowercased() == "authorization" { continue }
            // libcurl leaves out a header without a value, unless it ends in a semicolon.
            headers.append(
                header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)")
        }
        for header in headers where !Self.isOneLine(header) {
            let name = header.prefix { $0 != ":" && $0 != ";" }
            throw transfer.error(
                .configuration, message: "the header \(name) is not a name and a single line")
        }
        // No question before a long body: servers of metrics take it at once.
        try setList(options, CURLOPT_HTTPHEADER, headers + ["Expect:"])
    }

    private struct Credentials {
        /// Of the `Authorization` header.
        var value: String?
        /// Each way in which the secret could be written.
        var secrets: [String] = []

        static func basic(_ name: String, _ password: String) -> Credentials {
            let code = Base64.encoded("\(name):\(password)")
            return Credentials(value: "Basic \(code)", secrets: [password, code])
        }
    }

    private func credentials(_ files: inout WatchedFiles) throws(UpstreamError) -> Credentials {
        switch transfer.order.service.authorization {
        case .basic(let username, let password):
            return .basic(username, try secret(password, &files))
        case .credentials(let type, let secret):
            let text = try self.secret(secret, &files)
            return Credentials(value: "\(type) \(text)", secrets: [text])
        case nil:
            guard let user = transfer.order.address.userInfo else { return Credentials() }
            return .basic(user.name, user.password)
        }
    }

    private func secret(
        _ secret: Secret, _ files: inout WatchedFiles
    ) throws(UpstreamError) -> String {
        switch secret {
        case .text(let text): return text
        case .file(let path):
            do throws(WatchedFiles.Problem) {
                let text = try files.secret(in: path)
                guard Self.isOneLine(text) else {
                    throw WatchedFiles.Problem(path: path, message: "it is not a single line")
                }
                return text
            } catch {
                throw transfer.error(.file(path: error.path), message: error.message)
            }
        }
    }

    private func configureTLS(
        _ options: HandleOptions, _ files: inout WatchedFiles
    ) throws(UpstreamError) {
        let tls = transfer.order.service.tls
        try options.set(CURLOPT_SSL_VERIFYPEER, tls.insecureSkipVerify ? 0 : 1)
        try options.set(CURLOPT_SSL_VERIFYHOST, tls.insecureSkipVerify ? 0 : 2)
        if let handshake = transfer.order.handshake {
            // Whoever looks at the certificate compares the names.
            try options.set(CURLOPT_SSL_VERIFYPEER, handshake == .judging ? 1 : 0)
            try options.set(CURLOPT_SSL_VERIFYHOST, 0)
            try options.set(CURLOPT_CERTINFO, 1)
            // A session that is taken up again shows the certificate of when it began.
            try options.set(CURLOPT_SSL_SESSIONID_CACHE, 0)
        }
        // The contents are set, not the paths: libcurl uses a connection again only for the same
        // contents, so that a changed certificate means a new connection.
        if let path = tls.caFile {
            try options.setBlob(CURLOPT_CAINFO_BLOB, try content(path, &files))
            // In place of the system's, not beside them.
            try options.unset(CURLOPT_CAPATH)
        }
        if let path = tls.certFile {
            try options.setBlob(CURLOPT_SSLCERT_BLOB, try content(path, &files))
            try options.set(CURLOPT_SSLCERTTYPE, "PEM")
        }
        if let path = tls.keyFile {
            try options.setBlob(CURLOPT_SSLKEY_BLOB, try content(path, &files))
            try options.set(CURLOPT_SSLKEYTYPE, "PEM")
            // An encrypted key is a failure, not a question on the terminal.
            try options.set(CURLOPT_KEYPASSWD, "")
        }
    }

    private func content(
        _ path: String, _ files: inout WatchedFiles
    ) throws(UpstreamError) -> [UInt8] {
        do throws(WatchedFiles.Problem) {
            return try files.bytes(of: path)
        } catch {
            throw transfer.error(.file(path: error.path), message: error.message)
        }
    }

    private func setList(
        _ options: HandleOptions, _ option: CURLoption, _ lines: [String]
    ) throws(UpstreamError) {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines { list = curl_slist_append(list, line) ?? list }
        if let list { lists.append(list) }
        try options.set(option, list)
    }

    private static func isOneLine(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 || $0 == 0x09 }
    }

    private static func proxySecrets(_ proxy: String?) -> [String] {
        guard let proxy, let start = proxy.firstRange(of: "://")?.upperBound,
            let end = proxy[start...].lastIndex(of: "@")
        else { return [] }
        let userInfo = proxy[start..<end]
        let password = userInfo.drop { $0 != ":" }.dropFirst()
        return [String(userInfo), String(password), PercentEncoding.decoded(password)]
    }
}

/// libcurl's options of one handle, set with a check.
private struct HandleOptions {
    let handle: UnsafeMutableRawPointer
    let transfer: Transfer

    func set(_ option: CURLoption, _ value: Int) throws(UpstreamError) {
        try check(option, isthmus_curl_set_long(handle, option, value))
    }

    func set(_ option: CURLoption, _ text: String) throws(UpstreamError) {
        try check(option, isthmus_curl_set_text(handle, option, text))
    }

    func unset(_ option: CURLoption) throws(UpstreamError) {
        try check(option, isthmus_curl_set_text(handle, option, nil))
    }

    func set(_ option: CURLoption, _ pointer: UnsafeMutableRawPointer) throws(UpstreamError) {
        try check(option, isthmus_curl_set_pointer(handle, option, pointer))
    }

    func set(_ option: CURLoption, _ receiver: isthmus_curl_receiver) throws(UpstreamError) {
        try check(option, isthmus_curl_set_receiver(handle, option, receiver))
    }

    func set(
        _ option: CURLoption, _ list: UnsafeMutablePointer<curl_slist>?
    ) throws(UpstreamError) {
        try check(option, isthmus_curl_set_list(handle, option, list))
    }

    func setSocketObserver(
        _ observer: @escaping curl_sockopt_callback, _ pointer: UnsafeMutableRawPointer
    ) throws(UpstreamError) {
        try check(
            CURLOPT_SOCKOPTFUNCTION, isthmus_curl_set_socket_observer(handle, observer, pointer))
    }

    func setBlob(_ option: CURLoption, _ bytes: [UInt8]) throws(UpstreamError) {
        try check(option, isthmus_curl_set_blob(handle, option, bytes, bytes.count))
    }

    func setBody(_ bytes: [UInt8]) throws(UpstreamError) {
        let code = bytes.withUnsafeBytes { buffer in
            let start = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            // Even an empty body needs an address.
            return start.map { isthmus_curl_set_body(handle, $0, buffer.count) }
                ?? isthmus_curl_set_body(handle, "", 0)
        }
        try check(CURLOPT_COPYPOSTFIELDS, code)
    }

    private func check(_ option: CURLoption, _ code: CURLcode) throws(UpstreamError) {
        guard code != CURLE_OK else { return }
        let name = curl_easy_option_by_id(option).flatMap { $0.pointee.name }
        throw transfer.error(
            .configuration,
            message: "libcurl refuses \(name.map { String(cString: $0) } ?? "an option"): "
                + String(cString: curl_easy_strerror(code)))
    }
}
