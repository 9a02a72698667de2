import Federation

/// Graphviz's `dot`, which makes pictures of graphs: a child process within bounds.
package final class Graphviz: Sendable {
    private let settings: GraphvizSettings
    private let gate: ConcurrencyGate
    private let metrics: MeshMetrics

    package init(
        _ settings: GraphvizSettings = GraphvizSettings(), metrics: MeshMetrics = MeshMetrics()
    ) {
        self.settings = settings
        self.metrics = metrics
        gate = ConcurrencyGate(limit: settings.maximumConcurrent)
    }

    /// The picture of a graph in Graphviz's language, as SVG. It is there by the deadline, and by
    /// the settings' timeout anyway.
    package func svg(
        of text: String, by deadline: ContinuousClock.Instant
    ) async throws(GraphvizFailure) -> [UInt8] {
        do {
            let picture = try await picture(of: text, by: deadline)
            metrics.pictured("drawn")
            return picture
        } catch {
            metrics.pictured(error.kind)
            throw error
        }
    }

    private func picture(
        of text: String, by deadline: ContinuousClock.Instant
    ) async throws(GraphvizFailure) -> [UInt8] {
        let input = Array(text.utf8)
        guard input.count <= settings.maximumInputBytes else {
            throw .tooLarge(bytes: input.count, limit: settings.maximumInputBytes)
        }
        let end = min(deadline, ContinuousClock.now + settings.timeout)
        let ending: ChildProcess.Ending
        do {
            ending = try await gate.withPlace(by: end) { await drawing(of: input, by: end) }
        } catch is NoPlace {
            throw .busy(limit: settings.maximumConcurrent)
        } catch {
            throw .cancelled
        }
        switch ending {
        case .exited(status: 0, let output, _): return output
        case .exited(let status, _, let complaint):
            throw .failed(status: status, complaint: Self.firstLine(complaint))
        case .signalled(let signal): throw .killed(signal: signal)
        case .absent: throw .absent(program: settings.program)
        case .notStarted(let code): throw .notStarted(code: code)
        case .timeout: throw .timeout(settings.timeout)
        case .wroteTooMuch: throw .wroteTooMuch(limit: settings.maximumOutputBytes)
        case .cancelled: throw .cancelled
        }
    }

    private func drawing(
        of input: [UInt8], by deadline: ContinuousClock.Instant
    ) async -> ChildProcess.Ending {
        metrics.drawing(1)
        defer { metrics.drawing(-1) }
        return await ChildProcess(
            ChildProcess.Command(
                program: settings.program, arguments: ["-Tsvg"],
                // With a server's name Graphviz reads no files that a graph names.
                environment: ["PATH=/usr/local/bin:/usr/bin:/bin", "SERVER_NAME=isthmus"],
                input: input, deadline: deadline, maximumOutputBytes: settings.maximumOutputBytes,
                maximumMemoryBytes: settings.maximumMemoryBytes)
        ).ending()
    }

    private static func firstLine(_ text: String) -> String {
        String(text.prefix { !$0.isNewline }.prefix(200))
    }
}

/// The bounds within which Graphviz runs.
package struct GraphvizSettings: Hashable, Sendable {
    /// A path, or a name that is looked for where programs are.
    package var program = "dot"
    package var timeout: Duration = .seconds(20)
    package var maximumInputBytes = 4 << 20
    package var maximumOutputBytes = 32 << 20
    /// Of its address space.
    package var maximumMemoryBytes = 2 << 30
    /// How many run at a time; others wait.
    package var maximumConcurrent = 2

    package init() {}
}

/// Why there is no picture.
package enum GraphvizFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case absent(program: String)
    /// The graph's text is too long.
    case tooLarge(bytes: Int, limit: Int)
    case wroteTooMuch(limit: Int)
    case timeout(Duration)
    /// All places were taken all the time.
    case busy(limit: Int)
    case failed(status: Int32, complaint: String)
    /// By a signal of the system's, as where it needs too much memory.
    case killed(signal: Int32)
    case notStarted(code: Int32)
    case cancelled

    /// The sort of failure, free of data: for metric labels.
    package var kind: String {
        switch self {
        case .absent: "absent"
        case .tooLarge: "too_large"
        case .wroteTooMuch: "wrote_too_much"
        case .timeout: "timeout"
        case .busy: "busy"
        case .failed: "failed"
        case .killed: "killed"
        case .notStarted: "not_started"
        case .cancelled: "cancelled"
        }
    }

    package var description: String {
        switch self {
        case .absent(let program):
            "there is no program '\(program)' to draw with: install Graphviz (Debian's package "
                + "graphviz), or ask for dot or mermaid"
        case .tooLarge(let bytes, let limit):
            "the graph is too large to draw: \(bytes) bytes of its text, and \(limit) is the most; "
                + "show fewer edges or collapse it"
        case .wroteTooMuch(let limit):
            "the picture is larger than \(limit) bytes: show fewer edges or collapse it"
        case .timeout(let time):
            "drawing took longer than there was time, at most \(time.components.seconds) s: show "
                + "fewer edges or collapse it"
        case .busy(let limit): "\(limit) pictures were being drawn all the time"
        case .failed(let status, let complaint):
            "Graphviz ended with status \(status)" + (complaint.isEmpty ? "" : ": \(complaint)")
        case .killed(let signal): "Graphviz was ended by signal \(signal)"
        case .notStarted(let code): "Graphviz could not be started: error \(code) of the system"
        case .cancelled: "drawing was given up"
        }
    }
}
