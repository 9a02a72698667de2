import PromQL
import TimeSeries

/// Holds answers of gateways that keep answers against those of the server itself: whatever
/// happens, both are the same, bit by bit and with their remarks. The same seed makes the same
/// cases.
public struct CacheTrial {
    public struct Settings: Sendable {
        /// How many sequences of operations.
        public var trials: Int
        public var seed: UInt64
        /// Of so many failures the small form is looked for.
        public var shrunkFailures: Int

        public init(trials: Int, seed: UInt64, shrunkFailures: Int = 5) {
            self.trials = trials
            self.seed = seed
            self.shrunkFailures = shrunkFailures
        }
    }

    /// One sequence, tried.
    public struct Trial: Sendable {
        /// From 1.
        public var number: Int
        public var operations: Int
        public var comparedAnswers: Int
        public var answersWithRemarks: Int
        /// Steps that were answered by what was kept.
        public var cachedSteps: Int
        /// Steps that the server was asked for.
        public var askedSteps: Int
        /// Nil where all answers are the same.
        public var failure: Failure?
    }

    public struct Failure: Sendable {
        public var difference: String
        /// What is needed to see it again, and all that is known of it.
        public var report: String
    }

    /// Sequences over one data set. Each sequence has a seed of its own: `--seed S --trials 1`
    /// plays it alone.
    private let settings: Settings
    private var number = 0
    private var failuresShrunk = 0

    public init(_ settings: Settings) { self.settings = settings }

    /// Tries the next sequence; nil at the end.
    public mutating func next() -> Trial? {
        guard number < settings.trials else { return nil }
        let seed = settings.seed &+ UInt64(number)
        number += 1
        var dataMaker = TrialDataMaker(seed: seed, clusterCount: 1)
        var maker = CacheCaseMaker(data: dataMaker.data(), seed: seed)
        let made = maker.makeCase(seed: seed)
        var run = CacheRun(made)
        let difference = run.difference()
        return Trial(
            number: number, operations: made.operations.count,
            comparedAnswers: run.count.comparedAnswers,
            answersWithRemarks: run.count.answersWithRemarks,
            cachedSteps: run.count.cachedSteps, askedSteps: run.count.askedSteps,
            failure: difference.map { failure(made, $0) })
    }

    // MARK: Failures

    private mutating func failure(_ failing: CacheCase, _ difference: String) -> Failure {
        var text = "sequence --seed \(failing.seed) --trials 1\n\(difference)\n"
        if failuresShrunk < settings.shrunkFailures {
            failuresShrunk += 1
            let smallest = Self.shrunk(failing)
            var run = CacheRun(smallest)
            text += """
                shrunk to
                \(run.difference() ?? "nothing")
                \(smallest.text)

                """
        }
        return Failure(difference: difference, report: text)
    }

    /// The case without operations and series that the failure does not need.
    private static func shrunk(_ failing: CacheCase) -> CacheCase {
        var smallest = failing
        var attemptsLeft = 1500
        func take(_ change: (inout CacheCase) -> Void) -> Bool {
            guard attemptsLeft > 0 else { return false }
            attemptsLeft -= 1
            var smaller = smallest
            change(&smaller)
            var run = CacheRun(smaller)
            guard run.difference() != nil else { return false }
            smallest = smaller
            return true
        }
        func takeBlocks(_ count: () -> Int, _ remove: (inout CacheCase, Range<Int>) -> Void) {
            var size = max(1, count() / 2)
            while true {
                var first = 0
                while first < count() {
                    let block = first..<min(first + size, count())
                    if !take({ remove(&$0, block) }) { first += size }
                }
                if size == 1 { return }
                size /= 2
            }
        }
        for _ in 0..<2 {
            takeBlocks({ smallest.operations.count }) { $0.operations.removeSubrange($1) }
            takeBlocks({ smallest.server.series.count }) { $0.server.series.removeSubrange($1) }
            for place in smallest.questions.indices {
                while let smaller = smallest.questions[place].reductions.first(where: { smaller in
                    smaller.type == .vector && take { $0.questions[place] = smaller }
                }) { _ = smaller }
            }
        }
        return smallest
    }
}

extension CacheCase {
    /// All that there is to know of it.
    fileprivate var text: String {
        var lines = questions.enumerated().map { "question \($0): \($1.text())" }
        lines.append(
            "freshness \(freshness), skews \(gatewaySkews), start \(start), lookback \(lookback), "
                + "points \(maximumPoints)")
        lines.append("\(limits)")
        lines += operations.enumerated().map { "\($0) \($1)" }
        for series in server.series {
            let points = SeriesPoints(series)
            lines.append("\(points.labels) \(points.text)")
        }
        return lines.joined(separator: "\n")
    }
}
