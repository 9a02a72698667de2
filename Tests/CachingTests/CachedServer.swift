import Caching
import Planning
import TimeSeries

/// A server whose answer is a function of time, behind a store that is a dictionary.
struct CachedServer {
    /// The answer for a grid.
    var answer: (TimeGrid) -> RangeAnswer
    var reach = DataReach()
    var key = AnswerKey(source: AnswerSource("eu-1"), query: "x", lookback: 300_000)
    var store: [String: [UInt8]] = [:]
    var dataStart: Int64?
    var maximumPoints = 11_000

    struct Round {
        var answer: RangeAnswer
        var pieces: [TimeGrid]
        var cachedSteps: Int
        var updates: [BlockUpdate]

        var askedSteps: Int { pieces.reduce(0) { $0 + $1.count } }
    }

    init(answer: @escaping (TimeGrid) -> RangeAnswer) { self.answer = answer }

    /// Asks for a grid when data until `settledUntil` does not change any more.
    mutating func ask(_ grid: TimeGrid, settledUntil: Int64) -> Round {
        var lookup = RangeLookup(
            key, grid: grid, reach: reach, settledUntil: settledUntil, dataStart: dataStart)
        lookup.take(found(lookup.firstKeys))
        let further = lookup.furtherKeys
        if !further.isEmpty { lookup.take(found(further)) }
        let pieces = lookup.missing(maximumPoints: maximumPoints)
        for piece in pieces { lookup.add(answer(piece), for: piece) }
        let updates = lookup.updates()
        for update in updates { store[update.key] = update.bytes() }
        return Round(
            answer: lookup.assembled(), pieces: pieces, cachedSteps: lookup.cachedSteps,
            updates: updates)
    }

    private func found(_ keys: [String]) -> [String: [UInt8]] {
        store.filter { keys.contains($0.key) }
    }
}

extension RangeAnswer {
    /// Series `x{i="0"}`, `x{i="1"}`, … whose values are a function of number and time; absent
    /// where that is nil.
    static func of(
        _ grid: TimeGrid, seriesCount: Int = 3, _ value: (Int, Int64) -> Double?
    ) -> RangeAnswer {
        var answer = RangeAnswer()
        for number in 0..<seriesCount {
            var series = GridSeries(
                labels: ["__name__": "x", "i": "\(number)"], count: grid.count)
            for place in 0..<grid.count {
                if let value = value(number, grid.time(at: place)) { series.values[place] = value }
            }
            if !series.isEmpty { answer.series.append(series) }
        }
        return answer
    }

    /// Values that no other time or series has.
    static func distinct(_ grid: TimeGrid) -> RangeAnswer {
        of(grid) { number, time in
            // One series comes and goes.
            number == 1 && (time / 900_000) % 2 == 0 ? nil : Double(time) * 0.1 + Double(number)
        }
    }
}
