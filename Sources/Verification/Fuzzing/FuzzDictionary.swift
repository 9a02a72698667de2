import PromQL

/// The words of the language, for fuzzers that put texts together from pieces.
public enum FuzzDictionary {
    /// One word in quotes on each line, as libFuzzer reads them.
    public static var text: String {
        words.map { word in
            "\"\(word.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"\n"
        }.joined()
    }

    private static var words: [String] {
        let tables =
            Function.all.map { $0.name + "(" } + AggregationOperator.allCases.map(\.rawValue)
            + BinaryOperator.allCases.map { " \($0.rawValue) " } + Modifier.all.map(\.text)
        return tables
            + [
                "(", ")", "[", "]", "{", "}", ",", ":", "=", "=~", "!~", "!=", "\"", "'", "`", "\\",
                "#", "\n", "5m", "[5m]", "[1h:5m]", " offset ", " @ ", "start()", "end()", "Inf",
                "NaN", "0x1f", "1e3", "1_000", "x", "{a=\"b\"}", "by", "without", "on", "ignoring",
                "group_left", "group_right", "bool", "fill", "1h30m", "__name__", "cluster", "le",
                "\\u00e9", "\\x41", "\\377", "9223372036854775807", "1e308", "-", "+",
            ].filter { $0 != "\n" }
    }
}
