import Logging
import PrometheusAPI
import Synchronization

/// How log lines are written.
enum LogFormat: String, CaseIterable, Sendable {
    case text
    case json
}

/// Writes log lines to the standard error stream: one line, one write.
struct LogWriter: LogHandler {
    let label: String
    let format: LogFormat
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    /// Says which trace a line belongs to.
    var metadataProvider: Logger.MetadataProvider?

    /// Lines of different threads do not mix.
    private static let lock = Mutex(())

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata
        if let context = metadataProvider?.get() { fields.merge(context) { $1 } }
        if let more = event.metadata { fields.merge(more) { $1 } }
        if let error = event.error { fields["error"] = "\(error)" }
        let line = LogLine(
            time: WallClock.now(), level: event.level, logger: label, message: "\(event.message)",
            fields: fields)
        var text = format == .json ? line.json : line.text
        text += "\n"
        Self.lock.withLock { _ in StandardError.write(text) }
    }
}

/// What one line says.
private struct LogLine {
    /// Milliseconds since the Unix epoch.
    var time: Int64
    var level: Logger.Level
    var logger: String
    var message: String
    var fields: Logger.Metadata

    /// `time=… level=info msg="…" key=value`, the keys in order.
    var text: String {
        var text = "time=\(APITime.text(time)) level=\(level.rawValue)"
        text += " msg=\(Self.quoted(message)) logger=\(Self.quoted(logger))"
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            text += " \(Self.quoted(key))=\(Self.quoted(Self.words(value)))"
        }
        return text
    }

    var json: String {
        var members: [JSONValue.Member] = [
            .init("time", .string(APITime.text(time))), .init("level", .string(level.rawValue)),
            .init("msg", .string(message)), .init("logger", .string(logger)),
        ]
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            let isTaken = members.prefix(4).contains { $0.name == key }
            members.append(.init(isTaken ? "field_\(key)" : key, Self.json(value)))
        }
        return JSONValue.object(members).description
    }

    /// The value as text; a list's elements with semicolons between them.
    private static func words(_ value: Logger.MetadataValue) -> String {
        guard case .array(let elements) = value else { return "\(value)" }
        return elements.map(words).joined(separator: "; ")
    }

    private static func json(_ value: Logger.MetadataValue) -> JSONValue {
        switch value {
        case .dictionary(let members):
            .object(
                members.sorted { $0.key < $1.key }
                    .map { JSONValue.Member($0.key, json($0.value)) })
        case .array(let elements): .array(elements.map(json))
        default: .string("\(value)")
        }
    }

    /// The text, in quotes where it would not be read back as one word.
    private static func quoted(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3d && $0 != 0x7f }
        return isPlain ? text : JSONValue.string(text).description
    }
}
