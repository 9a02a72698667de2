import ArgumentParser
import PrometheusAPI
import TimeSeries
import Upstream

struct QueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Ask a running gateway, or any Prometheus, and show the answer.",
        discussion: """
            Without --start the expression is evaluated at one time and printed as a table; with \
            it over a range and drawn as a plot. Times are relative to now (-1h, now-30m), Unix \
            seconds or RFC 3339. An expression that begins with a hyphen comes after --.

              isthmus query 'topk(3, sum by (service) (rate(requests_total[5m])))'
              isthmus query 'sum(rate(requests_total[5m]))' --start -6h --step 1m
            """)

    enum Output: String, CaseIterable, ExpressibleByArgument {
        case table
        case json
        case graph
    }

    @Argument(help: ArgumentHelp("A PromQL expression.", valueName: "expr"))
    var expression: String

    @OptionGroup var server: ServerOptions

    // Times may begin with a hyphen.
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("When to evaluate. (default: now)", valueName: "time"))
    var time: TimeArgument?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Evaluate over a range that begins here.", valueName: "time"))
    var start: TimeArgument?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Where the range ends. (default: now)", valueName: "time"))
    var end: TimeArgument?

    @Option(
        help: ArgumentHelp(
            "The distance of evaluations. (default: about 240 in the range)",
            valueName: "duration"))
    var step: DurationArgument?

    @Option(
        help: ArgumentHelp(
            "table, json (as the server sent it) or graph. (default: table, for a range graph)",
            valueName: "form"))
    var output: Output?

    func validate() throws {
        if start == nil, end != nil || step != nil {
            throw ValidationError("--end and --step belong to a range: give --start too")
        }
        if start != nil, time != nil {
            throw ValidationError("give --time, or --start for a range, not both")
        }
    }

    func run() async throws {
        let (endpoint, parameters, grid) = try question(now: WallClock.now())
        let answer = try await server.ask(
            "/api/v1/\(endpoint)", parameters, method: .post)
        if let failure = answer.failure { throw failure }
        let response: QueryResponse
        do {
            response = try decoded(answer.body, grid)
        } catch {
            throw CommandFailure("\(error)")
        }
        if case .failure(let error) = response.value {
            throw CommandFailure(TerminalText.safe("\(error.type): \(error.message)"))
        }
        show(response, answer.body, grid)
    }

    // MARK: The question

    private func question(
        now: Int64
    ) throws -> (endpoint: String, parameters: [UpstreamRequest.Parameter], grid: TimeGrid) {
        var parameters = [UpstreamRequest.Parameter(name: "query", value: expression)]
        func add(_ name: String, _ milliseconds: Int64) {
            parameters.append(.init(name: name, value: NumberText.timestamp(milliseconds)))
        }
        if let timeout = server.timeout { add("timeout", timeout.milliseconds) }
        guard let start else {
            let time = time?.milliseconds(now: now) ?? now
            add("time", time)
            return ("query", parameters, TimeGrid(instant: time))
        }
        // Whole seconds make readable times.
        let now = now / 1000 * 1000
        let first = start.milliseconds(now: now)
        let last = end?.milliseconds(now: now) ?? now
        guard last >= first else { throw ValidationError("the range ends before it begins") }
        let step = step?.milliseconds ?? Self.step(for: last - first)
        add("start", first)
        add("end", last)
        add("step", step)
        return ("query_range", parameters, TimeGrid(start: first, end: last, step: step))
    }

    /// A step in whole seconds that makes about 240 of the range.
    private static func step(for range: Int64) -> Int64 {
        max(1000, (range / 240 + 999) / 1000 * 1000)
    }

    // MARK: The answer

    /// Whether a matrix answers an instant query, as it does where the expression is a range
    /// selector, is known when it is there.
    private func decoded(
        _ body: [UInt8], _ grid: TimeGrid
    ) throws(DecodingFailure) -> QueryResponse {
        if start == nil, let windows = try? decoded(body, expecting: .samples) { return windows }
        return try decoded(body, expecting: .grid(grid))
    }

    private func decoded(
        _ body: [UInt8], expecting expectation: Expectation
    ) throws(DecodingFailure) -> QueryResponse {
        var decoder = QueryResponseDecoder(expecting: expectation)
        try decoder.feed(body)
        return try decoder.finish()
    }

    private func show(_ response: QueryResponse, _ body: [UInt8], _ grid: TimeGrid) {
        let terminal = Terminal.standardOutput()
        switch (output ?? (start == nil ? .table : .graph), response.value) {
        case (.json, _):
            StandardOutput.write(body)
            StandardOutput.write("\n")
        case (.graph, .vector(let series)) where grid.count > 1:
            StandardOutput.write(Plot(series: series, grid: grid, terminal: terminal).text)
        case (.graph, .vector(let series)):
            StandardOutput.write(BarChart(series: series, terminal: terminal).text)
        case (.graph, .scalar(let values)) where grid.count > 1:
            let series = [GridSeries(labels: Labels(), values: values)]
            StandardOutput.write(Plot(series: series, grid: grid, terminal: terminal).text)
        case (_, let value):
            StandardOutput.write(AnswerTable(terminal: terminal).text(of: value, on: grid))
        }
        for warning in response.warnings {
            StandardError.write("warning: \(TerminalText.safe(warning))\n")
        }
        for info in response.infos {
            StandardError.write("info: \(TerminalText.safe(info))\n")
        }
    }
}
