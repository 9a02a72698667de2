import Spans

/// Decides which traces that begin here are recorded, by their ids alone: programs with the same
/// share decide alike on a trace, as OpenTelemetry's `TraceIdRatioBased` does.
struct Sampler: Sendable {
    /// Ids whose lower 63 bits are below it are recorded.
    private let bound: UInt64

    /// `ratio` is 0 for none to 1 for all.
    init(ratio: Double) {
        let scaled = max(0, min(1, ratio)) * 0x1p63
        bound = scaled >= 0x1p63 ? 1 << 63 : UInt64(scaled)
    }

    func isSampled(_ id: TraceID) -> Bool { id.low >> 1 < bound }
}
