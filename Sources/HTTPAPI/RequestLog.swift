import Clusters
import Federation
import Logging

/// The lines of the log that say who asked what: one for each request, and one for each that took
/// long.
struct RequestLog: Sendable {
    private let settings: HTTPAPISettings.RequestLog
    private let logger: Logger

    init(_ settings: HTTPAPISettings.RequestLog, _ logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    /// A request that was answered.
    struct Entry {
        var client: String?
        var address: String?
        var method: String
        /// The route's template.
        var route: String
        /// What stands in the place of the route's `<name>`.
        var name: String
        var code: Int
        var duration: Duration
        var bytes: Int
        var coverage: Coverage
        /// Whether the route is one that waits for clusters.
        var waits: Bool
        /// Whether something was done or changed.
        var isAdministration: Bool
    }

    /// `parameters` gives what was asked, where it is wanted.
    func note(_ entry: Entry, _ parameters: () -> FormValues) {
        if entry.isAdministration {
            logger.notice("audit", metadata: metadata(entry, FormValues()))
        }
        let isSlow = entry.waits && settings.slowAfter.map { entry.duration >= $0 } ?? false
        guard settings.isOn || isSlow else { return }
        let metadata = metadata(entry, parameters())
        if settings.isOn { logger.info("access", metadata: metadata) }
        if isSlow { logger.notice("slow query", metadata: metadata) }
    }

    /// What of the parameters says what was asked. Others may be secrets.
    private static let told = [
        "query", "match[]", "time", "start", "end", "step", "service", "operation", "traceID",
        "trace", "from", "to", "by", "clusters", "cluster",
    ]
    /// Bytes of one of them.
    private static let maximumBytes = 1000
    private static let maximumClusters = 50

    private func metadata(_ entry: Entry, _ parameters: FormValues) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "client": "\(LogText.safe(entry.client ?? "-"))", "address": "\(entry.address ?? "-")",
            "method": "\(LogText.safe(entry.method))", "route": "\(entry.route)",
            "code": "\(entry.code)", "seconds": "\(entry.duration.inSeconds)",
            "bytes": "\(entry.bytes)",
        ]
        if !entry.name.isEmpty { metadata["name"] = "\(Self.bounded(entry.name))" }
        let present = entry.coverage.present.map(\.name)
        let missing = entry.coverage.missing.map(\.cluster.name)
        if !present.isEmpty { metadata["clusters"] = "\(Self.list(present))" }
        if !missing.isEmpty { metadata["missing"] = "\(Self.list(missing))" }
        for name in Self.told {
            let values = parameters[all: name]
            guard !values.isEmpty else { continue }
            metadata["asked_" + name.filter { $0 != "[" && $0 != "]" }] =
                "\(Self.bounded(values.joined(separator: " ")))"
        }
        return metadata
    }

    private static func bounded(_ text: String) -> String {
        LogText.safe(text, maximumBytes: maximumBytes)
    }

    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(maximumClusters).map { LogText.safe($0) }.joined(separator: ",")
        let rest = names.count - maximumClusters
        return rest > 0 ? "\(shown) and \(rest) more" : shown
    }
}

/// Text from elsewhere, made fit for a line of a log that people and programs read.
enum LogText {
    /// The text with what ends lines, moves cursors or changes the direction of writing made visible,
    /// and its beginning alone where it is longer.
    static func safe(_ text: String, maximumBytes: Int = 256) -> String {
        var result = ""
        var length = 0
        for scalar in text.unicodeScalars {
            let shown =
                isPlain(scalar)
                ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
            length += shown.utf8.count
            if length > maximumBytes { return result + "… (\(text.utf8.count) bytes)" }
            result += shown
        }
        return result
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
        default: true
        }
    }
}
