/// A seeded source of numbers: the same seed gives the same data on every machine.
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    /// The numbers of one series, whatever other series there are.
    init(seed: UInt64, of name: String) { state = seed ^ Self.hash(name) }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// From 0 up to, not including, 1.
    mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }

    mutating func whole(below bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// FNV-1a.
    static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
