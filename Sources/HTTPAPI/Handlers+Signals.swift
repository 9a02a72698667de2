import Clusters
import Federation
import Meshes
import PrometheusAPI
import ServiceGraph
import TimeSeries

// `/mesh/v1/signals`: how services, edges, clusters and the whole mesh do, now or over time.

extension Handlers {
    func signals(_ call: Call) async throws(ErrorResponse) -> Answer {
        try call.allow(only: Self.signalParameters)
        let isExplained = try call.flag("explain", standard: false)
        let question = try signalQuestion(call)
        let partialResponse = try partialResponse(call)
        let told: MeshAnswer<SignalReport>
        do {
            told = try await dependencies.meshes.signals(
                MeshAnswering.SignalsQuestion(
                    question, partialResponse: partialResponse, cacheUse: call.cacheUse))
        } catch {
            throw ErrorResponse(error)
        }
        return Answer(
            .document(
                DocumentChunks(
                    told.value.parts(withQueries: isExplained), annotations: told.annotations)),
            type: .json, coverage: told.coverage)
    }

    // MARK: Parameters

    private static let signalParameters: Set<String> = [
        "service", "namespace", "cluster", "clusters", "source", "destination", "by", "end",
        "range", "step", "window", "signal", "top", "explain", "partial_response",
    ]

    private func signalQuestion(_ call: Call) throws(ErrorResponse) -> SignalQuestion {
        let range = try call.duration("range")
        let step = try call.duration("step")
        if range == nil, step != nil {
            throw .badData("the parameter \"step\" is of values over time: give \"range\" too")
        }
        // About 240 values in the range, in whole seconds.
        let distance = step ?? range.map { max(1000, ($0 / 240 + 999) / 1000 * 1000) } ?? 60_000
        if let range, range / distance > RangeQueryParameters.maximumSteps {
            throw .badData(
                "invalid parameter \"step\": \(range / distance) values are more than "
                    + "\(RangeQueryParameters.maximumSteps), the most there may be; make it longer")
        }
        // Who asks again and again for a time that ends now asks for the same steps, which are
        // remembered.
        let now = range == nil ? call.now : call.now / distance * distance
        var question = SignalQuestion(end: try call.time("end") ?? now)
        question.range = range
        question.step = distance
        question.window = try call.duration("window") ?? SignalQuestion.standardWindow
        question.grouping = try call.choice("by", standard: .service)
        question.service = try call.service("service")
        question.source = try call.service("source")
        question.destination = try call.service("destination")
        if question.grouping != .edge, let name = Self.edgeEnds.first(where: { call.has($0) }) {
            throw .badData("the parameter \"\(name)\" is of edges: give by=edge too")
        }
        if let namespace = call["namespace"], !namespace.isEmpty {
            question.namespace = namespace
        }
        question.clusters = try clusterNames(call)
        question.signals = try signals(call)
        question.top = try top(call, question.grouping)
        return question
    }

    /// Nil for as many as is usual. How many there may be the service knows.
    private func top(
        _ call: Call, _ grouping: SignalQuestion.Grouping
    ) throws(ErrorResponse) -> Int? {
        guard call.has("top") else { return nil }
        guard grouping == .service || grouping == .edge else {
            throw .badData("the parameter \"top\" is of services and edges")
        }
        return try call.number("top", standard: 0, atMost: .max)
    }

    private static let edgeEnds = ["source", "destination"]

    private func signals(_ call: Call) throws(ErrorResponse) -> Set<Signal> {
        var signals: Set<Signal> = []
        for name in call.list("signal") {
            guard let signal = Signal(rawValue: name) else {
                throw .badData(
                    "invalid parameter \"signal\": \(GoText.quoted(name)) is none of "
                        + Signal.allCases.map(\.rawValue).joined(separator: ", "))
            }
            signals.insert(signal)
        }
        return signals.isEmpty ? Set(Signal.allCases) : signals
    }

    /// The clusters that are named, in inventory order; empty for all.
    func clusterNames(_ call: Call) throws(ErrorResponse) -> [String] {
        guard let chosen = try chosenClusters(call) else { return [] }
        let names = Set(chosen.map(\.name))
        return dependencies.clusters().map(\.name).filter(names.contains)
    }
}

extension Call {
    /// A service, with its namespace or without; nil where it is absent.
    func service(_ name: String) throws(ErrorResponse) -> ServiceName? {
        guard let text = self[name], !text.isEmpty else { return nil }
        guard let service = ServiceName(text: text) else {
            throw .badData(
                "invalid parameter \"\(name)\": \(GoText.quoted(text)) is neither a service's name "
                    + "nor namespace/name")
        }
        return service
    }

    /// Whether the parameter is there, and not empty.
    func has(_ name: String) -> Bool { self[name].map { !$0.isEmpty } ?? false }
}

extension MeshAnswer {
    var annotations: Annotations {
        var annotations = Annotations()
        for warning in warnings { annotations.warn(warning) }
        // Nobody takes a part for the whole because no query has said so.
        for missing in coverage.missing
        where !warnings.contains(where: { $0.contains(missing.cluster.name) }) {
            annotations.warn(missing.warning)
        }
        return annotations
    }
}
