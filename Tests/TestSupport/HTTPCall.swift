import Foundation
import Glibc

/// An answer to an HTTP request, whole.
package struct HTTPAnswer: Sendable {
    package var status: Int
    package var headers: [Header]
    package var body: Data

    package struct Header: Sendable {
        /// In small letters.
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(status: Int, headers: [Header], body: Data) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The value of a header, whatever the case of its name.
    package func header(_ name: String) -> String? {
        headers.first { $0.name == name.lowercased() }?.value
    }

    package var text: String { String(decoding: body, as: UTF8.self) }
}

/// A request to a server on 127.0.0.1, on a connection of its own.
package struct HTTPCall: Sendable {
    package var port: Int
    package var method = "GET"
    package var path: String
    /// Sent in the address for GET, as a form for POST.
    package var parameters: [Parameter] = []
    package var headers: [HTTPAnswer.Header] = []
    /// Seconds in which something must arrive.
    package var timeout = 120

    package struct Parameter: Sendable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(port: Int, path: String, parameters: [Parameter] = []) {
        self.port = port
        self.path = path
        self.parameters = parameters
    }

    /// Asks and waits for the whole answer, without blocking the concurrency pool.
    package func answer() async throws -> HTTPAnswer {
        try await onThread { try self.blockingAnswer() }
    }

    func blockingAnswer() throws -> HTTPAnswer {
        let socket = try Loopback.connectedSocket(port: port, timeout: timeout)
        defer { close(socket) }
        Loopback.send(text, to: socket)
        var bytes = Data()
        while true {
            guard let chunk = Loopback.receive(from: socket) else {
                throw ProcessFailure(
                    "\(method) \(path) on port \(port): error \(errno) after \(bytes.count) bytes")
            }
            if chunk.isEmpty { break }
            bytes.append(chunk)
        }
        guard let answer = HTTPAnswer(bytes) else {
            throw ProcessFailure(
                "\(method) \(path) on port \(port): no whole answer in \(bytes.count) bytes")
        }
        return answer
    }

    /// The request as it is sent.
    var text: Data {
        let form = parameters.map { "\(Self.escaped($0.name))=\(Self.escaped($0.value))" }
            .joined(separator: "&")
        var target = path
        var body = ""
        if method == "GET", !form.isEmpty { target += "?" + form } else { body = form }
        var lines = [
            "\(method) \(target) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close",
        ]
        if method != "GET" {
            lines.append("Content-Type: application/x-www-form-urlencoded")
            lines.append("Content-Length: \(body.utf8.count)")
        }
        lines += headers.map { "\($0.name): \($0.value)" }
        return Data((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
    }

    private static func escaped(_ text: String) -> String {
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "-._~")
        allowed.formIntersection(CharacterSet(charactersIn: "\u{0}"..."\u{7f}"))
        return text.addingPercentEncoding(withAllowedCharacters: allowed) ?? text
    }
}

extension HTTPAnswer {
    /// Reads an answer whose connection has been closed. Nil where it is not whole.
    init?(_ bytes: Data) {
        guard let end = bytes.range(of: Data("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
            .components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        guard words.count > 1, let status = Int(words[1]) else { return nil }
        let headers = lines.dropFirst().compactMap { line -> Header? in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard let name = parts.first else { return nil }
            let value = parts.count > 1 ? String(parts[1]) : ""
            return Header(
                name: name.lowercased(), value: value.trimmingCharacters(in: .whitespaces))
        }
        self.init(status: status, headers: headers, body: Data())
        let rest = Data(bytes[end.upperBound...])
        if header("transfer-encoding")?.lowercased() == "chunked" {
            guard let body = Self.joined(chunks: rest) else { return nil }
            self.body = body
        } else {
            if let length = header("content-length").flatMap(Int.init), length != rest.count {
                return nil
            }
            body = rest
        }
    }

    private static func joined(chunks: Data) -> Data? {
        var body = Data()
        var rest = chunks[...]
        let newline = Data("\r\n".utf8)
        while let end = rest.range(of: newline) {
            let line = String(decoding: rest[..<end.lowerBound], as: UTF8.self)
            guard let size = Int(line.prefix { $0 != ";" }, radix: 16) else { return nil }
            if size == 0 { return body }
            let last = end.upperBound + size
            guard last + 2 <= rest.endIndex else { return nil }
            body.append(rest[end.upperBound..<last])
            rest = rest[(last + 2)...]
        }
        return nil
    }
}
