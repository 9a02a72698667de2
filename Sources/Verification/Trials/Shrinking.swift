import PromQL
import TimeSeries

/// Makes a failing case small: fewer words, times and series, as long as it fails.
struct Shrinking {
    struct Case {
        var query: GeneratedQuery
        var data: TrialData
    }

    /// Whether a case fails.
    private let fails: (Case) -> Bool
    private var attemptsLeft: Int
    private(set) var smallest: Case

    init(_ failing: Case, attempts: Int = 1500, fails: @escaping (Case) -> Bool) {
        smallest = failing
        attemptsLeft = attempts
        self.fails = fails
    }

    mutating func run() {
        var goesOn = true
        while goesOn, attemptsLeft > 0 {
            goesOn = shrinkTimes()
            goesOn = shrinkQuery() || goesOn
            goesOn = shrinkSeries() || goesOn
        }
    }

    /// Takes the case where it fails too.
    private mutating func take(_ change: (inout Case) -> Void) -> Bool {
        guard attemptsLeft > 0 else { return false }
        attemptsLeft -= 1
        var smaller = smallest
        change(&smaller)
        guard fails(smaller) else { return false }
        smallest = smaller
        return true
    }

    private mutating func shrinkQuery() -> Bool {
        var hasShrunk = false
        var goesOn = true
        while goesOn {
            goesOn = false
            for candidate in smallest.query.expression.reductions {
                // What is asked is text, so that is what it is from now on.
                guard let read = try? parse(candidate.text(), options: Engine.parseOptions),
                    read != smallest.query.expression
                else { continue }
                if take({ $0.query.expression = read }) {
                    hasShrunk = true
                    goesOn = true
                    break
                }
            }
        }
        return hasShrunk
    }

    private mutating func shrinkTimes() -> Bool {
        let times = smallest.query.times
        guard times.step > 0 else { return false }
        let grid = times.grid
        for index in 0..<grid.count
        where take({ $0.query.times = .instant(grid.time(at: index)) }) { return true }
        guard grid.count > 1 else { return false }
        let middle = grid.time(at: grid.count / 2)
        let halves: [QueryTimes] = [
            .range(start: times.start, end: middle - times.step, step: times.step),
            .range(start: middle, end: times.end, step: times.step),
        ]
        for half in halves where take({ $0.query.times = half }) { return true }
        return false
    }

    /// Leaves out blocks of series, the largest first.
    private mutating func shrinkSeries() -> Bool {
        var hasShrunk = false
        var size = max(1, smallest.data.places.count / 2)
        while true {
            var first = 0
            while first < smallest.data.places.count {
                let block = Array(smallest.data.places.dropFirst(first).prefix(size))
                if take({ $0.data.remove(block) }) {
                    hasShrunk = true
                } else {
                    first += size
                }
            }
            if size == 1 { return hasShrunk }
            size /= 2
        }
    }
}

extension TrialData {
    /// Leaves out series, given in the order of `places`.
    fileprivate mutating func remove(_ places: [(cluster: Int, series: Int)]) {
        for (cluster, series) in places.reversed() {
            clusters[cluster].series.remove(at: series)
        }
    }
}
