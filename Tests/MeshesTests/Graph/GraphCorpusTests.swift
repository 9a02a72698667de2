import Foundation
import Meshes
import TestSupport
import Testing

/// Service graphs as text: `conformance/graph` holds reports and the maps that they give.
@Suite("Graph corpus") struct GraphCorpusTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "conformance/graph")
    private static let files = [
        "witnesses.txt", "names.txt", "missing.txt", "views.txt", "health.txt", "comparing.txt",
        "traces.txt", "shaping.txt",
    ]

    @Test("Reports give the maps that the corpus says", arguments: files)
    func reportsGiveMaps(file: String) throws {
        let place = Self.folder.appending(path: file)
        let (comment, cases) = try GraphCase.read(String(contentsOf: place, encoding: .utf8))
        #expect(!cases.isEmpty)
        if ProcessInfo.processInfo.environment["UPDATE_CORPUS"] != nil {
            try (comment + cases.map(\.text).joined(separator: "\n"))
                .write(to: place, atomically: true, encoding: .utf8)
        }
        for wanted in cases {
            #expect(MapText.text(wanted.map(wanted.reports)) == wanted.expected, "\(wanted.name)")
        }
    }

    @Test("The order in which clusters answer does not show", arguments: files)
    func orderDoesNotShow(file: String) throws {
        let text = try String(contentsOf: Self.folder.appending(path: file), encoding: .utf8)
        var random = SeededGenerator(seed: 7)
        for one in try GraphCase.read(text).cases {
            for _ in 0..<5 {
                let shuffled = one.map(one.reports.shuffled(using: &random))
                #expect(shuffled == one.map(one.reports), "\(one.name)")
            }
        }
    }
}
