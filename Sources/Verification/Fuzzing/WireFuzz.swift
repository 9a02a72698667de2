import Caching
import Clusters
import Planning
import PrometheusAPI
import TimeSeries

/// What must hold for any bytes that come from a cluster, a client, a file or a store: nothing traps,
/// and what is read is the same however the bytes came.
public enum WireFuzz: String, CaseIterable, Sendable {
    /// An answer of Prometheus's HTTP API.
    case answers
    /// A request's parameters.
    case parameters
    /// A cluster's file, as JSON.
    case inventory
    /// Entries of the store of answers.
    case blocks
    /// A message of remote write.
    case remote

    /// What does not hold; nil where all does. It traps where a reader does.
    public func fault(of bytes: [UInt8]) -> String? {
        switch self {
        case .answers: Self.faultOfAnswer(bytes)
        case .parameters: Self.faultOfParameters(Self.plainParameters(bytes))
        case .inventory: Self.faultOfInventory(bytes)
        case .blocks: Self.faultOfBlocks(bytes)
        case .remote: Self.faultOfRemote(bytes)
        }
    }

    // MARK: Answers

    private static let grid = TimeGrid(start: 0, end: 600_000, step: 60_000)

    /// The first byte says what was expected, the second where the bytes are cut.
    private static func faultOfAnswer(_ bytes: [UInt8]) -> String? {
        let body = Array(bytes.dropFirst(2))
        let cut = body.isEmpty ? 0 : Int(bytes[1]) * body.count / 256
        let expectation: Expectation =
            switch (bytes.first ?? 0) % 3 {
            case 0: .grid(TimeGrid(instant: 0))
            case 1: .grid(grid)
            default: .samples
            }
        let limits = DecodingLimits(maximumSeries: 100, maximumSamples: 10_000)
        let whole = decoded([body], expectation, limits)
        let parts = decoded([Array(body[..<cut]), Array(body[cut...])], expectation, limits)
        if whole != parts {
            return "cut at \(cut): \(parts ?? "nothing"), whole: \(whole ?? "nothing")"
        }
        for elements in [ListResponseDecoder.Elements.labelSets, .texts] {
            var decoder = ListResponseDecoder(of: elements, limits: limits)
            if (try? decoder.feed(body)) != nil { _ = try? decoder.finish() }
        }
        _ = try? SmallAnswer(decoding: body, limits: limits)
        guard let json = try? JSONValue(parsing: body, limits: limits) else { return nil }
        var text: [UInt8] = []
        json.append(to: &text)
        guard let again = try? JSONValue(parsing: text) else {
            return "what was written is no JSON: \(String(decoding: text, as: UTF8.self))"
        }
        var second: [UInt8] = []
        again.append(to: &second)
        return text == second ? nil : "JSON is written in two ways"
    }

    /// What is read of an answer, written again; nil where it is none.
    private static func decoded(
        _ pieces: [[UInt8]], _ expectation: Expectation, _ limits: DecodingLimits
    ) -> String? {
        var decoder = QueryResponseDecoder(expecting: expectation, limits: limits)
        do {
            for piece in pieces { try decoder.feed(piece) }
            return "\(try decoder.finish())"
        } catch {
            return nil
        }
    }

    // MARK: Parameters

    /// `a=b&c=d` as it stands, without percent signs.
    private static func plainParameters(_ bytes: [UInt8]) -> @Sendable (String) -> String? {
        var values: [String: String] = [:]
        for pair in bytes.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1)
            guard parts.count == 2 else { continue }
            values[String(decoding: parts[0], as: UTF8.self)] = String(
                decoding: parts[1], as: UTF8.self)
        }
        return { [values] in values[$0] }
    }

    /// The parameters of all routes of the API, given by name.
    public static func faultOfParameters(
        _ parameter: @escaping (String) -> String?
    ) -> String? {
        _ = try? InstantQueryParameters(now: 0, parameter)
        guard let range = try? RangeQueryParameters(parameter) else { return nil }
        if range.step <= 0 || range.end < range.start { return "a range without times: \(range)" }
        let count = range.grid.count
        return (1...Int(RangeQueryParameters.maximumSteps) + 1).contains(count)
            ? nil : "a range of \(count) times: \(range)"
    }

    // MARK: Inventory

    private static func faultOfInventory(_ bytes: [UInt8]) -> String? {
        guard let json = try? JSONValue(parsing: bytes) else { return nil }
        let file = InventoryReader.File(name: "a.yaml", directory: "/", root: node(json))
        let reading = InventoryReader.read([file])
        if reading.clusters.isEmpty == reading.mistakes.isEmpty {
            return "\(reading.clusters.count) clusters and \(reading.mistakes.count) mistakes"
        }
        for mistake in reading.mistakes where mistake.problem.isEmpty {
            return "a mistake without words: \(mistake)"
        }
        return nil
    }

    private static func node(_ json: JSONValue) -> ConfigurationNode {
        let place = ConfigurationNode.Place(line: 1, column: 1)
        let content: ConfigurationNode.Content =
            switch json {
            case .null: .null
            case .bool(let value): .scalar("\(value)", isQuoted: false)
            case .integer(let number): .scalar("\(number)", isQuoted: false)
            case .number(let number): .scalar("\(number)", isQuoted: false)
            case .string(let text): .scalar(text, isQuoted: text.utf8.count % 2 == 0)
            case .array(let elements): .sequence(elements.map(node))
            case .object(let members):
                .mapping(
                    members.map { .init(key: $0.name, keyPlace: place, value: node($0.value)) })
            }
        return ConfigurationNode(content, place: place)
    }

    // MARK: Blocks

    private static let key = AnswerKey(source: AnswerSource("fuzz"), query: "up")
    private static let slots = [
        AnswerSlot(under: key, grid: TimeGrid(instant: 0), wantsSamples: true),
        AnswerSlot(under: key, grid: TimeGrid(instant: 0), wantsSamples: false),
        AnswerSlot(under: key, grid: grid, wantsSamples: false),
    ]

    /// Each section stands behind its length in two bytes, the smaller one first.
    private static func faultOfBlocks(_ bytes: [UInt8]) -> String? {
        var sections: [[UInt8]] = []
        var rest = bytes[...]
        while rest.count >= 2, sections.count < 16 {
            let count = Int(rest[rest.startIndex]) | Int(rest[rest.startIndex + 1]) << 8
            rest = rest.dropFirst(2)
            sections.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        for slot in slots {
            // As they are, and behind a head that fits.
            _ = slot.answer(from: bytes)
            guard let entry = slot.entry(of: sections), let answer = slot.answer(from: entry),
                let written = slot.bytes(of: answer)
            else { continue }
            guard let again = slot.answer(from: written), slot.bytes(of: again) == written else {
                return "what was read and written is not read as the same"
            }
        }
        var lookup = RangeLookup(
            key, grid: grid, reach: DataReach(of: [], lookback: 300_000), settledUntil: .max,
            dataStart: nil)
        lookup.take(lookup.entries(of: sections))
        lookup.take([:])
        for piece in lookup.missing(maximumPoints: 11_000) {
            lookup.add(RangeAnswer(series: []), for: piece)
        }
        let answer = lookup.assembled()
        if answer.series.contains(where: { $0.values.count != grid.count }) {
            return "a series is not as long as the grid"
        }
        _ = lookup.updates()
        return nil
    }

    // MARK: Remote

    private static func faultOfRemote(_ bytes: [UInt8]) -> String? {
        guard let request = try? RemoteWriteRequest(bytes, maximumSamples: 1000) else {
            return nil
        }
        let written = request.encoded()
        guard let again = try? RemoteWriteRequest(written, maximumSamples: 1000) else {
            return "what was written cannot be read"
        }
        return again.encoded() == written ? nil : "it is written in two ways"
    }

    // MARK: Seeds

    /// What the fuzzer begins with, beside files.
    public var seeds: [[UInt8]] {
        switch self {
        case .answers, .inventory: []
        case .parameters:
            [
                "query=up&time=2023-11-14T22:13:20Z&timeout=5s&limit=3&stats=all",
                "query=up&start=0&end=1700000000.123&step=15&lookback_delta=5m",
                "query=up&start=-1e3&end=1e9&step=1h30m&timeout=1.5",
            ].map { Array($0.utf8) }
        case .blocks: Self.blockSeeds
        case .remote:
            [
                RemoteWriteRequest(series: [
                    SampledSeries(
                        labels: ["__name__": "up", "job": "a"],
                        samples: [.init(time: 1000, value: .float(1))])
                ]).encoded()
            ]
        }
    }

    private static var blockSeeds: [[UInt8]] {
        let values = (0..<grid.count).map { Double($0 * $0) }
        return slots.dropFirst().compactMap { slot in
            let isInstant = slot == slots[1]
            let answer = StoredAnswer(
                answer: RangeAnswer(
                    series: ["a", "b"].map { job in
                        GridSeries(
                            labels: ["__name__": "up", "job": job],
                            values: isInstant ? [1] : values)
                    }, warnings: ["PromQL warning: one"], infos: []))
            guard let entry = slot.bytes(of: answer), let sections = slot.sections(of: entry) else {
                return nil
            }
            return sections.flatMap { [UInt8($0.count & 255), UInt8($0.count >> 8)] + $0 }
        }
    }
}
