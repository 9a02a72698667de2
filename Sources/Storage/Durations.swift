extension Duration {
    /// In whole milliseconds, rounded down.
    var wholeMilliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }

    /// In milliseconds as the system calls take them, rounded up, so that a time that is left is
    /// not taken for none.
    var pollMilliseconds: Int32 {
        let (seconds, attoseconds) = components
        if seconds >= 86_400 { return 86_400_000 }
        if seconds < 0 || attoseconds < 0 { return 0 }
        let isBroken = attoseconds % 1_000_000_000_000_000 > 0
        return Int32(wholeMilliseconds) + (isBroken ? 1 : 0)
    }

    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
