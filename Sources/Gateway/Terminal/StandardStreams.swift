import Glibc

/// The standard error stream, without a buffer.
enum StandardError {
    static func write(_ text: String) { Descriptor.write(Array(text.utf8), to: STDERR_FILENO) }
}

/// The standard output stream, without a buffer.
enum StandardOutput {
    static func write(_ text: String) { write(Array(text.utf8)) }

    static func write(_ bytes: [UInt8]) { Descriptor.write(bytes, to: STDOUT_FILENO) }

    /// Writes a server's answer as it is, and ends its last line.
    static func handOn(_ body: [UInt8]) {
        write(body)
        if body.last != UInt8(ascii: "\n") { write("\n") }
    }
}

private enum Descriptor {
    /// Writes all, or as much as the reader takes: nobody is there to be told of the rest.
    static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR || errno == EAGAIN { continue }
                return
            }
            rest = rest.dropFirst(count)
        }
    }
}
