import Caching
import Evaluation
import Planning
import PromQL
import TimeSeries

/// A server whose samples arrive some time after the time that they are for.
struct SimulatedServer: Sendable {
    /// Ordered by labels.
    var series: [SampleColumns]
    /// Samples come no later than so much after their time, milliseconds.
    var maximumDelay: Int64
    /// Delays differ by it.
    var seed: UInt64

    /// What is known of the server at a moment.
    struct State: Hashable {
        var now: Int64
        /// Older samples are deleted.
        var dataStart: Int64
        /// How often it was configured anew, which changes all labels.
        var generation = 0
    }

    /// The samples that have arrived and are not deleted.
    func store(in state: State) -> SampleStore {
        SampleStore(
            series.enumerated().map { number, columns in
                func isThere(_ time: Int64) -> Bool {
                    time >= state.dataStart && time <= state.now
                        && time + delay(of: time, series: number) <= state.now
                }
                let floats = columns.times.indices.filter { isThere(columns.times[$0]) }
                let others = columns.histogramTimes.indices.filter {
                    isThere(columns.histogramTimes[$0])
                }
                return SampleColumns(
                    labels: state.generation == 0
                        ? columns.labels
                        : columns.labels.setting("generation", to: "\(state.generation)"),
                    times: floats.map { columns.times[$0] },
                    values: floats.map { columns.values[$0] },
                    histogramTimes: others.map { columns.histogramTimes[$0] },
                    histograms: others.map { columns.histograms[$0] })
            })
    }

    /// Most samples come soon, some as late as they may.
    private func delay(of time: Int64, series: Int) -> Int64 {
        let number = SeededGenerator.mixed(
            seed ^ UInt64(bitPattern: time) &* 0x9e37_79b9_7f4a_7c15 ^ UInt64(series) << 40)
        let longest = number % 3 == 0 ? maximumDelay : min(maximumDelay, 2000)
        return Int64((number >> 8) % UInt64(longest + 1))
    }

    /// What the server answers to a query's text, as it is read from the wire.
    static func answer(
        to query: String, on grid: TimeGrid, over store: SampleStore, options: SampleOptions
    ) throws(EngineFailure) -> StoredAnswer {
        let times = QueryTimes(
            start: grid.start, end: grid.end, step: grid.step,
            defaultSubqueryStep: QueryTimes.defaultSubqueryStep)
        let expression = try Engine.resolved(query, times, options: .ofServers)
        let outcome: EvaluationOutcome
        do {
            outcome = try evaluate(expression, over: store, on: grid, options: options)
        } catch {
            throw EngineFailure(error)
        }
        let remarks = outcome.annotations.located(in: query)
        var result = StoredAnswer(
            answer: RangeAnswer(
                warnings: remarks.warnings.sorted(), infos: remarks.infos.sorted()))
        switch outcome.value {
        case .vector(var series, _):
            for place in series.indices {
                series[place].histograms = try MemoryFleet.received(series[place].histograms)
            }
            result.answer.series = series.sorted { $0.labels < $1.labels }
        case .samples(let samples):
            for one in samples {
                let own = SampleColumns(one)
                result.samples.append(
                    SampleColumns(
                        labels: own.labels, times: own.times, values: own.values,
                        histogramTimes: own.histogramTimes,
                        histograms: try MemoryFleet.received(own.histograms)))
            }
        case .scalar, .string:
            throw EngineFailure(kind: .query, text: "clusters are asked for vectors")
        }
        return result
    }
}
