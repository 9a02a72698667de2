import ArgumentParser
import Federation
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

    @OptionGroup var times: TimeOptions

    @Option(
        help: ArgumentHelp(
            "table, json (as the server sent it) or graph. (default: table, for a range graph)",
            valueName: "form"))
    var output: Output?

    func validate() throws { try times.check() }

    func run() async throws {
        let times = try times.times(now: WallClock.now())
        var parameters = [UpstreamRequest.Parameter(name: "query", value: expression)]
        if let timeout = server.timeout {
            parameters.append(
                .init(name: "timeout", value: NumberText.timestamp(timeout.milliseconds)))
        }
        let answer = try await server.ask(
            "/api/v1/\(times.isRange ? "query_range" : "query")", parameters + times.parameters,
            method: .post)
        if let failure = answer.failure { throw failure }
        let response: QueryResponse
        do {
            response = try decoded(answer.body, times)
        } catch {
            throw CommandFailure("\(error)")
        }
        if case .failure(let error) = response.value {
            throw CommandFailure(TerminalText.safe("\(error.type): \(error.message)"))
        }
        show(response, answer.body, times)
    }

    // MARK: The answer

    /// Whether a matrix answers an instant query, as it does where the expression is a range
    /// selector, is known when it is there.
    private func decoded(
        _ body: [UInt8], _ times: AskedTimes
    ) throws(DecodingFailure) -> QueryResponse {
        if !times.isRange, let windows = try? decoded(body, expecting: .samples) {
            return windows
        }
        return try decoded(body, expecting: .grid(times.grid))
    }

    private func decoded(
        _ body: [UInt8], expecting expectation: Expectation
    ) throws(DecodingFailure) -> QueryResponse {
        var decoder = QueryResponseDecoder(expecting: expectation)
        try decoder.feed(body)
        return try decoder.finish()
    }

    private func show(_ response: QueryResponse, _ body: [UInt8], _ times: AskedTimes) {
        let grid = times.grid
        let terminal = Terminal.standardOutput()
        switch (output ?? (times.isRange ? .graph : .table), response.value) {
        case (.json, _): StandardOutput.handOn(body)
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
