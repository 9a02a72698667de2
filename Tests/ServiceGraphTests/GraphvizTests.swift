import Foundation
import Glibc
import ServiceGraph
import Testing

/// Graphviz as a child process: what comes of good graphs, and of programs that misbehave.
@Suite struct GraphvizTests {
    /// A script in the place of `dot`, in a directory that is removed with it.
    private final class Script: Sendable {
        let directory: URL
        var path: String { directory.appendingPathComponent("dot").path }

        init(_ body: String) throws {
            directory = FileManager.default.temporaryDirectory
                .appendingPathComponent("graphviz-\(UUID().uuidString)")
            try FileManager.default.createDirectory(
                at: directory, withIntermediateDirectories: true)
            try "#!/bin/sh\n\(body)\n".write(toFile: path, atomically: true, encoding: .utf8)
            chmod(path, 0o700)
        }

        deinit { try? FileManager.default.removeItem(at: directory) }

        /// A file beside the script.
        func text(of name: String) -> String? {
            try? String(contentsOf: directory.appendingPathComponent(name), encoding: .utf8)
        }
    }

    private static func drawing(
        _ text: String = "digraph {}", with program: String,
        timeout: Duration = .seconds(60), change: (inout GraphvizSettings) -> Void = { _ in }
    ) async throws(GraphvizFailure) -> String {
        var settings = GraphvizSettings()
        settings.program = program
        settings.timeout = timeout
        change(&settings)
        let bytes = try await Graphviz(settings).svg(of: text, by: .now + .seconds(60))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether a process with this number is there, as anything but a name on a list.
    private static func lives(_ number: String?) -> Bool {
        guard let number = number.flatMap({ Int32($0.filter(\.isNumber)) }) else { return false }
        return kill(number, 0) == 0
    }

    @Test func aGraphBecomesAPicture() async throws {
        let picture = try await Self.drawing("digraph { a -> b }", with: "dot")
        #expect(picture.contains("<svg"))
        #expect(picture.contains("<title>a&#45;&gt;b</title>"))
    }

    @Test func aMistakeIsToldInGraphvizsWords() async throws {
        let failure = await #expect(throws: GraphvizFailure.self) {
            try await Self.drawing("digraph { a -> }", with: "dot")
        }
        guard case .failed(_, let complaint) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(complaint.contains("syntax error"))
    }

    @Test func withoutTheProgramTheErrorNamesThePackage() async {
        let failure = await #expect(throws: GraphvizFailure.absent(program: "no-such-dot")) {
            try await Self.drawing(with: "no-such-dot")
        }
        #expect(failure?.description.contains("Debian's package graphviz") == true)
    }

    @Test func aProgramThatHangsIsKilledWithAllItHasStarted() async throws {
        let script = try Script(
            "cd \"$(dirname \"$0\")\"\necho $$ >me\nsleep 1000 & echo $! >child\nwait")
        await #expect(throws: GraphvizFailure.timeout(.seconds(5))) {
            try await Self.drawing(with: script.path, timeout: .seconds(5))
        }
        #expect(script.text(of: "child") != nil)
        #expect(!Self.lives(script.text(of: "me")))
        // Killed with its parent, it is gone as soon as somebody has taken note of it.
        let end = ContinuousClock.now + .seconds(120)
        while Self.lives(script.text(of: "child")), !isZombie(script.text(of: "child")),
            ContinuousClock.now < end
        {
            await Task.yield()
        }
        #expect(!Self.lives(script.text(of: "child")) || isZombie(script.text(of: "child")))
    }

    @Test func aProgramThatHasSaidAllAndStaysIsKilledToo() async throws {
        let script = try Script(
            "cd \"$(dirname \"$0\")\"\necho $$ >me\nexec >&- 2>&-\nsleep 1000")
        await #expect(throws: GraphvizFailure.timeout(.seconds(5))) {
            try await Self.drawing(with: script.path, timeout: .seconds(5))
        }
        #expect(script.text(of: "me") != nil)
        #expect(!Self.lives(script.text(of: "me")))
    }

    @Test func aProgramThatWritesWithoutEndIsStopped() async throws {
        let script = try Script("echo $$ >\"$(dirname \"$0\")/me\"\nexec yes")
        await #expect(throws: GraphvizFailure.wroteTooMuch(limit: 100_000)) {
            try await Self.drawing(with: script.path) { $0.maximumOutputBytes = 100_000 }
        }
        #expect(!Self.lives(script.text(of: "me")))
    }

    @Test func aProgramThatComplainsWithoutEndIsStoppedInTime() async throws {
        let script = try Script("exec yes >&2")
        await #expect(throws: GraphvizFailure.timeout(.seconds(5))) {
            try await Self.drawing(with: script.path, timeout: .seconds(5))
        }
    }

    @Test func aProgramThatReadsNothingStillHasItsSay() async throws {
        let script = try Script("echo picture")
        let text = String(repeating: "// a line\n", count: 100_000)
        #expect(try await Self.drawing(text, with: script.path) == "picture\n")
    }

    @Test func moreThanThePipesHoldGoesBothWays() async throws {
        let script = try Script("exec cat")
        let text = String(repeating: "a line of text\n", count: 100_000)
        #expect(try await Self.drawing(text, with: script.path) == text)
    }

    @Test func tooMuchMemoryIsRefusedByTheSystem() async throws {
        let script = try Script("cat >/dev/null\nulimit -v")
        let picture = try await Self.drawing(with: script.path) { $0.maximumMemoryBytes = 64 << 20 }
        #expect(picture == "\(64 << 10)\n")
    }

    @Test func itInheritsNeitherFilesNorTheEnvironment() async throws {
        let file = open("/dev/null", O_RDONLY)
        defer { close(file) }
        let script = try Script("ls /proc/self/fd | tr '\\n' ' '; env | cut -d= -f1 | sort")
        let told = try await Self.drawing(with: script.path)
        // `ls` has the directory open that it lists.
        #expect(told.hasPrefix("0 1 2 3 "))
        #expect(!told.hasPrefix("0 1 2 3 4 "))
        #expect(!told.contains("HOME"))
    }

    @Test func aGraphThatIsTooLongIsNotTried() async {
        let script = "no-such-dot"
        await #expect(throws: GraphvizFailure.tooLarge(bytes: 10, limit: 9)) {
            try await Self.drawing("digraph {}", with: script) { $0.maximumInputBytes = 9 }
        }
    }

    @Test func whoLeavesTakesTheProgramAlong() async throws {
        let script = try Script(
            "cd \"$(dirname \"$0\")\"\necho $$ >new\nmv new me\nexec sleep 1000")
        let outcome = await withTaskGroup(of: Result<String, GraphvizFailure>.self) { group in
            group.addTask { await Self.result(with: script.path) }
            while script.text(of: "me") == nil { await Task.yield() }
            group.cancelAll()
            return await group.next()
        }
        #expect(outcome == .failure(.cancelled))
        #expect(!Self.lives(script.text(of: "me")))
    }

    private static func result(with program: String) async -> Result<String, GraphvizFailure> {
        do {
            return .success(try await drawing(with: program))
        } catch {
            return .failure(error)
        }
    }

    @Test func onlySoManyRunAtATime() async throws {
        let script = try Script("exec sleep 1000")
        var settings = GraphvizSettings()
        settings.program = script.path
        settings.timeout = .seconds(2)
        settings.maximumConcurrent = 1
        let graphviz = Graphviz(settings)
        let outcomes = await withTaskGroup(of: GraphvizFailure?.self) { group in
            for _ in 0..<2 { group.addTask { await Self.failure(of: graphviz) } }
            var outcomes: Set<GraphvizFailure?> = []
            for await outcome in group { outcomes.insert(outcome) }
            return outcomes
        }
        // Whoever waited has no time left, or is told that there was no place.
        #expect(outcomes.contains(.timeout(.seconds(2))))
        #expect(outcomes.isSubset(of: [.timeout(.seconds(2)), .busy(limit: 1)]))
    }

    private static func failure(of graphviz: Graphviz) async -> GraphvizFailure? {
        do {
            _ = try await graphviz.svg(of: "digraph {}", by: .now + .seconds(60))
            return nil
        } catch {
            return error
        }
    }

    /// A process without parent that its new one has not waited for yet.
    private func isZombie(_ number: String?) -> Bool {
        guard let number = number?.filter(\.isNumber),
            let status = try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8)
        else { return true }
        return status.contains(") Z ")
    }
}
