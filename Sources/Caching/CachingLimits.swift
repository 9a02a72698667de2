/// How much a lookup reads, asks and keeps.
public struct CachingLimits: Hashable, Sendable {
    /// The steps of a block. Gateways that share a store share the blocks of one size.
    public var stepsPerBlock: Int
    /// Blocks of finer steps that are read for one lookup.
    public var maximumFinerBlocks: Int
    /// Own blocks that are read for one lookup; a longer grid is asked as if nothing were kept.
    public var maximumBlocks: Int
    /// Known steps between two unknown ones that are asked along rather than in two requests.
    public var maximumGap: Int
    /// Requests for what is not known; where there would be more, known steps are asked along.
    public var maximumPieces: Int
    /// Newly settled steps that make it worth writing a block that grows.
    public var minimumNewSteps: Int
    /// The bytes of a block once it is decompressed; larger ones are neither kept nor read.
    public var maximumBlockBytes: Int

    public init(
        stepsPerBlock: Int = 256, maximumFinerBlocks: Int = 64, maximumBlocks: Int = 256,
        maximumGap: Int = 32,
        maximumPieces: Int = 4, minimumNewSteps: Int = 8, maximumBlockBytes: Int = 32 << 20
    ) {
        self.stepsPerBlock = stepsPerBlock
        self.maximumFinerBlocks = maximumFinerBlocks
        self.maximumBlocks = maximumBlocks
        self.maximumGap = maximumGap
        self.maximumPieces = maximumPieces
        self.minimumNewSteps = minimumNewSteps
        self.maximumBlockBytes = maximumBlockBytes
    }

    public static let standard = CachingLimits()
}
