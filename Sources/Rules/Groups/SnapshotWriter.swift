import Clusters
import TimeSeries

/// Writes a snapshot: numbers in seven bits a byte, texts behind their lengths, what may be absent
/// behind a byte that says so. Equal snapshots have equal bytes.
struct SnapshotWriter {
    /// Another number for each form of the bytes; a reader knows only its own.
    static let version: UInt8 = 1

    private(set) var bytes: [UInt8] = []

    // MARK: Pieces

    mutating func append(byte: UInt8) { bytes.append(byte) }

    mutating func append(count: Int) { append(unsigned: UInt64(count)) }

    /// With the sign in the lowest bit.
    mutating func append(signed: Int64) {
        append(unsigned: UInt64(bitPattern: (signed << 1) ^ (signed >> 63)))
    }

    private mutating func append(unsigned: UInt64) {
        var rest = unsigned
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func append(double: Double) {
        withUnsafeBytes(of: double.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(text: String) {
        append(count: text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    mutating func append(_ time: Int64?) {
        append(byte: time == nil ? 0 : 1)
        if let time { append(signed: time) }
    }

    mutating func append(_ labels: Labels) {
        let pairs = labels.pairs
        append(count: pairs.count)
        for (name, value) in pairs {
            append(text: name)
            append(text: value)
        }
    }

    mutating func append(_ texts: [RuleText]) {
        append(count: texts.count)
        for text in texts {
            append(text: text.name)
            append(text: text.text)
        }
    }

    // MARK: Values

    private mutating func append(_ value: SampledSeries.Value) {
        switch value {
        case .float(let number):
            append(byte: 0)
            append(double: number)
        case .histogram(let histogram):
            append(byte: 1)
            append(histogram)
        }
    }

    private mutating func append(_ histogram: NativeHistogram) {
        switch histogram.layout {
        case .exponential(let schema):
            append(byte: 0)
            append(signed: Int64(schema))
        case .custom(let bounds):
            append(byte: 1)
            append(count: bounds.count)
            for bound in bounds { append(double: bound) }
        }
        for number in [
            histogram.zeroThreshold, histogram.zeroCount, histogram.count, histogram.sum,
        ] {
            append(double: number)
        }
        for buckets in [histogram.positive, histogram.negative] {
            append(count: buckets.count)
            for (index, count) in zip(buckets.indices, buckets.counts) {
                append(signed: Int64(index))
                append(double: count)
            }
        }
        let hint: UInt8 =
            switch histogram.resetHint {
            case .unknown: 0
            case .reset: 1
            case .notReset: 2
            case .gauge: 3
            }
        append(byte: hint)
        append(byte: histogram.isPartlyKnown ? 1 : 0)
    }

    // MARK: Alerts

    /// The alert of a verdict, and what it is based on, both of which may be absent.
    mutating func append(_ verdict: AlertVerdict) {
        for alert in [verdict.alert, verdict.base] {
            append(byte: alert == nil ? 0 : 1)
            if let alert { append(alert) }
        }
        append(verdict.base?.lastEvaluatedAt)
    }

    private mutating func append(_ alert: AlertInstance) {
        append(alert.labels)
        append(alert.origin)
        append(alert.annotations)
        append(alert.value)
        let state: UInt8 =
            switch alert.state {
            case .inactive: 0
            case .pending: 1
            case .firing: 2
            }
        append(byte: state)
        append(signed: alert.activeAt)
        for time in [alert.firedAt, alert.resolvedAt, alert.keepFiringSince] { append(time) }
        append(alert.hold?.since)
        if let hold = alert.hold {
            append(count: hold.clusters.count)
            for cluster in hold.clusters {
                append(text: cluster.id.name)
                append(cluster.externalLabels)
                append(signed: cluster.since)
            }
        }
        append(byte: alert.needsConfirmation ? 1 : 0)
        append(count: alert.partial.count)
        for cluster in alert.partial { append(text: cluster.name) }
    }
}
