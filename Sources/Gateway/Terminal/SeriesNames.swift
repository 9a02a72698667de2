import TimeSeries

/// Short names for the series of one answer: what they all share is said once.
struct SeriesNames {
    /// What all series share; empty where there is one series.
    let shared: Labels
    /// For each series, what is its own.
    let names: [String]

    init(_ series: [Labels]) {
        guard series.count > 1, let first = series.first else {
            shared = Labels()
            names = series.map { TerminalText.safe($0.description) }
            return
        }
        let common = first.pairs.filter { pair in
            series.allSatisfy { $0[pair.name] == pair.value }
        }
        shared = Labels(common.map { ($0.name, $0.value) })
        let commonNames = LabelNames(common.map(\.name))
        names = series.map { TerminalText.safe($0.removing(commonNames).description) }
    }

    /// The line that says what is shared; empty where nothing is.
    var heading: String {
        shared.isEmpty ? "" : TerminalText.safe(shared.description) + "\n"
    }
}
