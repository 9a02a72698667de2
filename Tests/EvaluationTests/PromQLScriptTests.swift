import Foundation
import Testing

/// Prometheus's own test scripts, run over samples in memory. Cases with native histograms are
/// left out, and so are windows as answers.
@Suite struct PromQLScriptTests {
    /// Where the corpora are: named by the environment, else beside a folder above this file.
    private static let scripts: URL? = {
        var candidates: [URL] = []
        if let named = ProcessInfo.processInfo.environment["ISTHMUS_CORPORA"] {
            candidates.append(URL(filePath: named))
        }
        var folder = URL(filePath: #filePath).deletingLastPathComponent()
        while folder.path != "/" {
            candidates.append(folder.appending(path: "shared/corpora"))
            folder = folder.deletingLastPathComponent()
        }
        return candidates.map { $0.appending(path: "promqltest") }
            .first { FileManager.default.fileExists(atPath: $0.path) }
    }()

    /// How many cases of each script agree; there may be more, and never fewer.
    private static let agreeing = [
        "aggregators": 125, "at_modifier": 78, "functions": 322, "histograms": 93, "limit": 1,
        "literals": 25, "name_label_dropping": 22, "range_queries": 13, "selectors": 31,
        "staleness": 17, "subquery": 32, "trig_functions": 19,
    ]

    /// Queries that are answered otherwise, as they are, and why.
    private static let exceptions: [(query: String, reason: String)] = {
        // Prometheus drops names at the end of a query where its feature flag
        // `promql-delayed-name-removal` is set, as in its tests; else, and here, at once.
        let delayed = [
            #"label_replace(rate({env="1"}[10m]), "my_name", "rate_$1", "__name__", "(.+)")"#,
            #"label_replace(rate({env="1"}[10m]), "__name__", "rate_$1", "__name__", "(.+)")"#,
            #"label_join(rate({env="1"}[10m]), "my_name", "_", "__name__")"#,
            #"label_join(rate({env="1"}[10m]), "__name__", "_", "__name__", "env")"#,
            #"sum(rate({env="1"}[10m])) by (env)"#,
            #"label_replace(sum by (__name__) (rate(metric_total{env="2"}[5m])), "__name__", "$1", "__name__", "(.+)")"#,
            #"sum by (__name__) (metric_total{env="1"} or rate(metric_total{env="2"}[5m]))"#,
            #"sum by (__name__) (rate(metric_total{env="2"}[5m]) or metric_total{env="1"})"#,
        ]
        return delayed.map { ($0, "names are dropped at once") } + [
            // What is no UTF-8 is read as U+FFFD, and that is a name.
            (#"label_replace(testmetric, "\xff", "", "src", "(.*)")"#, "texts are UTF-8")
        ]
    }()

    @Test(
        .enabled(if: scripts != nil, "the corpora are not here"),
        arguments: agreeing.keys.sorted())
    func prometheussOwnCasesAgree(_ name: String) throws {
        let folder = try #require(Self.scripts)
        let text = try String(contentsOf: folder.appending(path: name + ".test"), encoding: .utf8)
        let run = ScriptRun(try PromQLScript(text))
        var excepted = 0
        for difference in run.differences {
            if Self.exceptions.contains(where: { $0.query == difference.query }) {
                excepted += 1
            } else {
                Issue.record(
                    "\(name).test:\(difference.line): \(difference.query) \(difference.text)")
            }
        }
        print("\(name).test: \(run.agreed) agree, \(excepted) excepted, left out: \(run.left)")
        #expect(run.agreed >= Self.agreeing[name] ?? 0)
    }
}
