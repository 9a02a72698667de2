import TimeSeries

/// Reads the lines of a `load` block.
struct LoadReader {
    var load = ScriptLoad(line: 0, interval: 0, convertsBuckets: false, series: [])
    /// What an `@st` line without a series says of all below it.
    private var common: [Int64?] = []
    /// What an `@st` line says of the series below it.
    private var pending: (labels: Labels, offsets: [Int64?])?

    /// Whether every `@st` line has its series.
    var isComplete: Bool { pending == nil }

    /// Reads `load 5m` or `load_with_nhcb 5m`.
    static func command(_ line: Substring, _ number: Int) throws(ScriptMistake) -> ScriptLoad {
        var words = ScriptWords(line)
        let command = words.next()
        guard command == "load" || command == "load_with_nhcb", !words.rest.isEmpty else {
            throw ScriptMistake("invalid load command: load[_with_nhcb] <interval>")
        }
        return ScriptLoad(
            line: number, interval: try ScriptDuration.milliseconds(words.rest),
            convertsBuckets: command == "load_with_nhcb", series: [])
    }

    /// Reads a line below the command.
    mutating func read(_ line: Substring) throws(ScriptMistake) {
        if let marked = StartTimes.line(line) {
            if pending != nil { throw ScriptMistake("an @st line below another one") }
            let offsets = try StartTimes.offsets(marked.offsets)
            if marked.series.isEmpty {
                common = offsets
            } else {
                pending = (try SeriesReader.labels(marked.series), offsets)
            }
            return
        }
        var series = try SeriesReader.series(line)
        let count = series.items.reduce(0) { $0 + $1.count }
        if let pending {
            guard pending.labels == series.labels, pending.offsets.count == count else {
                throw ScriptMistake("the @st line above is not about this series")
            }
            series.startOffsets = pending.offsets
        } else if !common.isEmpty {
            series.startOffsets = (0..<count).map { common[$0 % common.count] }
        }
        pending = nil
        load.series.append(series)
    }
}
