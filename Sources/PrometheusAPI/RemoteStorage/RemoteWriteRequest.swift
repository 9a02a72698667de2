// The first file to read in RemoteStorage: the messages that Prometheus and its kin send each other
// when one writes into another or reads from it, in protobuf and compressed with Snappy. Field
// numbers are those of Prometheus's `remote.proto` and `types.proto`.

import TimeSeries

/// What remote write 1.0 sends: `prometheus.WriteRequest`.
public struct RemoteWriteRequest: Hashable, Sendable {
    /// The samples of each are in order of their times.
    public var series: [SampledSeries]

    public init(series: [SampledSeries]) { self.series = series }

    /// How a body says what it is.
    public static let contentType = "application/x-protobuf"
    public static let contentEncoding = "snappy"
    /// The version of the protocol, and the header that names it.
    public static let version = "0.1.0"
    public static let versionHeader = "X-Prometheus-Remote-Write-Version"

    private enum FieldNumber {
        static let timeSeries = 1
    }

    /// The message, not compressed.
    public func encoded() -> [UInt8] {
        var writer = ProtobufWriter()
        writer.reserveCapacity(series.reduce(0) { $0 + $1.labels.sizeBytes * 2 + 32 })
        for series in series { series.append(to: &writer, field: FieldNumber.timeSeries) }
        return writer.bytes
    }

    /// Reads an uncompressed message with at most so many series and samples, counted together.
    public init(_ bytes: [UInt8], maximumSamples: Int) throws(RemoteStorageFailure) {
        series = []
        var budget = SampleBudget(maximum: maximumSamples)
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            // Field 3 is metadata, which says nothing of samples.
            guard field.number == FieldNumber.timeSeries else { continue }
            series.append(try SampledSeries(reading: try reader.message(field), &budget))
        }
    }
}

/// How much a message may still hold: an empty sample takes two bytes there, and far more here.
struct SampleBudget {
    let maximum: Int
    private var used = 0

    init(maximum: Int) { self.maximum = maximum }

    mutating func spend() throws(RemoteStorageFailure) {
        used += 1
        if used > maximum { throw .tooManySamples(maximum: maximum) }
    }
}
