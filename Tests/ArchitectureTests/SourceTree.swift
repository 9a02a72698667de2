import Foundation

/// The Swift files of the repository.
struct SourceTree: Sendable {
    struct File: Sendable {
        /// From the repository's root on.
        var path: String
        /// The folder in `Sources` or `Tests`.
        var module: String
        /// Without comments and the content of strings.
        var code: String

        /// The number of the line in which a place of the code is.
        func line(of range: NSRange) -> Int {
            (code as NSString).substring(to: range.location).filter { $0 == "\n" }.count + 1
        }
    }

    static let root: URL = {
        if let root = ProcessInfo.processInfo.environment["ISTHMUS_ROOT"] {
            return URL(fileURLWithPath: root)
        }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
    }()

    var sources: [File]
    var tests: [File]

    init() throws {
        sources = try Self.files(in: "Sources")
        tests = try Self.files(in: "Tests")
    }

    /// The folders in a folder of the root.
    static func folders(in folder: String) throws -> Set<String> {
        let url = root.appendingPathComponent(folder).resolvingSymlinksInPath()
        let entries = try FileManager.default.contentsOfDirectory(
            at: url, includingPropertiesForKeys: [.isDirectoryKey])
        return Set(
            try entries.filter {
                try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true
            }.map(\.lastPathComponent))
    }

    private static func files(in folder: String) throws -> [File] {
        try folders(in: folder).sorted().flatMap { module in
            let directory = root.appendingPathComponent(folder).resolvingSymlinksInPath()
                .appendingPathComponent(module)
            let names = try FileManager.default.subpathsOfDirectory(atPath: directory.path)
            return try names.sorted().filter { $0.hasSuffix(".swift") }.map { name in
                let text = try String(
                    contentsOf: directory.appendingPathComponent(name), encoding: .utf8)
                return File(
                    path: "\(folder)/\(module)/\(name)", module: module, code: CodeText.of(text))
            }
        }
    }
}

extension SourceTree.File {
    /// The places where a pattern stands.
    func places(of pattern: String) throws -> [NSTextCheckingResult] {
        let expression = try NSRegularExpression(pattern: pattern, options: [.anchorsMatchLines])
        return expression.matches(
            in: code, range: NSRange(location: 0, length: (code as NSString).length))
    }

    /// The modules that the file imports, each with its line.
    func imports() throws -> [(module: String, line: Int)] {
        let kinds = "(?:struct|enum|class|protocol|func|var|let|typealias|actor)"
        let pattern =
            #"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:\w+\s+)?import\s+(?:"# + kinds
            + #"\s+)?(\w+)"#
        return try places(of: pattern).map { match in
            ((code as NSString).substring(with: match.range(at: 1)), line(of: match.range))
        }
    }
}
