import Clusters
import Evaluation
import Foundation
import MemoryServer
import Planning
import PromQL
import PrometheusAPI
import Testing
import TimeSeries

/// Three clusters' samples and what a real Prometheus 3.14 with all of them answered.
private enum Recorded {
    static let folder: URL? = {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let corpora =
            ProcessInfo.processInfo.environment["ISTHMUS_CORPORA"].map { URL(filePath: $0) }
            ?? root.appending(path: "../shared/corpora")
        let folder = corpora.appending(path: "prometheus3")
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()

    static func lines(_ name: String) throws -> [Substring] {
        guard let folder else { return [] }
        let process = Process()
        process.executableURL = URL(filePath: "/bin/gzip")
        process.arguments = ["-dc", folder.appending(path: name).path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self).split(separator: "\n")
    }

    /// Reads OpenMetrics text; all we need of it.
    static func server(_ name: String) throws -> MemoryServer {
        var places: [Substring: Int] = [:]
        var server = MemoryServer()
        for line in try lines(name) where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            guard words.count >= 3 else { continue }
            let key = words[0..<words.count - 2].joined(separator: " ")[...]
            let value = try #require(NumberText.read(String(words[words.count - 2])))
            let seconds = try #require(NumberText.read(String(words[words.count - 1])))
            let sample = (time: Int64((seconds * 1000).rounded()), value: value)
            if let place = places[key] {
                server.series[place].samples.append(sample)
            } else {
                let selector = try parseSelector(String(key))
                let labels = Labels(selector.matchers.map { ($0.name, $0.value) })
                places[key] = server.series.count
                server.series.append(.init(labels: labels, samples: [sample]))
            }
        }
        return server
    }

    static func fleet() throws -> MemoryFleet {
        let regions = [("ap", "apac"), ("eu", "emea"), ("us", "amer")]
        return MemoryFleet(
            members: try regions.map { name, region in
                let server = try server("\(name).om.gz")
                let own = Set(server.series.flatMap { $0.labels.pairs.map(\.name) })
                return MemoryFleet.Member(
                    scope: ClusterScope(
                        id: ClusterID(name),
                        externalLabels: ["cluster": name, "region": region],
                        capabilities: Capabilities(
                            version: [3, 14, 0],
                            conflictingLabels: own.intersection(["cluster", "region"]))),
                    server: server)
            })
    }
}

/// One recorded exchange.
private struct Exchange {
    var query: String
    var grid: TimeGrid
    var step: Int64
    var status: Int
    var answer: [UInt8]

    init(_ line: Substring) throws {
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        query = try #require(object["query"] as? String)
        status = try #require(object["status"] as? Int)
        let parameters = try #require(object["params"] as? [String: Any])
        func milliseconds(_ name: String) throws -> Int64 {
            let seconds = try #require(parameters[name] as? Double)
            return Int64((seconds * 1000).rounded())
        }
        if object["endpoint"] as? String == "query" {
            grid = TimeGrid(instant: try milliseconds("time"))
            step = 0
        } else {
            step = try milliseconds("step")
            grid = TimeGrid(
                start: try milliseconds("start"), end: try milliseconds("end"), step: step)
        }
        answer = Array(
            try JSONSerialization.data(withJSONObject: try #require(object["answer"])))
    }
}

@Suite struct RecordedUnionTests {
    @Test(.enabled(if: Recorded.folder != nil, "the recorded answers are not here"))
    func whatWasRecordedIsAnsweredWholeAndOverClusters() throws {
        let fleet = try Recorded.fleet()
        let union = fleet.union
        var agreed = 0
        var left: [String: Int] = [:]
        for line in try Recorded.lines("answers.jsonl.gz") {
            let exchange = try Exchange(line)
            for (name, answer) in [
                ("union", { try union.answer($0, on: exchange.grid) }),
                ("fleet", { try fleet.answer($0, on: exchange.grid) }),
            ] as [(String, (PromQL.Expression) throws -> EvaluationOutcome)] {
                do {
                    if let difference = try self.difference(exchange, answer) {
                        Issue.record("\(name): \(exchange.query) \(exchange.grid): \(difference)")
                    } else {
                        agreed += 1
                    }
                } catch let failure as NotInMemory {
                    left[failure.reason, default: 0] += 1
                } catch let failure as PlanningFailure {
                    left["\(failure)", default: 0] += 1
                }
            }
        }
        print("recorded union: \(agreed) answers agree, left out: \(left)")
        #expect(agreed >= 1026)
    }

    /// What differs from the recorded answer, or nil.
    private func difference(
        _ exchange: Exchange, _ answer: (PromQL.Expression) throws -> EvaluationOutcome
    ) throws -> String? {
        let times = QueryTimes(
            start: exchange.grid.start, end: exchange.grid.end, step: exchange.step,
            defaultSubqueryStep: 60_000)
        let outcome: EvaluationOutcome
        do {
            let expression = try parse(
                exchange.query, options: ParseOptions(experimentalFunctions: true)
            ).resolved(in: times)
            outcome = try answer(expression)
        } catch EvaluationFailure.unsupported(let reason) {
            throw NotInMemory(reason: reason)
        } catch let failure as ResolutionError {
            return exchange.status == 200 ? "failed: \(failure)" : nil
        } catch let failure as EvaluationFailure {
            return exchange.status == 200 ? "failed: \(failure)" : nil
        } catch let failure as ParseError {
            return exchange.status == 200 ? "failed: \(failure)" : nil
        }
        guard exchange.status == 200 else { return "should fail, and gave \(outcome.value)" }
        var decoder = QueryResponseDecoder(expecting: .grid(exchange.grid))
        try decoder.feed(exchange.answer)
        switch (try decoder.finish().value, outcome.value) {
        case (.scalar(let wanted), .scalar(let got, _)):
            return differ(wanted, got) ? "\(wanted) is not \(got)" : nil
        case (.vector(let wanted), .scalar(let got, _)):
            return differ(wanted.first?.values ?? [], got) ? "\(wanted) is not \(got)" : nil
        case (.string(let wanted), .string(let got, _)):
            return wanted == got ? nil : "\(wanted) is not \(got)"
        case (.vector(let wanted), .vector(let got, _)):
            return difference(wanted, got)
        default:
            throw NotInMemory(reason: "a window as the answer")
        }
    }

    private func difference(_ wanted: [GridSeries], _ got: [GridSeries]) -> String? {
        let wanted = wanted.sorted { $0.labels < $1.labels }
        let got = got.sorted { $0.labels < $1.labels }
        guard wanted.map(\.labels) == got.map(\.labels) else {
            return "series \(wanted.map(\.labels)) are not \(got.map(\.labels))"
        }
        for (one, other) in zip(wanted, got) where differ(one.values, other.values) {
            return "\(one.labels): \(one.values) is not \(other.values)"
        }
        return nil
    }

    private func differ(_ wanted: [Double], _ got: [Double]) -> Bool {
        guard wanted.count == got.count else { return true }
        return zip(wanted, got).contains { one, other in
            if Absent.isAbsent(one) || Absent.isAbsent(other) {
                return Absent.isAbsent(one) != Absent.isAbsent(other)
            }
            if one == other || (one.isNaN && other.isNaN) { return false }
            return !((one - other).magnitude <= 1e-9 * max(one.magnitude, other.magnitude))
        }
    }
}
