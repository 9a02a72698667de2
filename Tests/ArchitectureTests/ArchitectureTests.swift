import Foundation
import Testing

/// The compiler lets an undeclared import through, and has no opinion on who may wait.
@Suite("The architecture")
struct ArchitectureTests {
    /// Read once for all tests.
    private static let reading = Result { try SourceTree() }

    private let tree: SourceTree

    init() throws { tree = try Self.reading.get() }

    @Test func everyImportIsAnArrowOfTheDesign() throws {
        let rules = Dictionary(uniqueKeysWithValues: ModuleRule.all.map { ($0.name, $0) })
        for file in tree.sources {
            guard let rule = rules[file.module] else {
                Issue.record("\(file.path): the module \(file.module) has no row in Rules.swift")
                continue
            }
            for (module, line) in try file.imports() {
                let problem = Self.problem(importing: module, in: rule, ours: Set(rules.keys))
                if let problem { Issue.record("\(file.path):\(line): \(problem)") }
            }
        }
    }

    @Test(arguments: PatternRule.all)
    func noCodeHasAForbiddenPattern(_ rule: PatternRule) throws {
        let pure = Set(ModuleRule.all.filter(\.isPure).map(\.name))
        let files =
            switch rule.scope {
            case .sources: tree.sources
            case .pureModules: tree.sources.filter { pure.contains($0.module) }
            case .sourcesAndSupport:
                tree.sources + tree.tests.filter { $0.module == "TestSupport" }
            case .tests: tree.tests
            }
        #expect(!files.isEmpty)
        for file in files {
            for place in try file.places(of: rule.pattern) {
                Issue.record("\(file.path):\(file.line(of: place.range)): \(rule.reason)")
            }
        }
    }

    /// A tuple made around `await` in a child task comes out wrong of the optimiser
    /// (swiftlang/swift#91911), so a child task is one call that gives what it gives.
    @Test func aChildTaskIsOneCall() throws {
        for file in tree.sources + tree.tests {
            for task in try ChildTask.all(in: file) where !task.isOneCall {
                Issue.record("\(file.path):\(task.line): a child task is one call: \(task.body)")
            }
        }
    }

    @Test(arguments: [
        ("await fetch.reply()", true), ("[name] in try await self.answer(name, 1)", true),
        ("try await ask(Question(a, b), of: { $0 })", true), ("run()", true),
        ("return (name, try await answer(name))", false), ("(name, await answer())", false),
        ("let a = await b(); return a", false), ("await a() + b()", false),
        ("await one()\n await two()", false),
    ])
    func oneCallIsToldFromMore(_ body: String, _ isOneCall: Bool) {
        #expect(ChildTask(line: 1, body: body).isOneCall == isOneCall)
    }

    @Test(arguments: [
        ("a!.b", true), ("f()!", true), ("a[0]! + 1", true), ("var a: Int!", true),
        ("a != b", false), ("!a && !b", false), ("a ? !b : c", false), ("[!a, (!b)]", false),
        ("a!=b", false), ("#!", false),
    ])
    func forcedUnwrappingIsToldFromNegation(_ code: String, _ isForced: Bool) throws {
        let rule = try #require(PatternRule.all.first { $0.reason == "no forced unwrapping" })
        let file = SourceTree.File(path: "", module: "", code: code)
        #expect(try !file.places(of: rule.pattern).isEmpty == isForced)
    }

    @Test func everyTargetHasItsFolderAndEveryFolderItsTarget() throws {
        let package = try String(
            contentsOf: SourceTree.root.appendingPathComponent("Package.swift"), encoding: .utf8)
        let pattern =
            #"(?:\b(?:module|tests)\(\s*|\b(?:target|executableTarget|testTarget)\(\s*name:\s*)"(\w+)""#
        let expression = try NSRegularExpression(pattern: pattern)
        let text = package as NSString
        let targets = expression.matches(
            in: package, range: NSRange(location: 0, length: text.length)
        ).map { text.substring(with: $0.range(at: 1)) }
        #expect(targets.count == Set(targets).count, "\(targets)")
        let folders = try SourceTree.folders(in: "Sources").union(SourceTree.folders(in: "Tests"))
        #expect(Set(targets).subtracting(folders).sorted() == [], "targets without a folder")
        #expect(folders.subtracting(targets).sorted() == [], "folders without a target")
    }

    /// Which error is which status is one decision in one place.
    @Test func oneFileKnowsTheStatusCodesOfErrors() throws {
        let pattern =
            #"\.(badRequest|unprocessableContent|serviceUnavailable|internalServerError)\b"#
        let files = try tree.sources.filter { file in
            try file.module != "MeshSim" && !file.places(of: pattern).isEmpty
        }
        #expect(files.map(\.path) == ["Sources/HTTPAPI/ErrorResponse.swift"])
    }

    @Test(arguments: [
        ("a // try! b\nc", "a \nc"), ("x /* a /* b */ c */ y", "x  y"),
        (#"f("a\"! \(g("h!")) z") + 1"#, #"f("") + 1"#), (##"#"raw " \(x)"# + y"##, #""" + y"#),
        ("\"\"\"\n a \" b\n\"\"\" c", "\"\n\n\" c"), ("a! + b", "a! + b"),
    ])
    func commentsAndTextAreToldFromCode(_ text: String, _ code: String) {
        #expect(CodeText.of(text) == code)
    }

    /// What is wrong with an import, nil for nothing.
    private static func problem(
        importing module: String, in rule: ModuleRule, ours: Set<String>
    ) -> String? {
        if ours.contains(module) {
            return rule.uses.contains(module) ? nil : "\(rule.name) may not import \(module)"
        }
        guard let library = LibraryRule.all.first(where: { $0.modules.contains(module) }) else {
            return "\(module) has no row in Rules.swift"
        }
        let isAllowed =
            switch library.owners {
            case .only(let owners): owners.contains(rule.name)
            case .impure: !rule.isPure
            case .everyone: true
            }
        return isAllowed ? nil : "\(module) is not for \(rule.name)"
    }
}
