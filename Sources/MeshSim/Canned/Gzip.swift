import CCompression

/// Bytes as gzip writes them, at its quickest; nil where there is no memory for it.
func gzipped(_ bytes: [UInt8]) -> [UInt8]? {
    guard let compressor = isthmus_gzip_begin(1) else { return nil }
    defer { isthmus_compressor_free(compressor) }
    var result: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 1 << 18)
    var taken = 0
    while true {
        var inputCount = bytes.count - taken
        var outputCount = room.count
        let status = bytes.withUnsafeBufferPointer { input in
            room.withUnsafeMutableBufferPointer { output in
                isthmus_compress(
                    compressor, input.baseAddress.map { $0 + taken }, &inputCount,
                    output.baseAddress, &outputCount, 1)
            }
        }
        taken += inputCount
        result += room[..<outputCount]
        switch Int(status) {
        case ISTHMUS_COMPRESSION_DONE: return result
        case ISTHMUS_COMPRESSION_MORE: continue
        default: return nil
        }
    }
}
