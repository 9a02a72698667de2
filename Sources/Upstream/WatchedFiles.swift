import Glibc

/// Files that are read when they are needed, and again when they have changed. It blocks: it is
/// libcurl's thread that reads.
struct WatchedFiles {
    let maximumBytes: Int
    private var known: [String: Entry] = [:]

    struct Problem: Error {
        var path: String
        var message: String
    }

    private struct Entry {
        var stamp: Stamp
        var bytes: [UInt8]
        /// Whether a change after reading would show in the stamp: the file was not new then, as
        /// file times are coarse.
        var isSettled: Bool
    }

    private struct Stamp: Hashable {
        var device: UInt64
        var inode: UInt64
        var size: Int
        var modified: Int64

        init(_ status: stat) {
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
            size = Int(status.st_size)
            modified =
                Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        }
    }

    init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

    /// The content of a file that must not be empty.
    mutating func bytes(of path: String) throws(Problem) -> [UInt8] {
        var status = stat()
        guard stat(path, &status) == 0 else { throw Self.problem(path) }
        if let entry = known[path], entry.isSettled, entry.stamp == Stamp(status) {
            return entry.bytes
        }
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Self.problem(path) }
        defer { close(file) }
        guard fstat(file, &status) == 0 else { throw Self.problem(path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Problem(path: path, message: "it is not a regular file")
        }
        let bytes = try read(file, path)
        guard !bytes.isEmpty else { throw Problem(path: path, message: "it is empty") }
        let stamp = Stamp(status)
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let age = Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec) - stamp.modified
        known[path] = Entry(stamp: stamp, bytes: bytes, isSettled: age > 2_000_000_000)
        return bytes
    }

    /// The content of a file that holds one secret, without the line's end.
    mutating func secret(in path: String) throws(Problem) -> String {
        var bytes = try bytes(of: path)
        while let last = bytes.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") {
            bytes.removeLast()
        }
        guard !bytes.isEmpty else { throw Problem(path: path, message: "it is empty") }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func read(_ file: Int32, _ path: String) throws(Problem) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.problem(path) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            if bytes.count > maximumBytes {
                throw Problem(path: path, message: "it is larger than \(maximumBytes) bytes")
            }
        }
    }

    private static func problem(_ path: String) -> Problem {
        Problem(path: path, message: String(cString: strerror(errno)))
    }
}
