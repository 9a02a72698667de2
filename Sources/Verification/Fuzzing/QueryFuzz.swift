import PromQL
import TimeSeries

/// What must hold for any query: it is planned and computed without a trap, and the clusters' answer
/// is that of all samples together.
public struct QueryFuzz: Sendable {
    private let samples: DealtSamples
    private let times: [QueryTimes]
    private let vocabulary: QueryVocabulary

    /// The samples are always the same.
    public init() {
        var maker = TrialDataMaker(seed: 11, clusterCount: 2)
        let data = maker.data()
        samples = DealtSamples(fleet: data.fleet)
        vocabulary = data.vocabulary
        let first = data.vocabulary.times.lowerBound
        let last = data.vocabulary.times.upperBound
        let middle = (first + last) / 2
        times = [
            .instant(middle), .instant(middle / 1000 * 1000 + 250),
            .range(start: middle, end: middle + 60_000, step: 15_000),
            .range(start: first - 60_000, end: first + 120_000, step: 60_000),
            .range(start: middle - 7001, end: middle + 7001, step: 3500),
            .range(start: last - 60_000, end: last + 600_000, step: 220_000),
            .instant(last + 299_999), .instant(first),
        ]
    }

    /// Evaluations that a query may ask for: more takes long and shows nothing else.
    private static let mostEvaluations = 3000.0

    /// What does not hold; nil where all does, also where the bytes are no query. The first byte says
    /// for which times the rest is asked.
    public func fault(of bytes: [UInt8]) -> String? {
        guard let first = bytes.first else { return nil }
        let query = String(decoding: bytes.dropFirst(), as: UTF8.self)
        guard let read = try? parse(query, options: Engine.parseOptions) else { return nil }
        var times = times[Int(first) % times.count]
        // Only these can be asked for a range.
        if read.type != .vector, read.type != .scalar { times = .instant(times.start) }
        guard let resolved = try? read.resolved(in: times),
            resolved.evaluations(of: Double(times.grid.count)) <= Self.mostEvaluations
        else { return nil }
        let wanted = samples.wanted(query, times)
        let found = samples.found(query, times)
        // Where the gateway says that it cannot answer, or where nobody can, there is nothing to
        // compare.
        if case .failure(let failure) = found {
            if failure.kind == .planning || failure.kind == .unsupported { return nil }
            if case .failure = wanted { return nil }
        }
        guard let difference = samples.difference(query, times, of: found, from: wanted) else {
            return nil
        }
        return "\(query)\nfrom \(times.start) to \(times.end) step \(times.step): \(difference)\n"
            + "all samples: \(AnswerText.long(wanted))\nthe clusters: \(AnswerText.long(found))\n"
            + samples.fleet.plan(of: query, at: times)
    }

    /// Queries about these samples, ready to be told to `fault`.
    public func seeds(count: Int) -> [[UInt8]] {
        var generator = QueryGenerator(vocabulary: vocabulary, seed: 11)
        return (0..<count).map { number in
            let query = generator.query().text
            return [UInt8(ascii: "0") + UInt8(number % times.count)] + Array(query.utf8)
        }
    }
}

extension Expression {
    /// How often the innermost expressions are evaluated where this one is evaluated so often.
    fileprivate func evaluations(of count: Double) -> Double {
        guard case .subquery(let subquery) = self,
            case .milliseconds(let range) = subquery.range,
            case .milliseconds(let step)? = subquery.step
        else { return children.reduce(count) { $0 + $1.evaluations(of: count) } }
        // Windows of neighbouring times share their evaluations, but not where they lie far apart.
        return subquery.expression.evaluations(
            of: count * (Double(range) / Double(max(1, step)) + 1))
    }
}
