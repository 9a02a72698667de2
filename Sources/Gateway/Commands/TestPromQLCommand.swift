import ArgumentParser
import Verification

struct TestPromQLCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promql",
        abstract: "Run scripts of Prometheus's test language (promqltest).",
        discussion: """
            Runs each file, and of each directory the files ending in .test. Each query is \
            evaluated as Prometheus's own runner does it: also as part of a range query, and with \
            @ on its selectors. Prints what differs, then a line 'N passed, M failed'; ends with \
            status 1 where something differs.

            With --clusters the samples are dealt among so many clusters, and the gateway's answer \
            is held against that of all samples together; what the script expects does not count. \
            With --observed as well, some of the series are in no cluster but the gateway's own.
            """)

    @Argument(help: ArgumentHelp("Scripts, or directories of them.", valueName: "path"))
    var paths: [String]

    @Option(
        help: ArgumentHelp("Deal the samples among so many clusters.", valueName: "count"))
    var clusters: Int?

    @Flag(help: "With --clusters: some of the series are the gateway's own.")
    var observed = false

    @Option(help: ArgumentHelp("Only queries with this text in them.", valueName: "text"))
    var filter = ""

    func validate() throws {
        if paths.isEmpty { throw ValidationError("no scripts are named") }
        if let clusters, !(1...100).contains(clusters) {
            throw ValidationError("--clusters takes a number from 1 to 100")
        }
        if observed, clusters == nil { throw ValidationError("--observed needs --clusters") }
    }

    func run() async throws {
        var count = TestCount()
        for file in try files() { run(file, &count) }
        try count.end()
    }

    /// The scripts in the order of the arguments, those of a directory by name.
    private func files() throws -> [String] {
        var result: [String] = []
        for path in paths {
            guard let names = try? DiskFile.names(in: path) else {
                result.append(path)
                continue
            }
            let scripts = names.filter { $0.hasSuffix(".test") }.sorted()
            if scripts.isEmpty { throw CommandFailure("\(path): no file ends in .test") }
            let folder = path.hasSuffix("/") ? path : path + "/"
            result += scripts.map { folder + $0 }
        }
        return result
    }

    private func run(_ file: String, _ count: inout TestCount) {
        let script: PromQLScript
        do {
            let bytes = try DiskFile.bytes(of: file)
            script = try PromQLScript(String(decoding: bytes, as: UTF8.self))
        } catch let error as ScriptError {
            report("\(file):\(error.line): \(error.message)")
            count.failed += 1
            return
        } catch let failure as DiskFile.Failure {
            report("\(file): cannot be read: \(failure.sentence)")
            count.failed += 1
            return
        } catch {
            preconditionFailure("reading a script fails in no other way")
        }
        var run = ScriptRun(script, proving: proof, filter: filter)
        var ofFile = TestCount()
        while let one = run.next() {
            if let difference = one.difference {
                ofFile.failed += 1
                report("\(file):\(one.line): \(one.query)\n    \(difference)")
            } else {
                ofFile.passed += 1
            }
        }
        report("\(file): \(ofFile.passed) passed, \(ofFile.failed) failed")
        count.passed += ofFile.passed
        count.failed += ofFile.failed
    }

    private var proof: ScriptRun.Proof {
        clusters.map { .dealt(over: $0, observing: observed) } ?? .whole
    }

    private func report(_ text: String) {
        StandardOutput.write(
            text.split(separator: "\n", omittingEmptySubsequences: false)
                .map { TerminalText.safe(String($0)) }.joined(separator: "\n") + "\n")
    }
}
