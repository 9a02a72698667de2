/// What a replica answered: status and headers at once, the body as it arrives. It lives as long as
/// the reading function that it is handed to.
package struct UpstreamResponse: Sendable {
    package var status: Int
    /// Names in lower case, in the order of the answer.
    package var headers: [Header]
    /// The base address of the replica, without user and password.
    package var replica: String
    package var body: UpstreamBody

    package struct Header: Hashable, Sendable {
        package var name: String
        package var value: String
    }

    /// The value of the first header of this name, which is in lower case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name == name }?.value
    }

    package var contentType: String? { header("content-type") }

    /// The whole body. Throws `tooLarge` past `limit` bytes.
    package func collect(upTo limit: Int) async throws(UpstreamError) -> [UInt8] {
        var bytes: [UInt8] = []
        var pieces = body.makeAsyncIterator()
        while let piece = try await pieces.next() {
            if bytes.count + piece.count > limit {
                throw UpstreamError(
                    kind: .tooLarge(limit: limit), replica: replica, phase: .receiving,
                    receivedBytes: bytes.count + piece.count)
            }
            if bytes.isEmpty { bytes = piece } else { bytes += piece }
        }
        return bytes
    }
}

/// A body in pieces, for one reader. While it is not read, the sender is made to wait.
package struct UpstreamBody: AsyncSequence, Sendable {
    package typealias Element = [UInt8]
    package typealias Failure = UpstreamError

    let transfer: Transfer

    package struct AsyncIterator: AsyncIteratorProtocol {
        let transfer: Transfer

        /// The next bytes, at least one; nil at the body's end.
        package mutating func next() async throws(UpstreamError) -> [UInt8]? {
            try await transfer.nextPiece()
        }
    }

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(transfer: transfer) }

    /// How many bytes have come and wait to be read.
    package var unreadBytes: Int { transfer.unreadBytes }

    /// Whether the sender is made to wait.
    package var isHeldBack: Bool { transfer.isHeldBack }
}
