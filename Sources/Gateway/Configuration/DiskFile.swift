import Glibc

/// Files as this module reads them: whole, and small.
enum DiskFile {
    /// More than any configuration has.
    static let maximumBytes = 4 << 20

    /// Why a file cannot be read: a sentence.
    struct Failure: Error {
        var sentence: String
    }

    static func bytes(of path: String) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .init(sentence: systemError()) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while true {
            var chunk = [UInt8](repeating: 0, count: 64 << 10)
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw .init(sentence: systemError())
            }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            if bytes.count > maximumBytes {
                throw .init(sentence: "larger than \(maximumBytes >> 20) MB")
            }
        }
    }

    /// The text of a file that is known to be text; nil where it cannot be read.
    static func text(of path: String) -> String? {
        (try? bytes(of: path)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// What stands between spaces and line ends.
    static func textFields(of path: String) -> [Substring] {
        text(of: path)?.split { $0 == " " || $0 == "\n" } ?? []
    }

    /// Why a file cannot be opened for reading; nil where it can.
    static func problem(reading path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return systemError() }
        if status.st_mode & S_IFMT == S_IFDIR { return "it is a directory" }
        return access(path, R_OK) == 0 ? nil : systemError()
    }

    /// The names in a directory, in no order, without `.` and `..`.
    static func names(in path: String) throws(Failure) -> [String] {
        guard let directory = opendir(path) else { throw .init(sentence: systemError()) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The words of the system's last error, as in `no such file or directory`.
    private static func systemError() -> String {
        let words = String(cString: strerror(errno))
        return words.prefix(1).lowercased() + words.dropFirst()
    }
}
