import HTTPTypes
import HummingbirdCore
import NIOCore

/// Sends one answer: in one piece where it is short, else piece by piece as it is made, compressed
/// where the client likes that.
struct AnswerSender {
    var answer: Answer
    var method: HTTPRequest.Method
    var coding: ContentCoding

    /// Bodies below this are sent as they are.
    private static let smallBytes = 1024
    /// Compressed bytes are gathered until there are as many.
    private static let pieceBytes = 1 << 16

    /// Sends the answer with `headers`; gives the body's bytes on the wire.
    consuming func send(
        _ headers: HTTPFields, _ writer: consuming ResponseWriter
    ) async throws -> Int {
        var head = HTTPResponse(status: answer.status, headerFields: headers)
        if answer.status == .noContent {
            head.headerFields[.contentType] = nil
            try await writer.writeResponse(head)
            return 0
        }
        head.headerFields.append(HTTPField(name: .vary, value: "Accept-Encoding"))
        if answer.status == .notModified {
            head.headerFields[.contentType] = nil
            try await writer.writeResponse(head)
            return 0
        }
        if method == .head {
            head.headerFields[.contentLength] = String(await length())
            try await writer.writeResponse(head)
            return 0
        }
        if case .stored(let file) = answer.body {
            return try await sendStored(file, head, writer)
        }
        let first = await answer.body.next() ?? []
        if let second = await answer.body.next() {
            return try await stream(first, second, head, writer)
        }
        return try await sendWhole(first, head, writer)
    }

    /// The body's bytes, uncompressed, none of which is kept.
    private mutating func length() async -> Int {
        var length = 0
        while let piece = await answer.body.next() { length += piece.count }
        return length
    }

    private func sendStored(
        _ file: PageFile, _ head: HTTPResponse, _ writer: consuming ResponseWriter
    ) async throws -> Int {
        let compressed = file.bytes(in: coding)
        var head = head
        if compressed != nil { head.headerFields[.contentEncoding] = coding.rawValue }
        return try await write(compressed ?? file.bytes, head, writer)
    }

    private func sendWhole(
        _ body: [UInt8], _ head: HTTPResponse, _ writer: consuming ResponseWriter
    ) async throws -> Int {
        var head = head
        var bytes = body
        if body.count >= Self.smallBytes, let compressor = Compressor(coding) {
            var compressed: [UInt8] = []
            if compressor.compress(body, isLast: true, to: &compressed) {
                bytes = compressed
                head.headerFields[.contentEncoding] = coding.rawValue
            }
        }
        return try await write(bytes, head, writer)
    }

    private func write(
        _ bytes: [UInt8], _ head: HTTPResponse, _ writer: consuming ResponseWriter
    ) async throws -> Int {
        var head = head
        head.headerFields[.contentLength] = String(bytes.count)
        try await writer.write(
            response: head, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        return bytes.count
    }

    private consuming func stream(
        _ first: [UInt8], _ second: [UInt8], _ head: HTTPResponse,
        _ writer: consuming ResponseWriter
    ) async throws -> Int {
        var head = head
        let compressor = Compressor(coding)
        if compressor != nil { head.headerFields[.contentEncoding] = coding.rawValue }
        var body = try await writer.writeHead(head)
        var sent = 0
        var gathered: [UInt8] = []
        var piece: [UInt8]? = first
        var next: [UInt8]? = second
        while let bytes = piece {
            if let compressor {
                guard compressor.compress(bytes, isLast: next == nil, to: &gathered) else {
                    // The client sees that the body is cut off.
                    throw ChannelError.eof
                }
            } else {
                gathered = bytes
            }
            if gathered.count >= Self.pieceBytes || next == nil || compressor == nil {
                try await body.write(ByteBuffer(bytes: gathered))
                sent += gathered.count
                gathered.removeAll(keepingCapacity: true)
            }
            piece = next
            next = piece == nil ? nil : await answer.body.next()
            // A long answer is seconds of work, which others may share the threads with.
            await Task.yield()
        }
        try await body.finish(nil)
        return sent
    }
}
