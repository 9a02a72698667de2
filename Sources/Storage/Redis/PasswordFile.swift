import Glibc

/// A file that holds a password: its first line.
enum PasswordFile {
    private static let maximumBytes = 4096

    /// Blocks, for as long as reading a small file takes.
    static func password(in path: String) throws(StorageFailure) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw problem(path, String(cString: strerror(errno))) }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: maximumBytes)
        var count = 0
        while count < bytes.count {
            let more = bytes.withUnsafeMutableBytes { buffer in
                read(file, buffer.baseAddress?.advanced(by: count), buffer.count - count)
            }
            if more < 0, errno == EINTR { continue }
            guard more >= 0 else { throw problem(path, String(cString: strerror(errno))) }
            if more == 0 { break }
            count += more
        }
        let line = bytes[..<count].prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        guard !line.isEmpty else { throw problem(path, "its first line is empty") }
        return String(decoding: line, as: UTF8.self)
    }

    private static func problem(_ path: String, _ message: String) -> StorageFailure {
        StorageFailure(.authentication, message: "\(path): \(message)")
    }
}
