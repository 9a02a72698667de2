/// What a collector answers to an `ExportTraceServiceRequest`.
public struct OTLPExportAnswer: Hashable, Sendable {
    /// How many spans it did not take.
    public var rejectedSpans: Int64 = 0
    /// Why not, or what else is to be said; empty for nothing.
    public var message = ""

    /// Reads the JSON of an answer; an empty one says that all went well.
    public init(_ bytes: [UInt8]) throws(ReadingFailure) {
        guard !bytes.isEmpty else { return }
        let told = try JSONReader.reading(bytes) { (reader) throws(ReadingFailure) in
            var told = (rejected: Int64(0), message: "")
            try reader.object("an object") { (reader, name) throws(ReadingFailure) in
                guard "partialSuccess" ~= name || "partial_success" ~= name else {
                    return try reader.skip()
                }
                if try reader.takesNull() { return }
                try reader.object("an object") { (reader, name) throws(ReadingFailure) in
                    switch name {
                    case "rejectedSpans", "rejected_spans": told.rejected = try reader.integer()
                    case "errorMessage", "error_message": told.message = try reader.text()
                    default: try reader.skip()
                    }
                }
            }
            return told
        }
        rejectedSpans = max(0, told.rejected)
        message = told.message
    }
}
