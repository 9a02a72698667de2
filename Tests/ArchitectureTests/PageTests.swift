import Foundation
import Testing

/// The page's files, of which the compiler sees only those that the table of `dashboard.c` names.
@Suite("The page")
struct PageTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources/CDashboard")

    private let files: Set<String>
    private let table: String

    init() throws {
        let names = try FileManager.default.contentsOfDirectory(
            atPath: Self.folder.appending(path: "page").path)
        files = Set(names.filter { !$0.hasPrefix(".") })
        table = try String(
            contentsOf: Self.folder.appending(path: "dashboard.c"), encoding: .utf8)
    }

    @Test func everyFileOfThePageIsServedAndEveryRowHasItsFile() throws {
        let embedded = Set(table.matches(of: /#embed "page\/(.+)"/).map { String($0.1) })
        #expect(embedded == files)
        let served = Set(table.matches(of: /FILE\("\/page\/(.+?)"/).map { String($0.1) })
        #expect(served == files.subtracting(["index.html"]).union(["d3.js", "dagre.js"]))
    }

    @Test func theScriptsImportOnlyWhatIsServed() throws {
        for name in files.sorted() where name.hasSuffix(".js") {
            let pattern = /(?:\bfrom |\bimport\(|^import )'([^']+)'/.anchorsMatchLineEndings()
            let imports = try text(name).matches(of: pattern)
            for path in imports.map({ String($0.1) }) {
                #expect(
                    path.hasPrefix("./") && files.contains(String(path.dropFirst(2))),
                    "\(name) imports \(path)")
            }
        }
    }

    /// A browser that sees only the gateway loads all of it.
    @Test func nothingIsLoadedFromElsewhere() throws {
        for name in files.sorted() {
            for place in try text(name).matches(of: /https?:\/\/[a-zA-Z0-9.]+/) {
                // Names of the formats, which nobody loads.
                #expect(place.output.hasSuffix("//www.w3.org"), "\(name): \(place.output)")
            }
        }
    }

    private func text(_ name: String) throws -> String {
        try String(
            contentsOf: Self.folder.appending(path: "page").appending(path: name), encoding: .utf8)
    }
}
