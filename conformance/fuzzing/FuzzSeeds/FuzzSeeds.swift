import Foundation
import PrometheusAPI
import Verification

/// Writes what the fuzzers begin with: `FuzzSeeds parser|query DIR FILE…` makes a file in `DIR` for
/// each query of the syntax cases (`.jsonl`) and scripts (`.test`), `FuzzSeeds traces DIR FILE…` for
/// each answer of a Jaeger (`.json`, or recordings in `.jsonl`), `FuzzSeeds KIND DIR FILE…` for each
/// of those of `WireFuzz` the files and its own seeds, `FuzzSeeds dictionary FILE` the words of the
/// language.
@main
enum FuzzSeeds {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count >= 2, let kind = arguments.first,
            let target = arguments.dropFirst().first
        else { fatalError("FuzzSeeds parser|query|traces DIR FILE… or FuzzSeeds dictionary FILE") }
        if kind == "dictionary" {
            try Data(FuzzDictionary.text.utf8).write(to: URL(filePath: target))
            return
        }
        let files = arguments.dropFirst(2)
        if let wire = WireFuzz(rawValue: kind) {
            var seeds = wire.seeds
            for path in files {
                let bytes = Array(try Data(contentsOf: URL(filePath: path)))
                // What was expected of an answer, and where it is cut, stands before it.
                seeds +=
                    wire == .answers ? (0..<3).map { [UInt8($0), 128] + bytes } : [bytes]
            }
            try write(seeds, to: target)
            return
        }
        var seeds =
            kind == "traces"
            ? try files.flatMap(answers) : try files.flatMap(queries).map { Array($0.utf8) }
        if kind == "query" {
            seeds = seeds.enumerated().map { [UInt8(ascii: "0") + UInt8($0 % 8)] + $1 }
            seeds += QueryFuzz().seeds(count: 2000)
        }
        try write(seeds, to: target)
    }

    private static func write(_ seeds: [[UInt8]], to directory: String) throws {
        for (number, seed) in seeds.enumerated() {
            try Data(seed).write(to: URL(filePath: directory).appending(path: "seed-\(number)"))
        }
    }

    /// Without the spaces, of which the fuzzer would learn nothing.
    private static func answers(ofFile path: String) throws -> [[UInt8]] {
        let text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
        let answers =
            path.hasSuffix(".jsonl")
            ? try text.split(separator: "\n").compactMap {
                try JSONValue(parsing: Array($0.utf8))["body"]
            } : [try JSONValue(parsing: Array(text.utf8))]
        return answers.map { answer in
            var bytes: [UInt8] = []
            answer.append(to: &bytes)
            return bytes
        }
    }

    private static func queries(ofFile path: String) throws -> [String] {
        let text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
        if path.hasSuffix(".test") {
            return text.split(separator: "\n").compactMap { query(ofEvaluation: String($0)) }
        }
        return try text.split(separator: "\n").compactMap { line in
            try JSONValue(parsing: Array(line.utf8))["query"]?.string
        }
    }

    /// The query of `eval instant at 5m up` or `eval range from 0 to 1h step 5m up`.
    private static func query(ofEvaluation line: String) -> String? {
        guard line.hasPrefix("eval") else { return nil }
        let words = line.split(separator: " ", maxSplits: 8)
        guard words.count > 3 else { return nil }
        let first = words[1] == "instant" ? 4 : 8
        return words.count > first ? words[first...].joined(separator: " ") : nil
    }
}
