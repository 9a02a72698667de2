import Clusters
import Evaluation
import PromQL
import Rules
import TimeSeries

/// Runs one unit test of rules in memory, as promtool does: all groups are evaluated at each time
/// of the evaluation interval, and what fires is held against what should.
public struct RuleTestRun {
    private let test: RuleTest
    private let file: RuleTestFile
    private let options: ParseOptions
    private var groups: [RuleGroupState]
    /// Taken out while a group is evaluated, so that nothing is copied.
    private var samples: TestedSamples?
    private var failures: [String] = []

    /// What is wrong, in promtool's form; nothing where all is as it should.
    public static func failures(
        of test: RuleTest, in file: RuleTestFile, rules: [RuleGroup],
        options: ParseOptions = ParseOptions()
    ) -> [String] {
        var run = RuleTestRun(test, file, rules, options)
        run.run()
        return run.failures
    }

    private init(
        _ test: RuleTest, _ file: RuleTestFile, _ rules: [RuleGroup], _ options: ParseOptions
    ) {
        self.test = test
        self.file = file
        self.options = options
        samples = TestedSamples(test, subqueryStep: file.evaluationInterval)
        let settings = RuleSettings(
            interval: test.interval, externalLabels: test.externalLabels,
            externalURL: test.externalURL)
        // A partial order: a group that is not named is as early as the first that is.
        let order = Dictionary(
            file.groupOrder.enumerated().map { ($0.element, $0.offset) }
        ) { first, _ in first }
        let sorted = rules.enumerated().sorted { left, right in
            (order[left.element.name] ?? 0, left.offset)
                < (order[right.element.name] ?? 0, right.offset)
        }
        var records: [String: RecordedCoverage] = [:]
        groups = []
        // Twice, so that a group knows what later ones record.
        for _ in 0..<2 {
            groups = sorted.map { _, group in
                let state = RuleGroupState(
                    group, settings: settings, policies: test.policies, records: records)
                records.merge(state.records) { $1 }
                return state
            }
        }
    }

    private mutating func run() {
        let times = test.alertTests.map(\.time) + test.queryTests.map(\.time)
        let last = times.max() ?? 0
        var due = test.alertTests.sorted { $0.time < $1.time }[...]
        var elapsed: Int64 = 0
        while elapsed <= last {
            if !evaluate(at: elapsed) { return }
            while let next = due.first, next.time < elapsed + file.evaluationInterval {
                check(next)
                due = due.dropFirst()
            }
            elapsed += file.evaluationInterval
        }
        for query in test.queryTests { check(query) }
    }

    /// Evaluates all groups; false where a rule failed, which ends the test.
    private mutating func evaluate(at elapsed: Int64) -> Bool {
        var hasFailed = false
        let time = test.start + elapsed
        for index in groups.indices {
            guard var samples = samples.take() else { return false }
            let options = options
            _ = groups[index].iterate(
                at: time,
                RuleSurroundings(
                    answer: { samples.answer($0.expression, at: $0.time) },
                    lookUp: { samples.answer($0.query, at: $0.time, options: options) },
                    append: { samples.append($0) }))
            self.samples = samples
            for state in groups[index].rules {
                guard let failure = state.lastFailure else { continue }
                let shown = GoDuration.text(nanoseconds: time * 1_000_000)
                failures.append("    rule: \(state.rule.name), time: \(shown), err: \(failure)")
                hasFailed = true
            }
            share(groups[index].records)
        }
        return !hasFailed
    }

    /// Tells the other groups whose data a group's series lack.
    private mutating func share(_ records: [String: RecordedCoverage]) {
        for index in groups.indices { groups[index].note(records) }
    }

    // MARK: Checks

    private mutating func check(_ alertTest: AlertTest) {
        var found: [ToldAlert] = []
        for group in groups {
            for state in group.rules
            where state.rule.alert != nil && state.rule.name == alertTest.alertName {
                found += state.activeAlerts.filter { $0.state == .firing }.map(ToldAlert.init)
            }
        }
        found.sort()
        let expected = alertTest.expected.sorted()
        guard found != expected else { return }
        let name = test.name.isEmpty ? "" : "    name: \(test.name),\n"
        failures.append(
            "\(name)    alertname: \(alertTest.alertName), "
                + "time: \(DurationText.text(milliseconds: alertTest.time)), \n"
                + "        exp:\(RuleTestText.list(expected)), \n"
                + "        got:\(RuleTestText.list(found))")
    }

    private mutating func check(_ queryTest: QueryTest) {
        let time = DurationText.text(milliseconds: queryTest.time)
        let head = "    expr: \(GoText.quoted(queryTest.query)), time: \(time),"
        let found: [TemplateSample]
        let answer = samples?.answer(
            queryTest.query, at: test.start + queryTest.time, options: options)
        switch answer ?? .samples([]) {
        case .failure(let reason):
            failures.append("\(head) err: \(reason)")
            return
        case .samples(let samples): found = samples.sorted { $0.labels < $1.labels }
        }
        var expected: [TemplateSample] = []
        for sample in queryTest.expected {
            do throws(ScriptMistake) {
                expected.append(try sample.parsed())
            } catch {
                let labels = GoText.quoted(sample.labels)
                failures.append("\(head) err: labels \(labels): \(error.message)")
                return
            }
        }
        expected.sort { $0.labels < $1.labels }
        let isRight =
            found.count == expected.count
            && zip(expected, found).allSatisfy {
                $0.labels == $1.labels && isEqual($0.value, $1.value)
            }
        if isRight { return }
        failures.append(
            "\(head)\n        exp: \(RuleTestText.samples(expected))\n"
                + "        got: \(RuleTestText.samples(found))")
    }

    private func isEqual(_ left: SampledSeries.Value, _ right: SampledSeries.Value) -> Bool {
        switch (left, right) {
        case (.float(let left), .float(let right)):
            left == right
                || file.isFuzzy && !left.isNaN && (left.nextUp == right || left.nextDown == right)
        case (.histogram(let left), .histogram(let right)): left.description == right.description
        default: false
        }
    }
}

extension ExpectedSample {
    fileprivate func parsed() throws(ScriptMistake) -> TemplateSample {
        let labels = try SeriesReader.labels(labels[...])
        guard !histogram.isEmpty else {
            return TemplateSample(labels: labels, value: .float(value))
        }
        let points = try SeriesReader.series("{} \(histogram)"[...]).points
        guard points.count == 1 else {
            throw ScriptMistake("expected 1 value, got \(points.count)")
        }
        guard case .histogram(let value, _) = points[0] else {
            throw ScriptMistake("expected histogram, got \(histogram)")
        }
        return TemplateSample(labels: labels, value: .histogram(value))
    }
}
