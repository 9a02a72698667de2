/// Why bytes are no message of remote write or remote read that could be used.
public enum RemoteStorageFailure: Error, Hashable, Sendable {
    /// Not a block of Snappy, or a damaged one.
    case notSnappy
    /// The block announces more bytes than may be made of it.
    case tooLarge(bytes: Int, maximum: Int)
    /// The message ends inside a field.
    case truncated(offset: Int)
    /// The byte at `offset` begins nothing that protobuf has.
    case notProtobuf(offset: Int)
    /// Protobuf, but not of the message's form.
    case wrongShape(Expected, offset: Int)
    /// More samples and series than the reader was allowed to hold.
    case tooManySamples(maximum: Int)

    /// What should have been there.
    public enum Expected: String, Hashable, Sendable, CaseIterable {
        case message = "a message"
        case text = "text in UTF-8"
        case integer = "an integer"
        case double = "a double"
        case doubles = "doubles"
        case integers = "integers"
        case labels = "labels with a name each, no name twice"
        case schema = "a histogram's schema, -4 to 8 or -53"
        case spans = "spans that go with a histogram's counts"
        case counts = "counts of the sort that a histogram's total is of"
        case bounds = "rising bounds, one for each but the last bucket"
    }
}

extension RemoteStorageFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notSnappy: "the message is not compressed with Snappy, or damaged"
        case .tooLarge(let bytes, let maximum):
            "the message has \(bytes) bytes when uncompressed, more than \(maximum)"
        case .truncated(let offset): "the message ends at byte \(offset), inside a field"
        case .notProtobuf(let offset): "the message is not protobuf at byte \(offset)"
        case .wrongShape(let expected, let offset):
            "the message is not of the right form: \(expected.rawValue) was expected at byte"
                + " \(offset)"
        case .tooManySamples(let maximum):
            "the message has more than \(maximum) series and samples"
        }
    }
}
