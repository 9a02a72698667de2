extension Duration {
    /// In milliseconds, rounded up, so that a time that is left is not taken for none.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        let whole = attoseconds / 1_000_000_000_000_000
        let isBroken = attoseconds % 1_000_000_000_000_000 > 0
        return Int(seconds) * 1000 + Int(whole) + (isBroken ? 1 : 0)
    }

    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
