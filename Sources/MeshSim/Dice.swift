/// Random numbers that depend on a seed and a name only.
///
/// Each thing of the mesh throws its own dice, named for it. So the numbers of one service stay
/// what they are when another is added, and two processes with one seed simulate the same mesh.
struct Dice: Sendable {
    private var state: UInt64

    /// The dice of the thing `name` in the mesh grown from `seed`.
    init(seed: UInt64, name: String) {
        // FNV-1a: short, and the same on every machine (`Hasher` is seeded per process).
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "\(seed)/\(name)".utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        state = hash
    }

    /// The next 64 random bits (SplitMix64).
    mutating func bits() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A number of `range`, all equally likely.
    mutating func number(in range: ClosedRange<Double>) -> Double {
        let unit = Double(bits() >> 11) * 0x1p-53
        return range.lowerBound + unit * (range.upperBound - range.lowerBound)
    }

    /// An index below `count`, all equally likely.
    mutating func index(below count: Int) -> Int {
        Int(bits() % UInt64(count))
    }

    /// True in `share` of all cases.
    mutating func chance(_ share: Double) -> Bool {
        number(in: 0...1) < share
    }

    /// A word as Kubernetes puts at the end of a pod's name: no vowels, so no rude words.
    mutating func podSuffix(length: Int) -> String {
        let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")
        return String((0..<length).map { _ in alphabet[index(below: alphabet.count)] })
    }

    /// What the pods of one ReplicaSet have in common: the digits of a hash, in the letters that
    /// Kubernetes writes them with.
    mutating func replicaSetHash() -> String {
        let alphabet = Array("456789bcdf")
        return String((0..<9).map { _ in alphabet[index(below: alphabet.count)] })
    }
}
