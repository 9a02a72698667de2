import CCompression

/// Compresses a stream of bytes piece by piece.
final class Compressor {
    private let state: OpaquePointer
    /// Room for what one call gives.
    private static let outputBytes = 1 << 16

    /// Nil for `identity`, and where there is no memory for it. The standard level is the quick
    /// one: it takes most of the gain at a third of the time of the usual ones.
    init?(_ coding: ContentCoding, level: Int32 = 1) {
        let begun: OpaquePointer? =
            switch coding {
            case .identity: nil
            case .gzip: isthmus_gzip_begin(level)
            case .zstd: isthmus_zstd_begin(level)
            }
        guard let begun else { return nil }
        state = begun
    }

    deinit { isthmus_compressor_free(state) }

    /// Appends what becomes of the piece to `output`; much of it may come with a later piece.
    /// `isLast` ends the stream. Returns false where the library fails, which it does not.
    func compress(_ piece: [UInt8], isLast: Bool, to output: inout [UInt8]) -> Bool {
        piece.withUnsafeBufferPointer { input in
            var taken = 0
            while true {
                var inputCount = input.count - taken
                var outputCount = Self.outputBytes
                let start = output.count
                output.append(contentsOf: repeatElement(0, count: Self.outputBytes))
                let status = output.withUnsafeMutableBufferPointer { room in
                    isthmus_compress(
                        state, input.baseAddress.map { $0 + taken }, &inputCount,
                        room.baseAddress.map { $0 + start }, &outputCount, isLast ? 1 : 0)
                }
                taken += inputCount
                output.removeLast(Self.outputBytes - outputCount)
                switch Int(status) {
                case ISTHMUS_COMPRESSION_DONE: return true
                case ISTHMUS_COMPRESSION_MORE: continue
                default: return false
                }
            }
        }
    }
}
