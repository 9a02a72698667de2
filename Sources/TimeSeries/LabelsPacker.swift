/// Packs the labels of one series after another, straight from their bytes.
///
/// Made for decoders: names that come in order (as Prometheus sends them) are packed as they come,
/// with one allocation for each finished set; names in any other order are put in order at the end.
/// The bytes have to be UTF-8.
public struct LabelsPacker: Sendable {
    /// The packed form so far.
    private var storage: [UInt8] = []
    /// Where the label that is being packed begins.
    private var start = 0
    /// Where the name of that label is.
    private var name = 0..<0
    /// Where the name of the label before it is.
    private var nameBefore = 0..<0
    private var isOrdered = true

    public init() {}

    /// Begins a label; `append(value:)` has to follow.
    public mutating func append(name piece: Span<UInt8>) {
        start = storage.count
        appendPiece(piece)
        nameBefore = name
        name = storage.count - piece.count..<storage.count
        if start > 0, isOrdered { isOrdered = isAfterNameBefore() }
    }

    /// Ends the label begun last. Of two labels with one name the later wins; an empty value means
    /// that the label is absent.
    public mutating func append(value piece: Span<UInt8>) {
        if piece.isEmpty {
            if isOrdered {
                storage.removeSubrange(start...)
                name = nameBefore
                return
            }
        }
        appendPiece(piece)
    }

    /// The packed set; the packer is empty afterwards and keeps its room.
    public mutating func finish() -> Labels {
        // A copy of the exact size: the room stays here.
        let packed =
            isOrdered ? storage.withUnsafeBufferPointer { Array($0) } : orderedStorage()
        let labels = Labels(storage: packed)
        removeAll()
        return labels
    }

    /// Forgets what was packed, and keeps the room.
    public mutating func removeAll() {
        storage.removeAll(keepingCapacity: true)
        name = 0..<0
        nameBefore = name
        isOrdered = true
    }

    private mutating func appendPiece(_ piece: Span<UInt8>) {
        var length = piece.count
        while length >= 0x80 {
            storage.append(UInt8(length & 0x7f) | 0x80)
            length >>= 7
        }
        storage.append(UInt8(length))
        piece.withUnsafeBufferPointer { storage.append(contentsOf: $0) }
    }

    private func isAfterNameBefore() -> Bool {
        storage.withUnsafeBufferPointer { bytes in
            Labels.order(
                UnsafeBufferPointer(rebasing: bytes[nameBefore]),
                UnsafeBufferPointer(rebasing: bytes[name])) < 0
        }
    }

    /// The labels in order of their names, each name once, none empty.
    private func orderedStorage() -> [UInt8] {
        typealias Piece = UnsafeBufferPointer<UInt8>
        var entries: [(name: Piece, value: Piece)] = []
        return storage.withUnsafeBufferPointer { bytes in
            Labels.visit(bytes) { name, value in
                entries.append((name, value))
                return true
            }
            // The sort is stable, so of equal names the last is the one set last.
            entries.sort { Labels.order($0.name, $1.name) < 0 }
            var result: [UInt8] = []
            result.reserveCapacity(bytes.count)
            for (index, entry) in entries.enumerated() where !entry.value.isEmpty {
                let isLast =
                    index + 1 == entries.count
                    || Labels.order(entry.name, entries[index + 1].name) != 0
                guard isLast else { continue }
                Labels.appendPiece(entry.name, to: &result)
                Labels.appendPiece(entry.value, to: &result)
            }
            return result
        }
    }
}
