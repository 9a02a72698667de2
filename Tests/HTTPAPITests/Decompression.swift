import CCompression

/// Reads what the server has compressed, with the libraries themselves.
enum Decompression {
    /// The bytes of a gzip file, nil where it is none or not whole.
    static func gzip(_ bytes: [UInt8]) -> [UInt8]? {
        var input = bytes
        var output: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 1 << 16)
        return input.withUnsafeMutableBufferPointer { inputBuffer in
            room.withUnsafeMutableBufferPointer { roomBuffer in
                var stream = z_stream()
                stream.next_in = inputBuffer.baseAddress
                stream.avail_in = UInt32(inputBuffer.count)
                let size = Int32(MemoryLayout<z_stream>.size)
                guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, size) == Z_OK else {
                    return nil
                }
                defer { inflateEnd(&stream) }
                while true {
                    stream.next_out = roomBuffer.baseAddress
                    stream.avail_out = UInt32(roomBuffer.count)
                    let status = inflate(&stream, Z_NO_FLUSH)
                    output.append(
                        contentsOf: roomBuffer.prefix(roomBuffer.count - Int(stream.avail_out)))
                    if status == Z_STREAM_END { return stream.avail_in == 0 ? output : nil }
                    if status != Z_OK { return nil }
                }
            }
        }
    }

    /// The bytes of a zstd frame, nil where it is none or not whole.
    static func zstd(_ bytes: [UInt8]) -> [UInt8]? {
        guard let context = ZSTD_createDCtx() else { return nil }
        defer { ZSTD_freeDCtx(context) }
        var output: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 1 << 17)
        return bytes.withUnsafeBytes { inputBytes in
            room.withUnsafeMutableBytes { roomBytes in
                var input = ZSTD_inBuffer(
                    src: inputBytes.baseAddress, size: inputBytes.count, pos: 0)
                while true {
                    var piece = ZSTD_outBuffer(
                        dst: roomBytes.baseAddress, size: roomBytes.count, pos: 0)
                    let rest = ZSTD_decompressStream(context, &piece, &input)
                    guard ZSTD_isError(rest) == 0 else { return nil }
                    output.append(contentsOf: roomBytes.prefix(piece.pos))
                    if rest == 0 { return input.pos == input.size ? output : nil }
                    if input.pos == input.size, piece.pos < piece.size { return nil }
                }
            }
        }
    }
}
