import Clusters
import TimeSeries

/// Why bytes are no snapshot.
public enum SnapshotFailure: Error, Hashable, Sendable {
    /// Of another form than this program's.
    case version(UInt8)
    case malformed
}

/// Reads what a `SnapshotWriter` wrote; fails at anything that cannot be it, before room is made
/// for it.
struct SnapshotReader {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private var remaining: Int { bytes.count - offset }

    // MARK: Pieces

    mutating func byte() throws(SnapshotFailure) -> UInt8 {
        guard offset < bytes.count else { throw .malformed }
        defer { offset += 1 }
        return bytes[offset]
    }

    mutating func flag() throws(SnapshotFailure) -> Bool {
        let byte = try byte()
        guard byte < 2 else { throw .malformed }
        return byte == 1
    }

    private mutating func unsigned() throws(SnapshotFailure) -> UInt64 {
        var result: UInt64 = 0
        for shift in stride(from: 0, to: 64, by: 7) {
            let byte = try byte()
            if shift == 63, byte > 1 { throw .malformed }
            result |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return result }
        }
        throw .malformed
    }

    private mutating func signed() throws(SnapshotFailure) -> Int64 {
        let value = try unsigned()
        return Int64(bitPattern: value >> 1) ^ -Int64(value & 1)
    }

    /// A time within three hundred thousand years of the epoch, so that reckoning with it never
    /// overflows.
    mutating func time() throws(SnapshotFailure) -> Int64 {
        let value = try signed()
        guard value.magnitude < 1 << 53 else { throw .malformed }
        return value
    }

    mutating func optionalTime() throws(SnapshotFailure) -> Int64? {
        try flag() ? try time() : nil
    }

    /// A number of things, of which each takes a byte at least.
    mutating func count() throws(SnapshotFailure) -> Int {
        let value = try unsigned()
        guard value <= UInt64(remaining) else { throw .malformed }
        return Int(value)
    }

    private mutating func double() throws(SnapshotFailure) -> Double {
        guard remaining >= 8 else { throw .malformed }
        var pattern: UInt64 = 0
        for byte in bytes[offset..<offset + 8].reversed() { pattern = pattern << 8 | UInt64(byte) }
        offset += 8
        return Double(bitPattern: pattern)
    }

    mutating func text() throws(SnapshotFailure) -> String {
        let count = try count()
        defer { offset += count }
        return String(decoding: bytes[offset..<offset + count], as: UTF8.self)
    }

    mutating func labels() throws(SnapshotFailure) -> Labels {
        var builder = LabelsBuilder()
        for _ in 0..<(try count()) {
            let name = try text()
            builder.set(name, try text())
        }
        return builder.labels()
    }

    mutating func ruleTexts() throws(SnapshotFailure) -> [RuleText] {
        var result: [RuleText] = []
        for _ in 0..<(try count()) {
            let name = try text()
            result.append(RuleText(name: name, text: try text()))
        }
        return result
    }

    func requireEnd() throws(SnapshotFailure) {
        if remaining > 0 { throw .malformed }
    }

    // MARK: Values

    private mutating func value() throws(SnapshotFailure) -> SampledSeries.Value {
        try flag() ? .histogram(try histogram()) : .float(try double())
    }

    private mutating func histogram() throws(SnapshotFailure) -> NativeHistogram {
        var result = NativeHistogram()
        var indices = -(1 << 20)...(1 << 20)
        if try flag() {
            var bounds: [Double] = []
            for _ in 0..<(try count()) { bounds.append(try double()) }
            result.layout = .custom(bounds: bounds)
            indices = 0...bounds.count
        } else {
            guard let schema = Int(exactly: try signed()),
                ExponentialBounds.schemas.contains(schema)
            else { throw .malformed }
            result.layout = .exponential(schema: schema)
        }
        result.zeroThreshold = try double()
        result.zeroCount = try double()
        result.count = try double()
        result.sum = try double()
        result.positive = try buckets(indices)
        result.negative = try buckets(indices)
        switch try byte() {
        case 0: result.resetHint = .unknown
        case 1: result.resetHint = .reset
        case 2: result.resetHint = .notReset
        case 3: result.resetHint = .gauge
        default: throw .malformed
        }
        result.isPartlyKnown = try flag()
        return result
    }

    private mutating func buckets(
        _ indices: ClosedRange<Int>
    ) throws(SnapshotFailure) -> HistogramBuckets {
        var result = HistogramBuckets()
        for _ in 0..<(try count()) {
            guard let index = Int(exactly: try signed()), indices.contains(index),
                result.indices.last.map({ $0 < index }) ?? true
            else { throw .malformed }
            result.append(try double(), at: index)
        }
        return result
    }

    // MARK: Alerts

    mutating func optionalAlert() throws(SnapshotFailure) -> AlertInstance? {
        try flag() ? try alert() : nil
    }

    /// An alert, whose evidence stands elsewhere.
    private mutating func alert() throws(SnapshotFailure) -> AlertInstance {
        let labels = try labels()
        let origin = try self.labels()
        let annotations = try ruleTexts()
        let value = try value()
        let state = try byte()
        var result = AlertInstance(
            labels: labels, origin: origin, annotations: annotations, value: value,
            activeAt: try time())
        switch state {
        case 0: result.state = .inactive
        case 1: result.state = .pending
        case 2: result.state = .firing
        default: throw .malformed
        }
        result.firedAt = try optionalTime()
        result.resolvedAt = try optionalTime()
        result.keepFiringSince = try optionalTime()
        if let since = try optionalTime() {
            result.hold = AlertInstance.Hold(since: since, clusters: try clusters())
        }
        result.needsConfirmation = try flag()
        for _ in 0..<(try count()) { result.partial.append(ClusterID(try text())) }
        return result
    }

    private mutating func clusters() throws(SnapshotFailure) -> [MissingCluster] {
        var result: [MissingCluster] = []
        for _ in 0..<(try count()) {
            let id = ClusterID(try text())
            let labels = try labels()
            result.append(MissingCluster(id: id, externalLabels: labels, since: try time()))
        }
        return result
    }
}
