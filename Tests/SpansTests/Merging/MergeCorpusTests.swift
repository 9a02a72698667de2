import Foundation
import Spans
import Testing

/// The merge as text: `conformance/traces/merging` holds fragments and the trace that they make.
@Suite struct MergeCorpusTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "conformance/traces/merging")

    static let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { $0.hasSuffix(".txt") }.sorted()

    @Test func thereAreCasesOfEveryKind() { #expect(Self.files.count >= 6) }

    @Test(arguments: files) func fragmentsBecomeTheTraceThatTheCorpusSays(file: String) throws {
        let place = Self.folder.appending(path: file)
        let (comment, cases) = try MergeCase.read(String(contentsOf: place, encoding: .utf8))
        #expect(!cases.isEmpty)
        if ProcessInfo.processInfo.environment["UPDATE_CORPUS"] != nil {
            let written = cases.map(\.text).joined(separator: "\n")
            try (comment + written).write(to: place, atomically: true, encoding: .utf8)
        }
        for wanted in cases {
            #expect(wanted.merged == wanted.expected, "\(wanted.name)")
        }
    }

    @Test(arguments: files) func noCaseDependsOnWhoAnswersFirst(file: String) throws {
        let place = Self.folder.appending(path: file)
        for wanted in try MergeCase.read(String(contentsOf: place, encoding: .utf8)).cases {
            let merger = TraceMerger(wanted.settings)
            let turned = merger.merge(wanted.fragments.reversed())
            #expect(turned == merger.merge(wanted.fragments), "\(wanted.name)")
        }
    }

    @Test(arguments: files) func mergingTheMergeOfACaseChangesNothing(file: String) throws {
        let place = Self.folder.appending(path: file)
        for wanted in try MergeCase.read(String(contentsOf: place, encoding: .utf8)).cases {
            let merger = TraceMerger(wanted.settings)
            let merged = merger.merge(wanted.fragments)
            let again = merger.merge([TraceFragment(cluster: "east", trace: merged)])
            #expect(MergeText.tree(again) == MergeText.tree(merged), "\(wanted.name)")
            #expect(again == merged, "\(wanted.name)")
        }
    }
}
