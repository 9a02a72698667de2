import Spans

/// Reads a document of OTLP in JSON, as exporters send it and `transform` takes it. Names may have
/// underscores, as in the protocol's own files; what is not known is passed over.
public enum OTLPExport {
    /// The traces in the order of their first spans.
    public static func traces(_ bytes: [UInt8]) throws(ReadingFailure) -> [Trace] {
        var otlp = OTLPReader()
        try otlp.read(bytes, mayBeEmpty: true)
        return otlp.groups.traces
    }
}
