import Caching
import Planning
import PromQL
import TimeSeries

/// A dashboard whose answers are kept: every panel asks every cluster for the same hours again, a
/// step later each time. Whoever runs it holds the watch.
public struct CachingBenchmark: Sendable {
    /// What the values of a panel are like; this decides how far they can be compressed.
    public enum Values: String, CaseIterable, Sendable {
        /// Whole numbers that grow.
        case counters
        /// Rates over scrapes: noise in all digits.
        case rates
        /// Whole numbers around a mean.
        case gauges
        /// The same all the time.
        case constants
    }

    private let panels: [Panel]
    private let reach: DataReach
    private let step: Int64 = 15_000
    private let stepCount: Int64 = 1440
    private let freshness: Int64 = 120_000
    private let start: Int64 = 1_700_000_000_000
    private var store: [String: [UInt8]] = [:]

    private struct Panel: Sendable {
        var key: AnswerKey
        var labels: [Labels]
        var values: Values
        var seed: UInt64
    }

    /// So many panels of each kind of values, over so many clusters, with so many series from each.
    public init(panels count: Int, of kinds: [Values], clusters: Int, series: Int) throws {
        let query = try parse("sum by (service) (rate(istio_requests_total[5m]))")
        reach = DataReach(of: query, lookback: 300_000)
        panels = (0..<count).flatMap { panel in
            (0..<clusters).map { cluster in
                Panel(
                    key: AnswerKey(
                        source: AnswerSource("prod-cluster-\(cluster) 7f3a9c 3.14.0"),
                        query: "sum by (service) (rate(istio_requests_total_\(panel)[5m]))"),
                    labels: (0..<series).map {
                        ["service": "service-\(1000 + $0).namespace-\($0 % 7)", "code": "200"]
                    },
                    values: kinds[panel % kinds.count],
                    seed: UInt64(panel * clusters + cluster))
            }
        }
    }

    private func grid(_ refresh: Int) -> TimeGrid {
        let end = start + Int64(refresh) * step
        return TimeGrid(start: end - stepCount * step, end: end, step: step)
    }

    private func lookup(_ panel: Panel, _ refresh: Int) -> RangeLookup {
        let grid = grid(refresh)
        return RangeLookup(
            panel.key, grid: grid, reach: reach, settledUntil: grid.end - freshness,
            dataStart: grid.start - 86_400_000)
    }

    /// What the server would answer.
    private func answer(_ panel: Panel, on grid: TimeGrid) -> RangeAnswer {
        RangeAnswer(
            series: panel.labels.enumerated().map { number, labels in
                let values = (0..<grid.count).map { place in
                    let time = grid.time(at: place)
                    let noise = SeededGenerator.mixed(
                        UInt64(time) ^ (panel.seed << 48) ^ (UInt64(number) << 32))
                    return switch panel.values {
                    case .counters: Double(time / 15_000 % 100_000 * 37 + Int64(noise % 37))
                    case .rates: Double(noise % 400) / 300 + Double(number)
                    case .gauges: Double(100 + noise % 16)
                    case .constants: Double(number)
                    }
                }
                return GridSeries(labels: labels, values: values)
            })
    }

    // MARK: What is measured

    /// Fills the store with what the first refresh asks for. Returns the bytes there, and the bytes
    /// of the values alone.
    public mutating func fill() -> (stored: Int, values: Int) {
        var values = 0
        for panel in panels {
            var lookup = lookup(panel, 0)
            for piece in lookup.missing(maximumPoints: 11_000) {
                lookup.add(answer(panel, on: piece), for: piece)
                values += piece.count * panel.labels.count * 8
            }
            for update in lookup.updates() { store[update.key] = update.bytes() }
        }
        return (store.values.reduce(0) { $0 + $1.count }, values)
    }

    /// Names the entries of all panels. Returns how many there are.
    public func name() -> Int { panels.reduce(0) { $0 + lookup($1, 0).firstKeys.count } }

    /// Reads what is kept for all panels. Returns how many steps are still to be asked.
    public func read() -> Int {
        panels.reduce(0) { sum, panel in
            let lookup = taken(panel, 1)
            return sum + lookup.missing(maximumPoints: 11_000).reduce(0) { $0 + $1.count }
        }
    }

    private func taken(_ panel: Panel, _ refresh: Int) -> RangeLookup {
        var lookup = lookup(panel, refresh)
        var found: [String: [UInt8]] = [:]
        for key in lookup.firstKeys { found[key] = store[key] }
        lookup.take(found)
        return lookup
    }

    /// The server's answers for the ends of all windows, which are not measured.
    public func tails() -> [[RangeAnswer]] {
        panels.map { panel in
            taken(panel, 1).missing(maximumPoints: 11_000).map { answer(panel, on: $0) }
        }
    }

    /// Reads what is kept, takes in the ends of the windows and puts the answers together. Returns
    /// how many series they have.
    public func refresh(with tails: [[RangeAnswer]]) -> Int {
        zip(panels, tails).reduce(0) { sum, panel in
            var lookup = taken(panel.0, 1)
            for (piece, answer) in zip(lookup.missing(maximumPoints: 11_000), panel.1) {
                lookup.add(answer, for: piece)
            }
            return sum + lookup.assembled().series.count + lookup.updates().count
        }
    }

    /// Makes the bytes of all blocks of one panel's hours. Returns how many there are.
    public func encode() -> Int {
        var lookup = lookup(panels[0], 0)
        lookup.add(answer(panels[0], on: lookup.grid), for: lookup.grid)
        return lookup.updates().reduce(0) { $0 + ($1.bytes()?.count ?? 0) }
    }

    /// As `encode`, but for what is not encoding.
    public func prepareToEncode() -> Int {
        var lookup = lookup(panels[0], 0)
        lookup.add(answer(panels[0], on: lookup.grid), for: lookup.grid)
        return lookup.updates().count
    }
}
