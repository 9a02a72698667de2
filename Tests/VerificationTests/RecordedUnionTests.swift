import Foundation
import PromQL
import PrometheusAPI
import TestSupport
import Testing
import TimeSeries
import Verification

/// Three clusters' samples and what a real Prometheus 3.14 with all of them answered.
private enum Recorded {
    static let folder = Corpora.folder("prometheus3")

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
    static func store(_ name: String) throws -> SampleStore {
        var result = SampleStore()
        var known: [Substring: Labels] = [:]
        for line in try lines(name) where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            guard words.count >= 3 else { continue }
            let key = words[0..<words.count - 2].joined(separator: " ")[...]
            let value = try #require(NumberText.read(String(words[words.count - 2])))
            let seconds = try #require(NumberText.read(String(words[words.count - 1])))
            let labels: Labels
            if let found = known[key] {
                labels = found
            } else {
                let selector = try parseSelector(String(key))
                labels = Labels(selector.matchers.map { ($0.name, $0.value) })
                known[key] = labels
            }
            result.set(.float(value), of: labels, at: Int64((seconds * 1000).rounded()))
        }
        return result
    }

    static func fleet() throws -> MemoryFleet {
        let regions = [("ap", "apac"), ("eu", "emea"), ("us", "amer")]
        return MemoryFleet(
            members: try regions.map { name, region in
                MemoryFleet.Member(
                    id: name, externalLabels: ["cluster": name, "region": region],
                    store: try store("\(name).om.gz"))
            })
    }
}

/// One recorded exchange.
private struct Exchange {
    var query: String
    var times: QueryTimes
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
        times =
            object["endpoint"] as? String == "query"
            ? .instant(try milliseconds("time"))
            : .range(
                start: try milliseconds("start"), end: try milliseconds("end"),
                step: try milliseconds("step"))
        answer = Array(
            try JSONSerialization.data(withJSONObject: try #require(object["answer"])))
    }

    /// What was answered; nil for a failure.
    func value() throws -> QueryValue? {
        guard status == 200 else { return nil }
        // Whether windows answer an instant query shows in the answer.
        for expectation in [Expectation.samples, .grid(times.grid)] {
            var decoder = QueryResponseDecoder(expecting: expectation)
            guard (try? decoder.feed(answer)) != nil, let response = try? decoder.finish() else {
                continue
            }
            switch response.value {
            case .samples(let series) where times.step == 0: return .samples(series)
            case .scalar(let values): return .scalar(values, grid: times.grid)
            case .vector(let series): return .vector(series, grid: times.grid)
            case .string(let text): return .string(text, time: times.start)
            case .samples, .failure: continue
            }
        }
        Issue.record("the answer to \(query) cannot be read")
        return nil
    }
}

extension Proofs {
    @Suite struct RecordedUnionTests {
        @Test(.enabled(if: Recorded.folder != nil, "the recorded answers are not here"))
        func whatWasRecordedIsAnsweredWholeAndOverClusters() async throws {
            let fleet = try Recorded.fleet()
            let engines = [("whole", Engine.whole(fleet.union)), ("fleet", fleet.engine)]
            var compared = 0
            for line in try Recorded.lines("answers.jsonl.gz") {
                await Task.yield()
                let exchange = try Exchange(line)
                let wanted = try exchange.value()
                for (name, engine) in engines {
                    compared += 1
                    let found = engine.answer(exchange.query, exchange.times)
                    if let difference = difference(wanted, found) {
                        Issue.record("\(name): \(exchange.query) \(exchange.times): \(difference)")
                    }
                }
            }
            #expect(compared >= 1026)
        }

        /// What differs from the recorded answer, or nil.
        private func difference(_ wanted: QueryValue?, _ found: EngineAnswer) -> String? {
            switch (wanted, found) {
            case (nil, .failure): return nil
            case (nil, .value(let value, _)): return "should fail, and gave \(value)"
            case (_?, .failure(let failure)): return "failed: \(failure.text)"
            case (let wanted?, .value(let found, _)): return difference(wanted, found)
            }
        }

        private func difference(_ wanted: QueryValue, _ found: QueryValue) -> String? {
            switch (wanted, found) {
            case (.scalar(let wanted, _), .scalar(let found, _)):
                return differ(wanted, found) ? "\(found), not \(wanted)" : nil
            case (.vector(let wanted, _), .scalar(let found, _)):
                return differ(wanted.first?.values ?? [], found) ? "\(found), not \(wanted)" : nil
            case (.string(let wanted, _), .string(let found, _)):
                return wanted == found ? nil : "\(found), not \(wanted)"
            case (.vector(let wanted, _), .vector(let found, _)):
                return difference(wanted, found)
            case (.samples(let wanted), .samples(let found)):
                let wanted = wanted.sorted { $0.labels < $1.labels }
                // As texts, for which NaN is NaN.
                return "\(wanted)" == "\(found)" ? nil : "\(found), not \(wanted)"
            default: return "\(found), not \(wanted)"
            }
        }

        private func difference(_ wanted: [GridSeries], _ found: [GridSeries]) -> String? {
            let wanted = wanted.sorted { $0.labels < $1.labels }
            let found = found.sorted { $0.labels < $1.labels }
            guard wanted.map(\.labels) == found.map(\.labels) else {
                return "series \(found.map(\.labels)), not \(wanted.map(\.labels))"
            }
            for (one, other) in zip(wanted, found) where differ(one.values, other.values) {
                return "\(one.labels): \(other.values), not \(one.values)"
            }
            return nil
        }

        private func differ(_ wanted: [Double], _ found: [Double]) -> Bool {
            guard wanted.count == found.count else { return true }
            return zip(wanted, found).contains { one, other in
                if Absent.isAbsent(one) || Absent.isAbsent(other) {
                    return Absent.isAbsent(one) != Absent.isAbsent(other)
                }
                if one == other || (one.isNaN && other.isNaN) { return false }
                return !((one - other).magnitude <= 1e-9 * max(one.magnitude, other.magnitude))
            }
        }
    }
}
