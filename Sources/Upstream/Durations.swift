extension Duration {
    /// In milliseconds, rounded up, so that a time that is left is not taken for none. At most a
    /// day, which is for ever.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        if seconds >= 86_400 { return 86_400_000 }
        let whole = attoseconds / 1_000_000_000_000_000
        let isBroken = attoseconds % 1_000_000_000_000_000 > 0
        return Int(seconds) * 1000 + Int(whole) + (isBroken ? 1 : 0)
    }

    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
