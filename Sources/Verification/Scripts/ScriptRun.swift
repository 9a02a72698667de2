import Evaluation
import PromQL
import TimeSeries

/// Runs a script evaluation by evaluation.
public struct ScriptRun {
    /// What is proved of each query.
    public enum Proof: Sendable {
        /// That an engine over the loaded samples answers what the script says.
        case expectations(@Sendable (SampleStore) -> Engine)
        /// That many clusters among which the samples are dealt answer what one engine does that
        /// has them all.
        case agreement(@Sendable (SampleStore) -> DealtSamples)

        /// Expectations of one server with the switches of Prometheus's own tests.
        public static let whole = Proof.expectations { store in
            .whole(store, options: SampleOptions(nameRemoval: .atTheEnd, usesStartTimes: true))
        }

        /// Agreement of `count` clusters with one server. Where `observing`, some of the samples are
        /// the gateway's own.
        public static func dealt(over count: Int, observing: Bool = false) -> Proof {
            .agreement { DealtSamples($0, over: count, observing: observing) }
        }
    }

    /// One evaluation of the script, done.
    public struct Case: Sendable {
        /// From 1.
        public var line: Int
        public var query: String
        /// Nil where all is as it should be.
        public var difference: String?
    }

    private var rest: ArraySlice<PromQLScript.Command>
    private let proof: Proof
    /// Queries that do not have this text in them are left out.
    private let filter: String
    private var store = SampleStore()
    /// Not loaded yet: nobody has asked.
    private var pending: [ScriptLoad] = []
    private var subject: Subject?

    /// What is asked, once the samples are there.
    private enum Subject {
        case engine(Engine)
        case dealt(DealtSamples)
    }

    public init(_ script: PromQLScript, proving proof: Proof, filter: String = "") {
        rest = script.commands[...]
        self.proof = proof
        self.filter = filter
    }

    /// Runs up to the next evaluation and this; nil at the end. A load that cannot be done counts as
    /// a case that differs.
    public mutating func next() -> Case? {
        while let command = rest.popFirst() {
            switch command {
            case .clear:
                store = SampleStore()
                pending = []
                subject = nil
            case .load(let load):
                pending.append(load)
                subject = nil
            case .evaluation(let evaluation):
                guard filter.isEmpty || evaluation.query.contains(filter) else { continue }
                do {
                    let difference = try difference(evaluation)
                    return Case(
                        line: evaluation.line, query: evaluation.query, difference: difference)
                } catch {
                    // The command is left to be run without what could not be loaded.
                    rest = [command] + rest
                    return Case(line: error.line, query: "load", difference: error.message)
                }
            }
        }
        return nil
    }

    // MARK: Samples

    private mutating func prepared() throws(ScriptError) -> Subject {
        if let subject { return subject }
        while !pending.isEmpty {
            let load = pending.removeFirst()
            do {
                try load.add(to: &store)
            } catch {
                throw error.at(load.line)
            }
        }
        let made: Subject =
            switch proof {
            case .expectations(let make): .engine(make(store))
            case .agreement(let make): .dealt(make(store))
            }
        subject = made
        return made
    }

    // MARK: Queries

    private mutating func difference(
        _ evaluation: ScriptEvaluation
    ) throws(ScriptError) -> String? {
        let subject = try prepared()
        for query in evaluation.queries() {
            let difference =
                switch subject {
                case .engine(let engine): Self.difference(evaluation, query, engine)
                case .dealt(let samples): Self.difference(query, samples)
                }
            guard let difference else { continue }
            return query.text == evaluation.query
                ? difference
                : "as \(query.text) at \(NumberText.timestamp(query.times.start)): \(difference)"
        }
        return nil
    }

    /// Around an instant, in a range query.
    private static let neighbourhood: Int64 = 60_000

    private static func rangeTimes(_ query: ScriptQuery) -> QueryTimes {
        .range(
            start: query.times.start - neighbourhood, end: query.times.start + neighbourhood,
            step: neighbourhood)
    }

    private static func difference(
        _ evaluation: ScriptEvaluation, _ query: ScriptQuery, _ engine: Engine
    ) -> String? {
        let check = ExpectationCheck(evaluation)
        switch engine.answer(query.text, query.times) {
        case .failure(let failure): return check.difference(failure)
        case .value(let value, let annotations):
            if evaluation.expectation.fails {
                return "should fail, and gives \(AnswerText.short(value))"
            }
            if let difference = check.difference(annotations)
                ?? check.difference(value, isRange: query.times.step > 0)
            {
                return difference
            }
        }
        guard query.hasRangeForm else { return nil }
        switch engine.answer(query.text, rangeTimes(query)) {
        case .failure(let failure): return "fails as a range query: \(failure.text)"
        case .value(let value, _):
            if evaluation.expectation.isOrdered { return nil }
            return check.difference(value, atPlace: 1).map { "as a range query: \($0)" }
        }
    }

    private static func difference(_ query: ScriptQuery, _ samples: DealtSamples) -> String? {
        samples.difference(query.text, query.times)
            ?? (query.hasRangeForm
                ? samples.difference(query.text, rangeTimes(query))
                    .map { "as a range query: \($0)" } : nil)
    }
}
