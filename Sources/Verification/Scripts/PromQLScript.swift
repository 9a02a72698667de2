// The first file to read in Verification: the module that proves the engine and the planner. A
// script says what queries answer over samples (`Scripts`); a trial makes samples and queries of
// its own and holds the answers over many clusters against the answer over all of their samples
// (`Trials`). It reads no files and prints nothing: it gives back what differs.

import TimeSeries

/// A script of Prometheus's own test language (`promql/promqltest`): samples to load and queries
/// with what they answer.
public struct PromQLScript: Sendable {
    public enum Command: Sendable {
        /// `clear`: what was loaded is gone.
        case clear
        case load(ScriptLoad)
        case evaluation(ScriptEvaluation)
    }

    /// In the order of the text, which is the order in which they are run.
    public var commands: [Command]

    public init(commands: [Command]) { self.commands = commands }
}

/// Why a text is no script.
public struct ScriptError: Error, Hashable, Sendable, CustomStringConvertible {
    /// From 1.
    public var line: Int
    public var message: String

    public var description: String { "line \(line): \(message)" }
}

/// What is wrong with a piece of a script whose line is not known yet.
struct ScriptMistake: Error {
    var message: String

    init(_ message: String) { self.message = message }

    func at(_ line: Int) -> ScriptError { ScriptError(line: line, message: message) }
}

/// `load 5m` and the series below it. The samples are made when they are asked for.
public struct ScriptLoad: Sendable {
    /// The line of the command, from 1.
    public var line: Int
    /// The distance of two samples, milliseconds. The first is at 0.
    public var interval: Int64
    /// `load_with_nhcb`: classic histograms are also loaded as native ones with their bounds.
    public var convertsBuckets: Bool
    public var series: [SeriesDescription]
}

/// `up{job="api"} 1 2+3x4 _ stale`, still in its short form.
public struct SeriesDescription: Sendable {
    public var labels: Labels
    public var items: [SequenceItem]
    /// When each sample's counting began, as a distance to the sample's own time in milliseconds,
    /// from the `@st` line above; nil where that says nothing. Empty where there is no such line.
    public var startOffsets: [Int64?] = []
}

/// One item of a series' points.
public enum SequenceItem: Sendable {
    /// `_`, `_x3`.
    case omitted(count: Int)
    /// `1`, `stale`, `1x3`, `1+2x3`: `first`, and each further one `step` more.
    case floats(first: Double, step: Double, count: Int)
    /// `{{count:1}}`, `{{…}}x3`, `{{…}}+{{…}}x3`. What a histogram says of resets is compared only
    /// where it stands in the text.
    case histograms([NativeHistogram], hasHint: Bool)

    var count: Int {
        switch self {
        case .omitted(let count): count
        case .floats(_, _, let count): count
        case .histograms(let histograms, _): histograms.count
        }
    }
}

/// One point of a series, written out.
public enum SequencePoint: Sendable {
    case omitted
    /// `Absent.value` for `stale`.
    case float(Double)
    case histogram(NativeHistogram, hasHint: Bool)

    var isOmitted: Bool { if case .omitted = self { true } else { false } }
}

extension SeriesDescription {
    /// The points one by one.
    var points: [SequencePoint] {
        var result: [SequencePoint] = []
        for item in items {
            switch item {
            case .omitted(let count):
                result += [SequencePoint](repeating: .omitted, count: count)
            case .floats(let first, let step, let count):
                var value = first
                for _ in 0..<count {
                    result.append(.float(value))
                    // A stale marker stays one; any sum would make it an ordinary NaN.
                    if step != 0 { value += step }
                }
            case .histograms(let histograms, let hasHint):
                result += histograms.map { .histogram($0, hasHint: hasHint) }
            }
        }
        return result
    }
}
