import Synchronization

/// Numbers for ids: no two of one process are alike, and those of two processes are with the
/// chance of random numbers. It asks the system once, for that takes longer than all else that an
/// unrecorded span costs.
final class IdentifierSource: Sendable {
    private let state: Atomic<UInt64>

    init() { state = Atomic<UInt64>(UInt64.random(in: .min ... .max)) }

    /// The next number: SplitMix64, whose steps and mixing are both one-to-one.
    var next: @Sendable () -> UInt64 {
        { self.mixed(self.state.wrappingAdd(0x9e37_79b9_7f4a_7c15, ordering: .relaxed).newValue) }
    }

    private func mixed(_ number: UInt64) -> UInt64 {
        var number = number
        number = (number ^ (number >> 30)) &* 0xbf58_476d_1ce4_e5b9
        number = (number ^ (number >> 27)) &* 0x94d0_49bb_1331_11eb
        return number ^ (number >> 31)
    }
}
