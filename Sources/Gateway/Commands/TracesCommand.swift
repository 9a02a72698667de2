import ArgumentParser
import JaegerAPI
import PrometheusAPI
import Spans
import TimeSeries
import Upstream

struct TracesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "traces",
        abstract: "Search the traces of all clusters through a running gateway.",
        discussion: """
            Lists the traces of a service, the latest first; with --critical-path what they waited \
            for, added up by service and operation. Times are relative to now (-1h, now-30m), Unix \
            seconds or RFC 3339.

              isthmus traces --service checkout --min-duration 500ms --start -1h
              isthmus traces --service checkout --tag http.status_code=500
              isthmus traces --service checkout --critical-path
            """)

    @OptionGroup var question: TraceQuestionOptions

    @Option(help: ArgumentHelp("A service that is in the trace.", valueName: "name"))
    var service: String

    @Option(help: ArgumentHelp("One of its operations.", valueName: "name"))
    var operation: String?

    @Option(help: ArgumentHelp("An attribute, key=value; may be repeated.", valueName: "tag"))
    var tag: [TagArgument] = []

    @Option(help: ArgumentHelp("Only spans as long: 1.2s, 100ms, 500us.", valueName: "duration"))
    var minDuration: String?

    @Option(help: ArgumentHelp("Only spans no longer.", valueName: "duration"))
    var maxDuration: String?

    // Times may begin with a hyphen.
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("From when on. (default: -1h)", valueName: "time"))
    var start: TimeArgument?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Until when. (default: now)", valueName: "time")
    )
    var end: TimeArgument?

    @Option(help: ArgumentHelp("How many traces at most.", valueName: "number"))
    var limit = 20

    @Flag(help: "Add up what the traces waited for, instead of listing them.")
    var criticalPath = false

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit: a number above zero is expected") }
        guard !criticalPath || (tag.isEmpty && minDuration == nil && maxDuration == nil) else {
            throw ValidationError(
                "--critical-path is about all traces of a service or operation: --tag and "
                    + "durations do not go with it")
        }
    }

    func run() async throws {
        let now = WallClock.now()
        let end = end?.milliseconds(now: now) ?? now
        let start = start?.milliseconds(now: now) ?? end - 3_600_000
        guard start <= end else { throw ValidationError("the range ends before it begins") }
        if criticalPath {
            try await showCriticalPath(start, end)
        } else {
            try await list(start, end)
        }
    }

    private func parameters(
        _ further: [(String, String?)]
    ) -> [UpstreamRequest.Parameter] {
        ([("service", service), ("operation", operation), ("limit", "\(limit)")] + further)
            .compactMap { name, value in
                value.map { UpstreamRequest.Parameter(name: name, value: $0) }
            }
    }

    // MARK: The list

    private func list(_ start: Int64, _ end: Int64) async throws {
        let tags = tag.map { ("tag", Optional("\($0.key):\($0.value)")) }
        let answer = try await question.traces(
            "/api/traces",
            parameters(
                [
                    ("start", "\(start)000"), ("end", "\(end)000"), ("minDuration", minDuration),
                    ("maxDuration", maxDuration),
                ] + tags))
        if question.json { return StandardOutput.handOn(answer.body) }
        guard !answer.traces.isEmpty else {
            StandardError.write("no traces found\n")
            return
        }
        let table = TextTable(
            columns: [
                .init("time"), .init("duration", isRightAligned: true), .init("root"),
                .init("spans", isRightAligned: true), .init("errors", isRightAligned: true),
                .init("services", isRightAligned: true), .init("clusters"), .init("trace"),
            ],
            rows: answer.traces.map(Self.row))
        StandardOutput.write(table.text(width: nil))
        var told: Set<String> = []
        for warning in answer.traces.flatMap(\.warnings) where told.insert(warning).inserted {
            StandardError.write("warning: \(TerminalText.safe(warning))\n")
        }
    }

    private static func row(_ trace: Trace) -> [String] {
        let line = TraceLine(trace, SpanTree(trace.spans))
        let cells = [
            line.time, ShortDuration.text(nanoseconds: line.duration), line.root,
            "\(trace.spans.count)", "\(line.errors)", "\(line.services.count)",
            line.clusters.joined(separator: ","), trace.id.hexadecimal,
        ]
        return cells.map(TerminalText.safe)
    }

    // MARK: The critical path

    private func showCriticalPath(_ start: Int64, _ end: Int64) async throws {
        let answer = try await question.ask(
            "/mesh/v1/critical-path",
            parameters([
                ("start", NumberText.timestamp(start)), ("end", NumberText.timestamp(end)),
            ]))
        if question.json { return StandardOutput.handOn(answer.body) }
        let reading: SmallAnswer
        do {
            reading = try SmallAnswer(decoding: answer.body)
        } catch {
            throw CommandFailure("\(error)")
        }
        guard case .data(let data) = reading.value, let rows = data["operations"]?.array else {
            throw CommandFailure("the server's answer is not about critical paths")
        }
        if rows.isEmpty {
            StandardError.write("no traces found\n")
        } else {
            let table = TextTable(
                columns: [
                    .init("service"), .init("operation"), .init("share", isRightAligned: true),
                    .init("time", isRightAligned: true), .init("mean", isRightAligned: true),
                    .init("spans", isRightAligned: true), .init("of traces", isRightAligned: true),
                    .init("clusters"),
                ],
                rows: rows.map(Self.row))
            StandardOutput.write(table.text(width: nil))
            let cut = data["cut"]?.bool == true ? " (there may be more: see --limit)" : ""
            let time = ShortDuration.text(seconds: data["seconds"]?.double ?? 0)
            StandardOutput.write(
                "\n\(time) on the critical paths of \(Int(data["traces"]?.double ?? 0)) traces"
                    + cut + "\n")
        }
        for warning in reading.warnings {
            StandardError.write("warning: \(TerminalText.safe(warning))\n")
        }
    }

    private static func row(_ row: JSONValue) -> [String] {
        func number(_ name: String) -> Double { row[name]?.double ?? 0 }
        let whole = number("seconds")
        let clusters = (row["secondsByCluster"]?.members ?? []).map { member in
            let part = whole > 0 ? (member.value.double ?? 0) / whole : 0
            return "\(member.name.isEmpty ? "?" : member.name) \(percent(part))"
        }
        let cells = [
            row["service"]?.string ?? "", row["operation"]?.string ?? "", percent(number("share")),
            ShortDuration.text(seconds: whole), ShortDuration.text(seconds: number("meanSeconds")),
            "\(Int(number("spans")))", percent(number("percentOfTraces") / 100),
            clusters.joined(separator: ", "),
        ]
        return cells.map(TerminalText.safe)
    }

    /// To a tenth.
    private static func percent(_ share: Double) -> String {
        let tenths = Int((share * 1000).rounded())
        return "\(tenths / 10).\(tenths % 10)%"
    }
}
