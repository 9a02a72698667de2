/// When a certificate ends: a time, or the times between which it is. Seconds since the Unix epoch.
public struct ExpiryBounds: Hashable, Sendable {
    /// No earlier than this; nil where it may have ended long ago.
    public var earliest: Int64?
    /// No later than this.
    public var latest: Int64

    public init(earliest: Int64?, latest: Int64) {
        self.earliest = earliest.map { min($0, latest) }
        self.latest = latest
    }

    public static func exactly(_ time: Int64) -> ExpiryBounds {
        ExpiryBounds(earliest: time, latest: time)
    }

    /// The time where it is known to the second.
    public var exact: Int64? { earliest == latest ? latest : nil }

    /// A gauge's time, that may be early by `slack` seconds and no more. Nil where it stands for
    /// none: NaN, 0 and what is negative are how gauges say that there is no certificate (Citadel,
    /// Envoy, proxies before their first one), and no certificate ends after the year 9999.
    public init?(unixSeconds: Double, slack: Int64 = 0) {
        guard unixSeconds > 0, unixSeconds <= Double(Self.last) else { return nil }
        let time = Int64(unixSeconds.rounded(.down))
        self.init(earliest: time - slack, latest: time)
    }

    /// Whole days to the end, as Envoy counts them at a time that is up to `lag` seconds before
    /// `time`. Nil where the number stands for "no certificate": 2147483647, or 4294967295 in newer
    /// releases. 0 is less than a day, or ended, or not readable; a negative number is ended.
    public init?(wholeDays days: Double, at time: Int64, upTo lag: Int64) {
        guard days.isFinite, days < Self.unlikelyDays else { return nil }
        let whole = days.rounded(.down)
        if whole < 0 {
            self.init(earliest: nil, latest: time - 1)
        } else if whole == 0 {
            self.init(earliest: nil, latest: time + Self.day - 1)
        } else {
            let seconds = Int64(whole) * Self.day
            self.init(earliest: time - lag + seconds, latest: time + seconds + Self.day - 1)
        }
    }

    private static let day: Int64 = 86_400
    /// 270 years.
    private static let unlikelyDays = 100_000.0
    /// 9999-12-31T23:59:59Z, which X.509 has for "no end".
    private static let last: Int64 = 253_402_300_799

    /// Whether both may be about the same time, give or take so many seconds.
    public func agrees(with other: ExpiryBounds, within tolerance: Int64) -> Bool {
        let begin = max(earliest ?? .min, other.earliest ?? .min)
        let end = min(latest, other.latest)
        return begin <= end || begin.subtractingReportingOverflow(end).partialValue <= tolerance
    }
}
