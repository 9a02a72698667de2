/// The last bytes of something long that passes by, and how much has passed.
struct LastBytes {
    /// How many are kept.
    let count: Int
    private(set) var passed = 0
    private var kept: [UInt8] = []

    init(count: Int) { self.count = count }

    var isEmpty: Bool { passed == 0 }
    /// Whether all that has passed is kept.
    var isWhole: Bool { passed <= count }
    var bytes: [UInt8] { Array(kept.suffix(count)) }

    mutating func append(_ piece: some Collection<UInt8>) {
        passed += piece.count
        kept.append(contentsOf: piece)
        // Seldom, so that each byte is moved once or twice.
        if kept.count > 2 * count { kept.removeFirst(kept.count - count) }
    }
}
