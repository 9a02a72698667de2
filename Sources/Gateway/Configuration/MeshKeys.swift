import Clusters
import Meshes
import ServiceGraph

/// The section `mesh` of the configuration: its keys, and the settings that they make.
enum MeshKeys {
    static let rows: [ConfigurationKey] =
        answerRows + limitRows + healthRows + changeRows + graphvizRows

    private static let answerRows: [ConfigurationKey] = {
        let (graph, dialects) = (GraphSettings(), DialectSettings())
        return [
            .init("mesh", .section, "Signals and the service graph"),
            .init(
                "mesh.timeout", .duration, standard: text(graph.timeout),
                "The longest that signals or a service graph may take"),
            .init(
                "mesh.refresh", .duration, standard: text(graph.refresh),
                "Whoever asks for the graph of now gets that of a multiple of it, and shares it"),
            .init(
                "mesh.kept", .duration, standard: text(graph.kept),
                "How long a graph stands for asking again; 0s for not at all"),
            .init(
                "mesh.kept_partial", .duration, standard: text(graph.keptPartial),
                "The same of a graph that lacks clusters"),
            .init(
                "mesh.graphs_kept", .count(atLeast: 0), standard: "\(graph.remembered)",
                "Graphs that are kept, whole and as they were asked for"),
            .init(
                "mesh.traces_lookback", .duration, standard: text(graph.tracesLookback),
                "How far back traces are looked at, where a question's range is shorter"),
            .init(
                "mesh.detection", .section,
                "How it is found out in which dialects clusters tell of their traffic, where their files do not say"
            ),
            .init(
                "mesh.detection.refresh", .duration, standard: text(dialects.refresh),
                "After how long a cluster is asked again"),
            .init(
                "mesh.detection.kept", .duration, standard: text(dialects.kept),
                "How long what was known of a cluster that fails stays in force"),
            .init(
                "mesh.detection.lookback", .duration, standard: text(dialects.lookback),
                "A metric that has had no sample for so long is none"),
            .init(
                "mesh.detection.timeout", .duration, standard: text(dialects.timeout),
                "For one cluster's answer"),
        ]
    }()

    private static let limitRows: [ConfigurationKey] = {
        let (graph, signals) = (GraphSettings(), SignalSettings())
        return [
            .init("mesh.limits", .section, "What one question may cost"),
            .init(
                "mesh.limits.shown_subjects", .count(atLeast: 1),
                standard: "\(signals.shownSubjects)",
                "Services or edges that signals tell of where the question has no top"),
            .init(
                "mesh.limits.max_subjects", .count(atLeast: 1),
                standard: "\(signals.maximumSubjects)", "The most that top may ask for"),
            .init(
                "mesh.limits.values_at_a_time", .count(atLeast: 1),
                standard: "\(signals.valuesAtATime)",
                "Values of signals that are asked for together, roughly; further ones afterwards"),
            .init(
                "mesh.limits.max_reports", .count(atLeast: 1),
                standard: "\(graph.maximumReports)",
                "Reports of calls that one graph is made of; a graph without some says so"),
            .init(
                "mesh.limits.shown_edges", .count(atLeast: 0), standard: "\(graph.shownEdges)",
                "Edges that have percentiles and principals where those of the shown are asked for"),
            .init(
                "mesh.limits.shown_reports", .count(atLeast: 0),
                standard: "\(graph.shownReports)", "Reports of calls that these stand for, at most"
            ),
            .init(
                "mesh.limits.edges_at_a_time", .count(atLeast: 1),
                standard: "\(graph.edgesAtATime)",
                "Edges whose percentiles are asked for together"),
        ]
    }()

    private static let graphvizRows: [ConfigurationKey] = {
        let graphviz = GraphvizSettings()
        return [
            .init("mesh.graphviz", .section, "The program that draws pictures (format=svg)"),
            .init(
                "mesh.graphviz.program", .text, standard: graphviz.program,
                "Graphviz's dot: a path, or a name that is looked for in /usr/local/bin, /usr/bin and /bin"
            ),
            .init(
                "mesh.graphviz.timeout", .duration, standard: text(graphviz.timeout),
                "The longest that it may run"),
            .init(
                "mesh.graphviz.max_input_bytes", .bytes,
                standard: ByteCountText.text(bytes: graphviz.maximumInputBytes),
                "The graph's text"),
            .init(
                "mesh.graphviz.max_output_bytes", .bytes,
                standard: ByteCountText.text(bytes: graphviz.maximumOutputBytes), "The picture"),
            .init(
                "mesh.graphviz.max_memory_bytes", .bytes,
                standard: ByteCountText.text(bytes: graphviz.maximumMemoryBytes),
                "Its address space"),
            .init(
                "mesh.graphviz.concurrent_pictures", .count(atLeast: 1),
                standard: "\(graphviz.maximumConcurrent)",
                "Pictures that are drawn at a time; others wait"),
        ]
    }()

    /// Durations that may be 0.
    static let mayBeZero: Set<String> = ["mesh.kept", "mesh.kept_partial"]

    private static func text(_ duration: Duration) -> String {
        DurationText.text(milliseconds: duration.wholeMilliseconds)
    }

    // MARK: The settings

    /// What the section says. Adds the mistakes that the table cannot see.
    static func configuration(_ checked: inout CheckedConfiguration) -> MeshConfiguration {
        var configuration = MeshConfiguration()
        let health = health(&checked)
        configuration.graph = graph(checked)
        configuration.graph.health = health
        configuration.graph.changes = changes(&checked)
        configuration.signals = signals(&checked)
        configuration.signals.health = health
        configuration.graphviz = graphviz(checked)
        set(&configuration.dialects.refresh, checked.duration("mesh.detection.refresh"))
        set(&configuration.dialects.kept, checked.duration("mesh.detection.kept"))
        set(&configuration.dialects.lookback, checked.duration("mesh.detection.lookback"))
        set(&configuration.dialects.timeout, checked.duration("mesh.detection.timeout"))
        return configuration
    }

    private static func graph(_ checked: CheckedConfiguration) -> GraphSettings {
        var graph = GraphSettings()
        set(&graph.timeout, checked.duration("mesh.timeout"))
        set(&graph.refresh, checked.duration("mesh.refresh"))
        set(&graph.kept, checked.duration("mesh.kept"))
        set(&graph.keptPartial, checked.duration("mesh.kept_partial"))
        set(&graph.remembered, checked.number("mesh.graphs_kept"))
        set(&graph.tracesLookback, checked.duration("mesh.traces_lookback"))
        set(&graph.maximumReports, checked.number("mesh.limits.max_reports"))
        set(&graph.shownEdges, checked.number("mesh.limits.shown_edges"))
        set(&graph.shownReports, checked.number("mesh.limits.shown_reports"))
        set(&graph.edgesAtATime, checked.number("mesh.limits.edges_at_a_time"))
        return graph
    }

    private static func signals(_ checked: inout CheckedConfiguration) -> SignalSettings {
        var signals = SignalSettings()
        set(&signals.timeout, checked.duration("mesh.timeout"))
        set(&signals.shownSubjects, checked.number("mesh.limits.shown_subjects"))
        set(&signals.maximumSubjects, checked.number("mesh.limits.max_subjects"))
        set(&signals.valuesAtATime, checked.number("mesh.limits.values_at_a_time"))
        if signals.shownSubjects > signals.maximumSubjects {
            checked.refuse(
                "mesh.limits.shown_subjects",
                "must not be more than max_subjects, \(signals.maximumSubjects)")
        }
        return signals
    }

    private static func graphviz(_ checked: CheckedConfiguration) -> GraphvizSettings {
        var graphviz = GraphvizSettings()
        set(&graphviz.program, checked.text("mesh.graphviz.program"))
        set(&graphviz.timeout, checked.duration("mesh.graphviz.timeout"))
        set(&graphviz.maximumInputBytes, checked.number("mesh.graphviz.max_input_bytes"))
        set(&graphviz.maximumOutputBytes, checked.number("mesh.graphviz.max_output_bytes"))
        set(&graphviz.maximumMemoryBytes, checked.number("mesh.graphviz.max_memory_bytes"))
        set(&graphviz.maximumConcurrent, checked.number("mesh.graphviz.concurrent_pictures"))
        return graphviz
    }
}

/// Signals and the service graph as the configuration has them.
struct MeshConfiguration: Sendable {
    var graph = GraphSettings()
    var signals = SignalSettings()
    var dialects = DialectSettings()
    var graphviz = GraphvizSettings()
}
