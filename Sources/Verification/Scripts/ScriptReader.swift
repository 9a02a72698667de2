import TimeSeries

extension PromQLScript {
    /// Reads a script. A block ends at an empty line or a comment; indentation means nothing.
    public init(_ text: String) throws(ScriptError) {
        var reader = ScriptReader(text)
        commands = []
        while let command = try reader.next() { commands.append(command) }
    }
}

/// The commands of a script one by one.
struct ScriptReader {
    /// Without blanks at their ends; comments are empty.
    private let lines: [Substring]
    /// The line that is read next, from 0.
    private var index = 0

    init(_ text: String) {
        lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.map {
            line in
            let words = line.withoutBlanks
            return words.first == "#" ? "" : words
        }
    }

    mutating func next() throws(ScriptError) -> PromQLScript.Command? {
        while index < lines.count, lines[index].isEmpty { index += 1 }
        guard index < lines.count else { return nil }
        let line = lines[index]
        let number = index + 1
        index += 1
        let word = line.prefix { !$0.isBlank }.lowercased()
        if word == "clear" { return .clear }
        if word.hasPrefix("load") { return .load(try load(line, number)) }
        if word.hasPrefix("eval") { return .evaluation(try evaluation(line, number)) }
        throw ScriptError(line: number, message: "invalid command \(GoText.quoted(String(line)))")
    }

    /// The next line of the block with its number; nil at its end.
    private mutating func nextOfBlock() -> (text: Substring, number: Int)? {
        guard index < lines.count, !lines[index].isEmpty else { return nil }
        index += 1
        return (lines[index - 1], index)
    }

    // MARK: Loads

    private mutating func load(
        _ line: Substring, _ number: Int
    ) throws(ScriptError) -> ScriptLoad {
        var block = LoadReader()
        do throws(ScriptMistake) {
            block.load = try LoadReader.command(line, number)
        } catch {
            throw error.at(number)
        }
        while let (text, number) = nextOfBlock() {
            do throws(ScriptMistake) {
                try block.read(text)
            } catch {
                throw error.at(number)
            }
        }
        guard block.isComplete else {
            throw ScriptError(line: index, message: "an @st line without samples below it")
        }
        return block.load
    }

    // MARK: Evaluations

    private mutating func evaluation(
        _ line: Substring, _ number: Int
    ) throws(ScriptError) -> ScriptEvaluation {
        var result: ScriptEvaluation
        do throws(ScriptMistake) {
            result = try EvaluationReader.command(line, number)
        } catch {
            throw error.at(number)
        }
        while let (text, number) = nextOfBlock() {
            do throws(ScriptMistake) {
                if try EvaluationReader.read(text, into: &result) == .ends { break }
            } catch {
                throw error.at(number)
            }
        }
        return result
    }
}
