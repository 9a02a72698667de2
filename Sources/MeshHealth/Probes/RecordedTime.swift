import PrometheusAPI

/// Times in answers: RFC 3339, as Go and protobuf write them.
enum RecordedTime {
    /// Milliseconds since the Unix epoch; nil where the text is no time, and for the year 1, by
    /// which Go means none.
    static func milliseconds(_ text: String) -> Int64? {
        // A number alone is a time to Prometheus, but to nobody else.
        guard text.utf8.count >= 20, text.utf8.dropFirst(4).first == UInt8(ascii: "-"),
            let time = APITime.parse(text), time > earliest
        else { return nil }
        return time
    }

    /// Seconds since the Unix epoch, cut off.
    static func seconds(_ text: String) -> Int64? {
        milliseconds(text).map(floorSeconds)
    }

    /// Seconds of milliseconds, cut off downwards.
    static func floorSeconds(_ milliseconds: Int64) -> Int64 {
        milliseconds >= 0 || milliseconds % 1000 == 0
            ? milliseconds / 1000 : milliseconds / 1000 - 1
    }

    /// The end of the year 1, milliseconds since the Unix epoch.
    private static let earliest: Int64 = -62_104_060_800_000
}
