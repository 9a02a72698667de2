import Evaluation
import Planning
import PromQL
import Testing
import TimeSeries
import Verification

/// A series with nothing where a value is nil.
func series(_ labels: Labels, _ values: Double?...) -> GridSeries {
    GridSeries(labels: labels, values: values.map { $0 ?? Absent.value })
}

/// A series with a native histogram at some places.
func series(_ labels: Labels, count: Int, histogramsAt places: [Int]) -> GridSeries {
    GridSeries(
        labels: labels, values: [Double](repeating: Absent.value, count: count),
        histograms: places.map {
            .init(
                index: $0,
                histogram: NativeHistogram(count: 4, sum: Double(10 + $0)))
        })
}

/// Several pieces of each part's answers in one, as they are packed in a request.
func packed(_ pieces: [[GridSeries]]...) -> [[GridSeries]] {
    (pieces.first ?? []).indices.map { part in
        pieces.enumerated().flatMap { number, parts in
            parts[part].map {
                GridSeries(
                    labels: $0.labels.setting(PackedPieces.label, to: "\(number)"),
                    values: $0.values, histograms: $0.histograms)
            }
        }
    }
}

/// A series of native histograms by their texts, with nothing where one is nil.
func series(_ labels: Labels, _ histograms: [String?]) throws -> GridSeries {
    var result = GridSeries(labels: labels, count: histograms.count)
    for (index, text) in histograms.enumerated() {
        guard let text else { continue }
        result.histograms.append(
            .init(index: index, histogram: try NativeHistogram(text: Substring(text))))
    }
    return result
}

extension GridSeries {
    /// What the series has, time by time.
    var text: String {
        values.indices.map { time in
            if let point = histograms.first(where: { $0.index == time }) {
                return point.histogram.description
            }
            return Absent.isAbsent(values[time]) ? "_" : NumberText.literal(values[time])
        }.joined(separator: " ")
    }
}

/// A range query's grid: as many minutes as said from zero on.
func minutes(_ count: Int) -> TimeGrid {
    TimeGrid(start: 0, end: Int64(count - 1) * 60_000, step: 60_000)
}

let instant = TimeGrid(instant: 600_000)

/// What a node gives over fragments that are answered in parts.
func evaluated(
    _ node: PlanNode, over fragments: [[[GridSeries]]], on grid: TimeGrid = instant,
    limits: EvaluationLimits = EvaluationLimits()
) throws -> EvaluationOutcome {
    let plan = Plan(fragments: [], remainder: .value(node), grid: grid)
    let inputs = EvaluationInputs(fragments: fragments.map { FragmentAnswer(parts: $0) })
    return try evaluate(plan, inputs: inputs, limits: limits)
}

/// The series that a node gives over one fragment answered in one part.
func vector(
    _ node: PlanNode, over series: [GridSeries] = [], on grid: TimeGrid = instant
) throws -> [GridSeries] {
    try vector(try evaluated(node, over: [[series]], on: grid))
}

func vector(_ outcome: EvaluationOutcome) throws -> [GridSeries] {
    guard case .vector(let series, _) = outcome.value else {
        Issue.record("no vector: \(outcome.value)")
        return []
    }
    return series
}

// MARK: Nodes

func call(_ name: String, _ arguments: PlanNode...) throws -> PlanNode {
    .call(
        CallNode(
            function: try #require(Function.named(name)), arguments: arguments))
}

func aggregation(
    _ operation: AggregationOperator, _ parameter: PlanNode? = nil,
    _ grouping: Grouping = .by([]), of input: PlanNode = .fragment(0)
) -> PlanNode {
    .aggregation(
        AggregationNode(
            operator: operation, input: input, parameter: parameter, grouping: grouping))
}

func binary(
    _ left: PlanNode, _ operation: BinaryOperator, _ right: PlanNode,
    bool returnsBool: Bool = false, matching: VectorMatching? = nil
) -> PlanNode {
    .binary(
        BinaryNode(
            operator: operation, left: left, right: right, returnsBool: returnsBool,
            matching: matching, source: SourceRange()))
}

/// A function over windows of the first fragment, whose points are the minutes from zero on.
func window(
    _ name: String, _ parameters: [PlanNode] = [], points: Int, range: Int64, offset: Int64 = 0,
    at: Int64? = nil
) throws -> PlanNode {
    .window(
        WindowNode(
            function: try #require(Function.named(name)), arguments: parameters + [nil],
            input: .points(.fragment(0), grid: minutes(points)),
            window: Window(range: range, offset: offset, at: at)))
}

/// Runs a script of the corpora's format; all its cases have to agree, and so many there are.
func expectAgreement(
    _ text: String, cases: Int, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    var run = ScriptRun(try PromQLScript(text), proving: .whole)
    var count = 0
    while let one = run.next() {
        count += 1
        if let difference = one.difference {
            Issue.record(
                "line \(one.line): \(one.query) \(difference)", sourceLocation: sourceLocation)
        }
    }
    #expect(count == cases, sourceLocation: sourceLocation)
}
