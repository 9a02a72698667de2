import Caching
import Planning
import PromQL
import TimeSeries

/// Makes cases of everything that keeps answers from being what they were: late samples, clocks
/// that differ, failures, spoiled entries, deleted data, new configurations; the same for a seed.
struct CacheCaseMaker {
    private let data: TrialData
    private var random: SeededGenerator
    private var queries: QueryGenerator

    init(data: TrialData, seed: UInt64) {
        self.data = data
        random = SeededGenerator(seed: seed)
        queries = QueryGenerator(vocabulary: data.vocabulary, seed: SeededGenerator.mixed(seed))
    }

    mutating func makeCase(seed: UInt64) -> CacheCase {
        let questions = (0..<Int.random(in: 1...2, using: &random)).map { _ in question() }
        let maximumDelay = random.pick([0, 1000, 30_000, 60_000, 95_000] as [Int64])
        let skew = random.pick([0, 0, 1, 5000] as [Int64])
        let skews = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            Int64.random(in: -skew...skew, using: &random)
        }
        let times = data.vocabulary.times
        let span = times.upperBound - times.lowerBound
        return CacheCase(
            seed: seed,
            server: SimulatedServer(
                series: series(for: questions), maximumDelay: maximumDelay, seed: seed),
            questions: questions,
            operations: operations(questionCount: questions.count, gatewayCount: skews.count),
            gatewaySkews: skews, freshness: maximumDelay + skew,
            start: times.lowerBound + span * Int64.random(in: 2...8, using: &random) / 8,
            limits: limits(), maximumPoints: random.pick([7, 50, 11_000, 11_000]),
            lookback: random.pick([300_000, 60_000, 20_000]))
    }

    private mutating func limits() -> CachingLimits {
        CachingLimits(
            stepsPerBlock: random.pick([4, 8, 16, 256]), maximumFinerBlocks: random.pick([2, 64]),
            maximumBlocks: random.pick([4, 256, 256, 256]), maximumGap: random.pick([0, 3, 32]),
            maximumPieces: random.pick([1, 2, 4]), minimumNewSteps: random.pick([1, 3, 8]),
            maximumBlockBytes: random.pick([3000, 1 << 20, 1 << 20, 1 << 20]))
    }

    // MARK: Questions

    /// Shapes that generated queries seldom have.
    private static let forms = [
        "sum by (service) (rate(requests_total[1m]))", "load", "flip offset -45s",
        "histogram_quantile(0.9, sum by (le) (rate(latency_seconds_bucket[2m])))",
        "histogram_quantile(0.5, latency_seconds_bucket)", "sizes", "lanes", "odd",
        "rate(sizes[2m])", "sum(odd)", "sum(rate(odd[1m])) by (pod)", "rate(load[1m])",
        "max_over_time(sum(load)[2m:15s] offset 30s)", "load @ end() + load",
        "count_over_time(flip[30s:5s])", "quantile(2, load)", "histogram_quantile(0.5, sizes)",
        "increase(requests_total[1m] smoothed)", "changes(flip[90s] anchored)", "absent(rare)",
        "min_over_time(load[45s] offset 10s) or special", "load[1m]", "sizes[90s] offset -15s",
        "avg_over_time(odd[1m])", "topk(2, load)", "load @ start()", "paces", "sum(paces)",
        "histogram_quantile(0.9, 100 - latency_seconds_bucket)",
        "histogram_quantile(0.5, latency_seconds_bucket * on () group_left () "
            + "(flip{pod=\"b-1\"} - 7))",
    ]

    private mutating func question() -> Expression {
        while true {
            if random.chance(45) {
                let text = random.pick(Self.forms)
                if let read = try? parse(text, options: Engine.parseOptions) { return read }
            }
            let text = queries.query().text
            guard let read = try? parse(text, options: Engine.parseOptions) else { continue }
            switch read.type {
            case .vector: return read
            case .matrix:
                if case .range = read.unparenthesized { return read }
            case .scalar, .string: break
            }
        }
    }

    /// The series that the questions name; the others would only take time.
    private mutating func series(for questions: [Expression]) -> [SampleColumns] {
        let texts = questions.map { $0.text() }
        return (data.clusters[0].series + [paces()]).filter { series in
            guard let name = series.labels.metricName else { return false }
            return texts.contains {
                $0.contains(name) || ($0.contains("info(") && name == "target_info")
            }
        }.sorted { $0.labels < $1.labels }
    }

    /// Histograms with custom bounds of which some, seen alone, look like exponential ones.
    private mutating func paces() -> SampleColumns {
        var result = SampleColumns(labels: [Labels.metricNameLabel: "paces"])
        for time in stride(
            from: data.vocabulary.times.lowerBound, through: data.vocabulary.times.upperBound,
            by: Int(data.vocabulary.interval))
        {
            let counts: [Double] = random.chance(70) ? [0, 3, 0, 0] : [1, 0, 2, 4]
            result.set(
                .histogram(
                    NativeHistogram(
                        layout: .custom(bounds: [1, 2, 5]), count: counts.reduce(0, +), sum: 6,
                        positive: HistogramBuckets(first: 0, counts: counts), resetHint: .gauge)),
                at: time)
        }
        return result
    }

    // MARK: Operations

    private struct Steps {
        var step: Int64
        var phase: Int64
    }

    private mutating func operations(
        questionCount: Int, gatewayCount: Int
    ) -> [CacheCase.Operation] {
        let steps = someSteps()
        var result: [CacheCase.Operation] = []
        var recoverIn = 0
        func ask(_ steps: Steps, _ random: inout SeededGenerator) -> CacheCase.Ask {
            let span = data.vocabulary.times.upperBound - data.vocabulary.times.lowerBound
            return CacheCase.Ask(
                gateway: Int.random(in: 0..<gatewayCount, using: &random),
                question: Int.random(in: 0..<questionCount, using: &random),
                age: random.chance(40)
                    ? 0 : Int64.random(in: -2 * steps.step...span, using: &random),
                count: Int.random(in: 1...30, using: &random), step: steps.step,
                phase: steps.phase, isInstant: random.chance(10),
                writeDelay: random.chance(15) ? Int.random(in: 1...5, using: &random) : 0)
        }
        while result.count < 24 {
            if case .fail = result.last { recoverIn = 3 }
            if case .answerInPart = result.last { recoverIn = 3 }
            recoverIn -= 1
            if recoverIn == 0 { result.append(.recover) }
            switch Int.random(in: 0..<20, using: &random) {
            case 0...8: result.append(.ask(ask(random.pick(steps), &random)))
            case 9...11:
                // A dashboard that is looked at for a while.
                let steps = random.pick(steps)
                var one = ask(steps, &random)
                one.isInstant = false
                for _ in 0..<Int.random(in: 3...10, using: &random) {
                    result.append(.advance(random.chance(80) ? steps.step : steps.step * 2 / 3 + 1))
                    result.append(.ask(one))
                }
            case 12:
                // A rule, or a table that is looked at again.
                var one = ask(random.pick(steps), &random)
                one.isInstant = true
                result.append(.ask(one))
                if random.chance(50) { result += mishap(gatewayCount) }
                result.append(.ask(one))
            case 13, 14:
                result.append(.advance(Int64.random(in: 1...90_000, using: &random)))
            default: result += mishap(gatewayCount)
            }
        }
        return result
    }

    private mutating func mishap(_ gatewayCount: Int) -> [CacheCase.Operation] {
        let seed = random.next()
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return [.fail(after: Int.random(in: 0...2, using: &random))]
        case 1: return [.answerInPart]
        case 2, 3: return [.recover]
        case 4: return [.evict(seed: seed)]
        case 5: return [.corrupt(seed: seed)]
        case 6: return [.swap(seed: seed)]
        case 7: return [.restart(gateway: Int.random(in: 0..<gatewayCount, using: &random))]
        case 8: return [.retain(from: Int64.random(in: data.vocabulary.times, using: &random))]
        default: return [.reconfigure]
        }
    }

    /// A few steps and phases that a case keeps to, some of them parts of others.
    private mutating func someSteps() -> [Steps] {
        let interval = data.vocabulary.interval
        let step = random.pick([interval, interval, 2 * interval, 5000, 7000, 250, 1000, 333])
        let phase = random.pick([0, 0, 0, 1, 250, 4321, step / 2]) % step
        var result = [Steps(step: step, phase: phase)]
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            let factor = random.pick([1, 2, 4, 5] as [Int64])
            result.append(
                Steps(
                    step: step * factor,
                    phase: phase + step * Int64.random(in: 0..<factor, using: &random)))
        }
        if random.chance(30) { result.append(Steps(step: step, phase: step * 2 / 3)) }
        return result
    }
}
