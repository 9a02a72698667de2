/// The pauses between attempts to write one batch.
struct RemoteWriteBackoff: Sendable {
    private let maximum: Duration
    private var next: Duration

    /// A receiver that asks for more patience than this is asked again all the same.
    static let longestRetryAfter = Duration.seconds(300)

    init(_ settings: RemoteWriteSettings) {
        maximum = settings.maximumBackoff
        next = min(settings.minimumBackoff, settings.maximumBackoff)
    }

    /// The pause before the next attempt. `random`, within 0..<1, is what tells writers apart that
    /// failed at the same time; it takes up to half of the pause away. A receiver's own wish is the
    /// least.
    mutating func pause(retryAfter: Duration?, random: Double) -> Duration {
        let pause = next * (1 - random / 2)
        next = min(next * 2, maximum)
        return max(pause, min(retryAfter ?? .zero, Self.longestRetryAfter))
    }

    /// What `Retry-After` says in seconds; a date is not read.
    static func duration(ofRetryAfter text: String?) -> Duration? {
        guard let text, let seconds = Int32(text), seconds >= 0 else { return nil }
        return .seconds(Int64(seconds))
    }
}
