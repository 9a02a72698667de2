import TimeSeries

/// Why a value cannot be computed, in Prometheus's words where it has some.
public enum EvaluationFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Two series of a result would have the same labels.
    case duplicateLabels
    /// Several series of one side of an operator belong to one group.
    case duplicateMatch(group: Labels, side: Side, first: Labels, second: Labels)
    /// Several series match, and `group_left` or `group_right` was not written.
    case manyToOneNotExplicit
    /// Series of a grouped match would have the same labels.
    case groupingNotUnique
    /// `count_values("", x)`.
    case invalidLabelName(String)
    /// A label name that a function was given; the role is `source` or `destination`.
    case invalidFunctionLabel(role: String, function: String, name: String)
    case invalidPattern(String)
    /// `topk(NaN, x)`; the text names the parameter: `Parameter`, `Ratio`.
    case parameterIsNaN(String)
    /// `topk(1e300, x)`.
    case parameterOverflows(Double)
    /// `double_exponential_smoothing(x, 2, 0.5)`.
    case invalidFactor(kind: String, letters: String, value: Double)
    /// A window with edges of its own (`anchored`, `smoothed`) as the whole query, over native
    /// histograms.
    case extendedHistograms
    /// `anchored` or `smoothed` in a function that does not know it.
    case notExtended(modifier: String, allowed: String, function: String)
    /// Two info series of the same time belong to the same series; the time is in seconds, nil
    /// where it is not known which is newer.
    case duplicateInfo(first: Labels, second: Labels, time: Double?)
    /// Info series of several names give a label different values.
    case conflictingInfoLabel(String)
    /// An info series whose sample is a native histogram.
    case infoIsHistogram(Labels)
    /// `1 </ 2`: what trims histograms means nothing for two numbers.
    case notForScalars(operation: String)
    /// The gateway does not compute this part itself.
    case unsupported(String)
    case tooManySamples
    /// `EvaluationLimits.shouldStop` or `holds` said so.
    case stopped

    public enum Side: String, Hashable, Sendable {
        case left, right
    }

    public var description: String {
        switch self {
        case .duplicateLabels:
            "vector cannot contain metrics with the same labelset"
        case .duplicateMatch(let group, let side, let first, let second):
            "found duplicate series for the match group \(GoWords.labels(group)) on the "
                + "\(side.rawValue) hand-side of the operation: [\(GoWords.labels(second)), "
                + "\(GoWords.labels(first))];many-to-many matching not allowed: matching labels "
                + "must be unique on one side"
        case .manyToOneNotExplicit:
            "multiple matches for labels: many-to-one matching must be explicit "
                + "(group_left/group_right)"
        case .groupingNotUnique:
            "multiple matches for labels: grouping labels must ensure unique matches"
        case .invalidLabelName(let name): "invalid label name \(GoText.quoted(name))"
        case .invalidFunctionLabel(let role, let function, let name):
            "invalid \(role) label name in \(function)(): \(name)"
        case .invalidPattern(let text): "invalid regular expression in label_replace(): \(text)"
        case .parameterIsNaN(let parameter): "\(parameter) value is NaN"
        case .parameterOverflows(let value):
            "Scalar value \(GoWords.general(value)) \(value < 0 ? "under" : "over")flows int64"
        case .invalidFactor(let kind, let letters, let value):
            "invalid \(kind) factor. Expected: 0 < \(letters) < 1, got: "
                + NumberText.decimals(value, 6)
        case .extendedHistograms:
            "anchored modifier is not supported with histograms"
        case .notExtended(let modifier, let allowed, let function):
            "\(modifier) modifier can only be used with: \(allowed) - not with \(function)"
        case .duplicateInfo(let first, let second, let time):
            if let time {
                "found duplicate series for info metric: existing \(GoWords.labels(first)) @ "
                    + "\(NumberText.fixed(time * 1000)), new \(GoWords.labels(second)) @ "
                    + NumberText.fixed(time * 1000)
            } else {
                "several series for info metric: \(GoWords.labels(first)) and "
                    + "\(GoWords.labels(second)); which is newer is only known where the name is "
                    + "given with ="
            }
        case .conflictingInfoLabel(let name): "conflicting label: \(name)"
        case .infoIsHistogram: "info sample should be float"
        case .notForScalars(let operation):
            "operator \(GoText.quoted(operation)) not allowed for Scalar operations"
        case .unsupported(let part):
            "\(part) over series of several clusters is not supported"
        case .tooManySamples:
            "query processing would load too many samples into memory in query execution"
        case .stopped: "query was stopped during evaluation"
        }
    }
}
