import PromQL
import TimeSeries

/// Reads the lines of an `eval` block.
enum EvaluationReader {
    /// Whether the block goes on behind a line.
    enum Progress {
        case goesOn
        case ends
    }

    /// Reads `eval instant at 5m up`, `eval range from 0 to 1h step 5m up` and their older forms.
    static func command(
        _ line: Substring, _ number: Int
    ) throws(ScriptMistake) -> ScriptEvaluation {
        var words = ScriptWords(line)
        let command = words.next()
        let kind = words.next()
        var result: ScriptEvaluation
        switch kind {
        case "instant":
            try words.expect("at")
            let time = try ScriptDuration.milliseconds(words.next())
            result = ScriptEvaluation(
                line: number, query: String(words.rest), times: .instant(time))
        case "range":
            let (start, end, step) = try range(&words)
            result = ScriptEvaluation(
                line: number, query: String(words.rest),
                times: .range(start: start, end: end, step: step))
        default:
            throw ScriptMistake(
                "invalid evaluation: eval instant at <time> <query>, or eval range from <time> to "
                    + "<time> step <duration> <query>")
        }
        if result.query.isEmpty { throw ScriptMistake("an evaluation without a query") }
        switch command {
        case "eval": break
        case "eval_fail": result.expectation.fails = true
        case "eval_warn": result.expectation.warnings.mustBePresent = true
        case "eval_info": result.expectation.infos.mustBePresent = true
        case "eval_ordered" where kind == "instant": result.expectation.isOrdered = true
        default: throw ScriptMistake("invalid command \(GoText.quoted(String(command)))")
        }
        return result
    }

    /// `from 0 to 1h step 5m`.
    private static func range(
        _ words: inout ScriptWords
    ) throws(ScriptMistake) -> (start: Int64, end: Int64, step: Int64) {
        try words.expect("from")
        let start = try ScriptDuration.milliseconds(words.next())
        try words.expect("to")
        let end = try ScriptDuration.milliseconds(words.next())
        try words.expect("step")
        let step = try ScriptDuration.milliseconds(words.next())
        if end < start { throw ScriptMistake("the range ends before it begins") }
        if step == 0 { throw ScriptMistake("a step of zero") }
        return (start, end, step)
    }

    /// Reads a line below the command.
    static func read(
        _ line: Substring, into evaluation: inout ScriptEvaluation
    ) throws(ScriptMistake) -> Progress {
        var words = ScriptWords(line)
        let first = words.next()
        if evaluation.expectation.fails {
            if first == "expected_fail_message" {
                evaluation.expectation.failures.append(.exactly(String(words.rest)))
                return .ends
            }
            if first == "expected_fail_regexp" {
                let rule = try TextRule.matching(String(words.rest))
                evaluation.expectation.failures.append(rule)
                return .ends
            }
        }
        if first == "expect" {
            try readExpectation(&words, &evaluation)
            return .goesOn
        }
        if let number = scalar(line) {
            evaluation.expectation.value = .scalar(number)
            return .ends
        }
        try readSeries(line, &evaluation)
        return .goesOn
    }

    private static func readSeries(
        _ line: Substring, _ evaluation: inout ScriptEvaluation
    ) throws(ScriptMistake) {
        let described = try SeriesReader.series(line)
        let points = described.points
        if case .instant = evaluation.times, points.count > 1,
            evaluation.expectation.window == nil
        {
            throw ScriptMistake(
                "several values for an instant query: say 'expect range vector' above them")
        }
        var series: [ScriptExpectation.Series] = []
        if case .series(let before) = evaluation.expectation.value { series = before }
        // The later of two lines about one series counts.
        series.removeAll { $0.labels == described.labels }
        series.append(.init(labels: described.labels, points: points))
        evaluation.expectation.value = .series(series)
    }

    /// A number alone on its line.
    private static func scalar(_ line: Substring) -> Double? {
        if let number = NumberText.read(String(line)) { return number }
        // Hexadecimal, octal and the like are for the language's own reader.
        guard line.allSatisfy({ $0.isHexDigit || "xXoObB_+-.".contains($0) }),
            case .number(let literal)? = try? parse(String(line))
        else { return nil }
        return literal.isDuration ? nil : literal.value
    }

    // MARK: expect

    private static func readExpectation(
        _ words: inout ScriptWords, _ evaluation: inout ScriptEvaluation
    ) throws(ScriptMistake) {
        let kind = words.next()
        switch kind {
        case "fail":
            if evaluation.expectation.fails { throw ScriptMistake("expect fail twice") }
            evaluation.expectation.fails = true
            evaluation.expectation.failures.append(try rule(words.rest))
        case "warn": evaluation.expectation.warnings.rules.append(try rule(words.rest))
        case "info": evaluation.expectation.infos.rules.append(try rule(words.rest))
        case "no_warn": evaluation.expectation.warnings.mustBeAbsent = true
        case "no_info": evaluation.expectation.infos.mustBeAbsent = true
        case "ordered": evaluation.expectation.isOrdered = true
        case "string": evaluation.expectation.value = .string(try SeriesReader.text(words.rest))
        case "range":
            try words.expect("vector")
            let (start, end, step) = try range(&words)
            evaluation.expectation.window = .init(start: start, end: end, step: step)
        default:
            throw ScriptMistake(
                "invalid expect statement: expect <type> [msg|regex: <text>], with type fail, "
                    + "warn, info, no_warn, no_info, ordered, string or range vector")
        }
        for remarks in [evaluation.expectation.warnings, evaluation.expectation.infos]
        where remarks.mustBeAbsent && !remarks.rules.isEmpty {
            throw ScriptMistake("a remark is expected and forbidden at once")
        }
    }

    /// `msg: text`, `regex: pattern` or nothing.
    private static func rule(_ text: Substring) throws(ScriptMistake) -> TextRule {
        if text.isEmpty { return .any }
        guard let colon = text.firstIndex(of: ":") else {
            throw ScriptMistake("invalid expect statement: \(text)")
        }
        let body = text[text.index(after: colon)...].withoutBlanks
        switch text[..<colon] {
        case "msg": return .exactly(String(body))
        case "regex": return try .matching(String(body))
        case let other: throw ScriptMistake("invalid expect statement: \(other)")
        }
    }
}
