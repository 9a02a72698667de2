import TimeSeries

/// Whole answers, and the pieces that answers are made of, byte for byte as Prometheus writes them.
public enum ResponseText {
    /// An answer with any data.
    public static func success(
        _ data: JSONValue, annotations: Annotations = Annotations()
    ) -> [UInt8] {
        var bytes = Array(#"{"status":"success","data":"#.utf8)
        data.append(to: &bytes)
        append(annotations, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// The answer that something failed.
    public static func failure(
        _ error: ServerError, data: JSONValue? = nil, annotations: Annotations = Annotations()
    ) -> [UInt8] {
        var bytes = Array(#"{"status":"error","#.utf8)
        if let data {
            bytes.append(contentsOf: #""data":"#.utf8)
            data.append(to: &bytes)
            bytes.append(UInt8(ascii: ","))
        }
        bytes.append(contentsOf: #""errorType":"#.utf8)
        JSONText.append(error.type, to: &bytes)
        bytes.append(contentsOf: #","error":"#.utf8)
        JSONText.append(error.message, to: &bytes)
        append(annotations, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    // MARK: Pieces

    /// The members `warnings` and `infos` with the comma before them, each where there are any, in
    /// order of the texts.
    public static func append(_ annotations: Annotations, to bytes: inout [UInt8]) {
        append("warnings", annotations.warnings, to: &bytes)
        append("infos", annotations.infos, to: &bytes)
    }

    private static func append(_ name: String, _ texts: Set<String>, to bytes: inout [UInt8]) {
        if texts.isEmpty { return }
        bytes.append(contentsOf: ",\"\(name)\":[".utf8)
        for (index, text) in texts.sorted().enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            JSONText.append(text, to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// A label set as an object.
    static func append(
        _ labels: Labels, escaping: JSONText.Escaping, to bytes: inout [UInt8]
    ) {
        bytes.append(UInt8(ascii: "{"))
        var isFirst = true
        labels.visit { name, value in
            if isFirst { isFirst = false } else { bytes.append(UInt8(ascii: ",")) }
            JSONText.append(name, escaping: escaping, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            JSONText.append(value, escaping: escaping, to: &bytes)
            return true
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// A value in quotes.
    static func append(_ value: Double, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        NumberText.appendSample(value, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    static func append(_ histogram: NativeHistogram, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: #"{"count":"#.utf8)
        append(histogram.count, to: &bytes)
        bytes.append(contentsOf: #","sum":"#.utf8)
        append(histogram.sum, to: &bytes)
        let buckets = histogram.buckets
        if !buckets.isEmpty {
            bytes.append(contentsOf: #","buckets":"#.utf8)
            var opening = UInt8(ascii: "[")
            for bucket in buckets {
                bytes.append(opening)
                bytes.append(UInt8(ascii: "["))
                bytes.append(UInt8(ascii: "0") + UInt8(bucket.boundaries.rawValue))
                for number in [bucket.lower, bucket.upper, bucket.count] {
                    bytes.append(UInt8(ascii: ","))
                    append(number, to: &bytes)
                }
                bytes.append(UInt8(ascii: "]"))
                opening = UInt8(ascii: ",")
            }
            bytes.append(UInt8(ascii: "]"))
        }
        bytes.append(UInt8(ascii: "}"))
    }
}
