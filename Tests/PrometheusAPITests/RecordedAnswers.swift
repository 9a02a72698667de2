import Foundation
import PrometheusAPI
import TestSupport
import Testing
import TimeSeries

/// A question asked of a real Prometheus, and its answer.
struct RecordedAnswer: Sendable, CustomTestStringConvertible {
    var name: String
    var endpoint: String
    var parameters: [String: String]
    var status: Int
    var body: [UInt8]

    var testDescription: String { name }

    /// The grid asked for; nil where the question was no query.
    var grid: TimeGrid? {
        switch endpoint {
        case "query":
            parameters["time"].flatMap { APITime.parse($0) }.map { TimeGrid(instant: $0) }
        case "query_range":
            try? RangeQueryParameters { parameters[$0] }.grid
        default: nil
        }
    }

    var form: QueryForm { endpoint == "query" ? .instant : .range }

    /// What an asker would expect.
    var expectation: PrometheusAPI.Expectation? {
        name.hasPrefix("samples") ? .samples : grid.map { .grid($0) }
    }

    /// The bodies of `conformance/prometheus-api`.
    static let all: [RecordedAnswer] = {
        guard let folder = Folders.recordings,
            let index = try? String(
                contentsOf: folder.appending(path: "cases.jsonl"), encoding: .utf8)
        else { return [] }
        return index.split(separator: "\n").compactMap { line in
            guard let entry = try? JSONValue(parsing: Array(line.utf8)),
                let name = entry["name"]?.string, let endpoint = entry["endpoint"]?.string,
                let status = entry["status"]?.double,
                let body = try? Data(contentsOf: folder.appending(path: "\(name).json"))
            else { return nil }
            return RecordedAnswer(
                name: name, endpoint: endpoint,
                parameters: entry["params"]?.stringMembers ?? [:], status: Int(status),
                body: Array(body))
        }
    }()

    /// Those that are results of queries.
    static let results = all.filter { $0.endpoint.hasPrefix("query") && $0.status == 200 }
    static let errors = all.filter { $0.status != 200 }
    static let lists = all.filter { !$0.endpoint.hasPrefix("query") && $0.status == 200 }

    /// The answers of a Prometheus 3 in the shared corpora; their bodies were written anew.
    static let fromCorpus: [RecordedAnswer] = {
        guard let file = Corpora.folder("prometheus3")?.appending(path: "answers.jsonl.gz"),
            FileManager.default.fileExists(atPath: file.path), let text = unpacked(file)
        else { return [] }
        return text.split(separator: UInt8(ascii: "\n")).enumerated().compactMap { number, line in
            guard let entry = try? JSONValue(parsing: Array(line)),
                let endpoint = entry["endpoint"]?.string, let query = entry["query"]?.string,
                let status = entry["status"]?.double, let answer = entry["answer"]
            else { return nil }
            var parameters = ["query": query]
            for member in entry["params"]?.members ?? [] {
                parameters[member.name] = member.value.description
            }
            return RecordedAnswer(
                name: "\(number): \(query)", endpoint: endpoint, parameters: parameters,
                status: Int(status), body: Array(answer.description.utf8))
        }
    }()

    private static func unpacked(_ file: URL) -> Data? {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/gzip")
        process.arguments = ["-dc", file.path]
        process.standardOutput = output
        guard (try? process.run()) != nil else { return nil }
        let data = try? output.fileHandleForReading.readToEnd()
        process.waitUntilExit()
        return data
    }
}
