import TimeSeries

/// Reads the rows of a dialect's answers.
///
/// A row's labels are put in parts: who reports, the two ends, and how the calls ended. Answers of a
/// hundred thousand rows have few thousand of each, so what a part says is found out once, and a row
/// is the numbers of its parts. No texts are made for those that were seen before.
public struct RowReading: Sendable {
    /// A row as numbers; equal numbers mean equal parts.
    public struct Row: Sendable {
        /// In `sources`.
        public var source: Int32
        /// In `destinations`.
        public var destination: Int32
        /// In `outcomes`.
        public var outcome: Int32
        /// In `bounds`; -1 where the row is no bucket.
        public var bound: Int32
    }

    /// What an end's labels say, and who says it.
    public struct Side: Sendable {
        public var end: CallEnd
        /// What the labels call the end's cluster.
        public var clusterName: String
        public var principal: String
        public var reporter: CallReport.Reporter
        public var reportedBy: String
    }

    public struct Outcome: Sendable {
        public var measure: CallReport.Measure
        public var security: CallSecurity
        /// See `ReportedCall`.
        public var saysProtocol: Bool
    }

    public let dialect: Dialect
    public private(set) var sources: [Side] = []
    public private(set) var destinations: [Side] = []
    public private(set) var outcomes: [Outcome] = []
    /// The upper bounds of buckets, as they are told; nil where one is no number.
    public private(set) var bounds: [Double?] = []

    private let reading: CallReading
    private let names: LabelParts
    private var reports: [Report] = []
    /// Whether a destination is one.
    private var isService: [Bool] = []
    private var tables = [ByteTable](repeating: ByteTable(), count: LabelParts.count)
    /// The parts of the row that is being read.
    private var parts = [[UInt8]](repeating: [], count: LabelParts.count)
    /// Where the values of each part end; what follows is of other parts that it depends on.
    private var ends = [Int](repeating: 0, count: LabelParts.count)
    /// The place of the label that followed each one where it was seen last; behind the last place
    /// that of the first label.
    private var following: [Int]
    private var values: [String]

    private struct Report {
        /// The witness's place; nil where the row is nobody's report.
        var witness: Int?
        var reportedBy: String
    }

    public init(_ dialect: Dialect) {
        self.dialect = dialect
        reading = CallReading(dialect)
        names = LabelParts(reading)
        following = names.names.indices.map { $0 + 1 } + [0]
        values = Array(repeating: "", count: reading.names.count)
    }

    /// Nil where the row is nobody's report, or about no service.
    public mutating func row(_ labels: Labels) -> Row? {
        split(labels)
        let report = number(of: LabelParts.report)
        if Int(report) == reports.count { reports.append(readReport()) }
        guard let witness = reports[Int(report)].witness else { return nil }

        // The same labels mean something else in another's report.
        for part in [LabelParts.source, LabelParts.destination, LabelParts.outcome] {
            withUnsafeBytes(of: report) { parts[part].append(contentsOf: $0) }
        }
        let destination = number(of: LabelParts.destination)
        if Int(destination) == destinations.count {
            let read = readDestination(witness, reports[Int(report)].reportedBy)
            isService.append(read != nil)
            destinations.append(side(read, reports[Int(report)], witness))
        }
        guard isService[Int(destination)] else { return nil }
        let source = number(of: LabelParts.source)
        if Int(source) == sources.count {
            let read = readSource(witness, reports[Int(report)].reportedBy)
            sources.append(side(read, reports[Int(report)], witness))
        }
        let tells = CallReading.tellsMutualTLS(destinations[Int(destination)].principal)
        parts[LabelParts.outcome].append(tells ? 1 : 0)
        let outcome = number(of: LabelParts.outcome)
        if Int(outcome) == outcomes.count {
            outcomes.append(readOutcome(witness, destinations[Int(destination)].principal))
        }
        return Row(source: source, destination: destination, outcome: outcome, bound: bound())
    }

    /// What a row says, for those who want it in full.
    public mutating func call(_ labels: Labels) -> ReportedCall? { row(labels).map(call) }

    public func call(_ row: Row) -> ReportedCall {
        let source = sources[Int(row.source)]
        let destination = destinations[Int(row.destination)]
        let outcome = outcomes[Int(row.outcome)]
        var call = ReportedCall(
            dialect: dialect, reporter: source.reporter, reportedBy: source.reportedBy,
            source: source.end, destination: destination.end, measure: outcome.measure)
        call.sourcePrincipal = source.principal
        call.destinationPrincipal = destination.principal
        call.security = outcome.security
        call.saysProtocol = outcome.saysProtocol
        return call
    }

    /// What the proxies that report call their own clusters; pairs may be there several times.
    var clusterNames: [ClusterNames.Pair] {
        let own =
            sources.filter { $0.reporter == .source }
            + destinations.filter { $0.reporter != .source }
        return own.filter { !$0.clusterName.isUnknownName }.map {
            ClusterNames.Pair(name: $0.clusterName, cluster: $0.reportedBy)
        }
    }

    private mutating func number(of part: Int) -> Int32 { tables[part].number(of: parts[part]) }

    private mutating func bound() -> Int32 {
        if parts[LabelParts.bound].isEmpty { return -1 }
        let number = number(of: LabelParts.bound)
        if Int(number) == bounds.count {
            bounds.append(
                parts[LabelParts.bound].withUnsafeBufferPointer { NumberText.read($0) })
        }
        return number
    }

    // MARK: Parts

    /// Puts the labels that are looked at in their parts: of each its place, its length and its value;
    /// of a bound the value alone.
    private mutating func split(_ labels: Labels) {
        for part in parts.indices { parts[part].removeAll(keepingCapacity: true) }
        var before = names.names.count
        labels.visit { name, value in
            var place = following[before]
            if place >= names.names.count || !names.isSame(place, name) {
                guard let found = names.place(of: name) else { return true }
                place = found
                following[before] = found
            }
            before = place
            let mask = names.masks[place]
            for part in 0..<LabelParts.bound where mask & (1 << part) != 0 {
                parts[part].append(UInt8(truncatingIfNeeded: place))
                var count = value.count
                while count >= 0x80 {
                    parts[part].append(UInt8(truncatingIfNeeded: count) | 0x80)
                    count >>= 7
                }
                parts[part].append(UInt8(truncatingIfNeeded: count))
                parts[part].append(contentsOf: value)
            }
            if mask & (1 << LabelParts.bound) != 0 {
                parts[LabelParts.bound].append(contentsOf: value)
            }
            return true
        }
        for part in parts.indices { ends[part] = parts[part].count }
    }

    /// Makes texts of a part's values; `forget` has to follow.
    private mutating func read(_ part: Int) {
        let bytes = parts[part]
        var offset = 0
        while offset < ends[part] {
            let place = Int(bytes[offset])
            offset += 1
            var count = 0
            var shift = 0
            while bytes[offset] >= 0x80 {
                count |= Int(bytes[offset] & 0x7f) << shift
                shift += 7
                offset += 1
            }
            count |= Int(bytes[offset]) << shift
            offset += 1
            values[place] = String(decoding: bytes[offset..<offset + count], as: UTF8.self)
            offset += count
        }
    }

    private mutating func forget() {
        for place in values.indices where !values[place].isEmpty { values[place] = "" }
    }

    // MARK: What they say

    private mutating func readReport() -> Report {
        read(LabelParts.report)
        defer { forget() }
        return Report(
            witness: reading.witness(values), reportedBy: reading.first(reading.cluster, values))
    }

    private mutating func readSource(
        _ witness: Int, _ reportedBy: String
    ) -> CallReading.ReadEnd {
        read(LabelParts.source)
        defer { forget() }
        return reading.source(values, reading.witnesses[witness], reportedBy: reportedBy)
    }

    private mutating func readDestination(
        _ witness: Int, _ reportedBy: String
    ) -> CallReading.ReadEnd? {
        read(LabelParts.destination)
        defer { forget() }
        return reading.destination(values, reading.witnesses[witness], reportedBy: reportedBy)
    }

    private mutating func readOutcome(_ witness: Int, _ destinationPrincipal: String) -> Outcome {
        read(LabelParts.outcome)
        defer { forget() }
        return Outcome(
            measure: reading.measure(values),
            security: reading.security(
                values, reading.witnesses[witness].reporter, of: destinationPrincipal),
            saysProtocol: reading.saysProtocol(values))
    }

    private func side(_ read: CallReading.ReadEnd?, _ report: Report, _ witness: Int) -> Side {
        Side(
            end: read?.end ?? CallEnd(), clusterName: read?.cluster ?? "",
            principal: read?.principal ?? "", reporter: reading.witnesses[witness].reporter,
            reportedBy: report.reportedBy)
    }
}

/// Which parts of a row each label belongs to.
struct LabelParts: Sendable {
    static let report = 0
    static let source = 1
    static let destination = 2
    static let outcome = 3
    /// The bound of a bucket.
    static let bound = 4
    static let count = 5

    /// The labels that are looked at: those of the reading in its order, then `le`.
    let names: [[UInt8]]
    /// For each the parts that it belongs to, a bit each.
    let masks: [UInt8]

    init(_ reading: CallReading) {
        names = reading.names + [Array("le".utf8)]
        var masks = [UInt8](repeating: 0, count: names.count)
        func mark(_ places: [Int], _ part: Int) {
            for place in places { masks[place] |= 1 << part }
        }
        mark(reading.cluster, Self.report)
        for witness in reading.witnesses {
            for condition in witness.marks { mark(condition.places, Self.report) }
            mark(witness.source.places, Self.source)
            mark(witness.destination.places, Self.destination)
        }
        mark(reading.outcome.places, Self.outcome)
        masks[names.count - 1] = 1 << Self.bound
        self.masks = masks
    }

    func place(of name: UnsafeBufferPointer<UInt8>) -> Int? {
        names.indices.first { isSame($0, name) }
    }

    func isSame(_ place: Int, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard names[place].count == name.count else { return false }
        return names[place].withUnsafeBytes { known in
            let name = UnsafeRawBufferPointer(name)
            var index = 0
            while index + 8 <= name.count {
                let one = known.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                guard one == name.loadUnaligned(fromByteOffset: index, as: UInt64.self) else {
                    return false
                }
                index += 8
            }
            while index < name.count, known[index] == name[index] { index += 1 }
            return index == name.count
        }
    }
}
