import Logging

/// A log that hands on its lines.
enum RecordingLog {
    struct Message: Sendable {
        var level: Logger.Level
        var text: String
        var metadata: [String: String]
    }

    /// Hands on the lines with these messages: those of the libraries are not the gateway's.
    static func logger(
        of messages: Set<String> = ["request"], _ record: @escaping @Sendable (Message) -> Void
    ) -> Logger {
        var logger = Logger(label: "test") { _ in Handler(messages: messages, record: record) }
        logger.logLevel = .trace
        return logger
    }

    private struct Handler: LogHandler {
        let messages: Set<String>
        let record: @Sendable (Message) -> Void
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            guard messages.contains(event.message.description) else { return }
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            record(
                Message(
                    level: event.level, text: event.message.description,
                    metadata: all.mapValues { $0.description }))
        }
    }
}
