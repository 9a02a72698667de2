import CSnappy

/// Blocks of Snappy, which is how bodies of remote write and remote read are compressed.
public enum Snappy {
    /// The bytes as one block; fewer than 4 GiB of them.
    public static func compressed(_ bytes: [UInt8]) -> [UInt8] {
        let bound = snappy_max_compressed_length(bytes.count)
        return [UInt8](unsafeUninitializedCapacity: bound) { room, count in
            var written = bound
            let status = bytes.withUnsafeBytes { input in
                room.withMemoryRebound(to: CChar.self) { output in
                    snappy_compress(
                        input.assumingMemoryBound(to: CChar.self).baseAddress, input.count,
                        output.baseAddress, &written)
                }
            }
            precondition(status == SNAPPY_OK, "there is room for what Snappy makes of a block")
            count = written
        }
    }

    /// The bytes of a block. Makes room for no more than `maximumBytes`, nor for more than so many
    /// compressed bytes can become.
    public static func uncompressed(
        _ block: [UInt8], maximumBytes: Int
    ) throws(RemoteStorageFailure) -> [UInt8] {
        var length = 0
        let header = block.withUnsafeBytes { input in
            snappy_uncompressed_length(
                input.assumingMemoryBound(to: CChar.self).baseAddress, input.count, &length)
        }
        guard header == SNAPPY_OK else { throw .notSnappy }
        guard length <= maximumBytes else {
            throw .tooLarge(bytes: length, maximum: maximumBytes)
        }
        // Three bytes say a copy of 64 bytes, and nothing says more.
        guard length / 22 <= block.count else { throw .notSnappy }
        var isWhole = false
        let bytes = [UInt8](unsafeUninitializedCapacity: max(length, 1)) { room, count in
            var written = length
            let status = block.withUnsafeBytes { input in
                room.withMemoryRebound(to: CChar.self) { output in
                    snappy_uncompress(
                        input.assumingMemoryBound(to: CChar.self).baseAddress, input.count,
                        output.baseAddress, &written)
                }
            }
            isWhole = status == SNAPPY_OK && written == length
            count = isWhole ? length : 0
        }
        guard isWhole else { throw .notSnappy }
        return bytes
    }
}
