import Foundation

/// The data of the clusters and of the one Prometheus that holds them all, as blocks on disk.
///
/// An hour of scrapes, every 15 seconds, in one block's two hours. The times of the samples are off
/// the whole second, so that windows hold the same samples whether or not they are closed on the
/// left.
package struct UnionData: Sendable {
    /// The first second of the data, a whole minute, in seconds since the Unix epoch.
    package static let start = 1_700_000_400
    static let scrapes = 240
    /// The first second after the data.
    package static let end = start + scrapes * 15

    package static let usualSeed: UInt64 = 20_231_114

    package let seed: UInt64
    /// The directories of the blocks by the cluster's name.
    package let memberBlocks: [String: String]
    package let unionBlocks: String
    /// How many series each cluster has.
    package let seriesCounts: [String: Int]

    /// Writes the samples and makes the blocks, in a few seconds. The same seed gives the same
    /// data.
    package init(seed: UInt64, in directory: TemporaryDirectory) async throws {
        self.seed = seed
        var memberBlocks: [String: String] = [:]
        var seriesCounts: [String: Int] = [:]
        var files: [(samples: String, blocks: String)] = []
        let union = try SampleFile(directory.file("union.om"))
        for member in UnionMember.all {
            let own = try SampleFile(directory.file("\(member.name).om"))
            let writer = SeriesWriter(member, seed: seed, own: own, union: union)
            writer.writeMesh()
            writer.writeDistantCalls()
            writer.writeControlPlaneDetails()
            writer.writePlatform()
            writer.writePeculiarities()
            try own.finish()
            seriesCounts[member.name] = writer.seriesCount
            memberBlocks[member.name] = directory.file(member.name)
            files.append((own.path, directory.file(member.name)))
        }
        try union.finish()
        unionBlocks = directory.file("union")
        files.append((union.path, unionBlocks))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (samples, blocks) in files {
                group.addTask { try await Self.makeBlocks(of: samples, in: blocks) }
            }
            try await group.waitForAll()
        }
        for (samples, _) in files { try FileManager.default.removeItem(atPath: samples) }
        self.memberBlocks = memberBlocks
        self.seriesCounts = seriesCounts
    }

    private static func makeBlocks(of samples: String, in directory: String) async throws {
        try await Command.mustRun(
            "promtool",
            ["tsdb", "create-blocks-from", "openmetrics", "--quiet", samples, directory])
    }
}
