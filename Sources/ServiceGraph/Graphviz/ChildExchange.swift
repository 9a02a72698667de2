import Glibc

/// What goes through a program's pipes until it has said all.
struct ChildExchange {
    private let pipes: ChildPipes
    private let command: ChildProcess.Command
    private var written = 0
    private(set) var output: [UInt8] = []
    private var complaints: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)

    /// Of what it complains about, so much is kept.
    private static let maximumComplaintBytes = 4096

    init(_ pipes: ChildPipes, _ command: ChildProcess.Command) {
        self.pipes = pipes
        self.command = command
    }

    var complaint: String { String(decoding: complaints, as: UTF8.self) }

    /// Nil where the program has closed its outputs; else what went too far.
    mutating func run() -> ChildProcess.Ending? {
        if command.input.isEmpty { pipes.closeInput() }
        var isOpen = (output: true, complaints: true)
        while isOpen.output || isOpen.complaints {
            let left = ContinuousClock.now.duration(to: command.deadline)
            guard left > .zero else { return .timeout }
            // A negative file is one that `poll` passes over.
            var files = [
                pollfd(fd: pipes.input, events: Int16(POLLOUT), revents: 0),
                pollfd(fd: isOpen.output ? pipes.output : -1, events: Int16(POLLIN), revents: 0),
                pollfd(
                    fd: isOpen.complaints ? pipes.complaints : -1, events: Int16(POLLIN),
                    revents: 0),
            ]
            let milliseconds = left / .milliseconds(1)
            poll(&files, nfds_t(files.count), Int32(min(1000, milliseconds.rounded(.up))))
            if files[0].revents != 0 { write() }
            if files[1].revents != 0 {
                guard let count = read(pipes.output) else { continue }
                if count == 0 { isOpen.output = false }
                output += buffer[..<count]
                if output.count > command.maximumOutputBytes { return .wroteTooMuch }
            }
            if files[2].revents != 0, let count = read(pipes.complaints) {
                if count == 0 { isOpen.complaints = false }
                let room = Self.maximumComplaintBytes - complaints.count
                complaints += buffer[..<min(count, room)]
            }
        }
        return nil
    }

    private mutating func write() {
        let count = command.input.withUnsafeBytes { bytes in
            Glibc.write(
                pipes.input, bytes.baseAddress?.advanced(by: written), bytes.count - written)
        }
        if count > 0 { written += count }
        // A program that reads no further may still have something to say.
        let isOver = count < 0 && errno != EAGAIN && errno != EINTR
        if isOver || written == command.input.count { pipes.closeInput() }
    }

    /// How many bytes there are in the buffer now, 0 at the end; nil where there is nothing yet.
    private mutating func read(_ file: Int32) -> Int? {
        let count = buffer.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
        if count >= 0 { return count }
        return errno == EAGAIN || errno == EINTR ? nil : 0
    }
}
