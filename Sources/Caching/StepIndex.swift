/// Which steps of a question blocks are kept for.
struct StepIndex: Hashable, Sendable {
    /// The newest first.
    private(set) var entries: [StepNumbers] = []
    /// Whether a server ever remarked anything with an answer.
    var hasRemarks = false

    /// More are not noted.
    private static let maximumEntries = 16

    init() {}

    mutating func note(_ steps: StepNumbers) {
        entries.removeAll { $0 == steps }
        entries.insert(steps, at: 0)
        if entries.count > Self.maximumEntries { entries.removeLast() }
    }

    // MARK: Bytes

    func bytes(for identity: EntryIdentity, limit: Int) -> [UInt8]? {
        var writer = ByteWriter()
        writer.append(byte: hasRemarks ? 1 : 0)
        writer.append(count: entries.count)
        for entry in entries {
            writer.append(signed: entry.step)
            writer.append(signed: entry.phase)
        }
        return Envelope.sealed([.init(bytes: writer.bytes)], for: identity, limit: limit)
    }

    /// `width` is how many steps blocks have.
    init(
        _ bytes: [UInt8], of identity: EntryIdentity, width: Int, limit: Int
    ) throws(EntryFailure) {
        let envelope = try Envelope(bytes, of: identity, limit: limit)
        var reader = ByteReader(try envelope.section(0))
        hasRemarks = try reader.byte() == 1
        for _ in 0..<(try reader.count(upTo: Self.maximumEntries)) {
            let step = try reader.signed()
            let phase = try reader.signed()
            guard step > 0, step < 1 << 40, phase >= 0, phase < step else { throw .malformed }
            entries.append(StepNumbers(step: step, phase: phase, width: width))
        }
        try reader.requireEnd()
    }
}
