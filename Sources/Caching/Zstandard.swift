import CCompression

/// Whole pieces of bytes, compressed.
enum Zstandard {
    /// The fastest level but those that hardly compress.
    private static let level: Int32 = 1

    /// Nil where it would not be smaller.
    static func compressed(_ bytes: [UInt8]) -> [UInt8]? {
        // What is short is not worth the frame.
        guard bytes.count >= 64 else { return nil }
        let bound = ZSTD_compressBound(bytes.count)
        let result = [UInt8](unsafeUninitializedCapacity: bound) { room, count in
            let written = bytes.withUnsafeBytes {
                ZSTD_compress(room.baseAddress, bound, $0.baseAddress, $0.count, level)
            }
            count = ZSTD_isError(written) == 0 ? written : 0
        }
        return result.isEmpty || result.count >= bytes.count ? nil : result
    }

    /// The `count` bytes that were compressed; the caller has checked that it wants so many.
    static func decompressed(
        _ bytes: ArraySlice<UInt8>, count wanted: Int
    ) throws(EntryFailure) -> [UInt8] {
        let result = [UInt8](unsafeUninitializedCapacity: wanted) { room, count in
            let written = bytes.withUnsafeBytes {
                ZSTD_decompress(room.baseAddress, wanted, $0.baseAddress, $0.count)
            }
            count = written == wanted ? wanted : 0
        }
        guard result.count == wanted else { throw .malformed }
        return result
    }
}
