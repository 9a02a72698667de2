import TimeSeries

/// Reads the files of an inventory, each of which declares one cluster.
///
/// The files come as trees; nothing is opened here. All mistakes of all files are found at once.
public enum InventoryReader {
    /// One file of the inventory.
    public struct File: Sendable {
        /// As mistakes show it.
        public var name: String
        /// Where relative paths in it begin.
        public var directory: String
        public var root: ConfigurationNode

        public init(name: String, directory: String, root: ConfigurationNode) {
            self.name = name
            self.directory = directory
            self.root = root
        }
    }

    /// What the files say.
    public struct Reading: Sendable {
        /// The well-written clusters, in the files' order. They are an inventory only where there
        /// is no mistake.
        public var clusters: [Cluster] = []
        /// In the order of files and lines.
        public var mistakes: [ConfigurationMistake] = []
        /// Certificates, keys and secrets.
        public var references: [FileReference] = []
    }

    private static let prometheus = ServiceKeys(section: "prometheus", address: .replicas)
    private static let jaeger = ServiceKeys(section: "jaeger", address: .single)

    /// The dialects that a mesh's metrics can be in.
    public static let dialects = [
        "istio", "linkerd", "envoy", "span-metrics", "service-graph",
    ]

    /// The keys of a cluster's file.
    public static let table = ConfigurationTable(
        [
            .init(
                "cluster", .text, isRequired: true,
                "The cluster's name: the value of its external label cluster"),
            .init("external_labels", .texts, "Further labels of all its series"),
        ]
            + prometheus.rows(isRequired: true, "The cluster's Prometheus")
            + jaeger.rows(isRequired: false, "The cluster's Jaeger")
            + [
                .init(
                    "jaeger.generation",
                    .choice(["auto"] + JaegerGeneration.allCases.map(\.rawValue)),
                    standard: "auto",
                    "The generation of the API that it is asked in; auto finds out which it speaks"),
                .init(
                    "retention", .duration,
                    "How long samples are kept; asked of the server where absent"),
                .init(
                    "freshness", .duration,
                    "How old samples are when nothing changes them any more: scrape interval, out-of-order window, difference of clocks; found out where absent, and cache.freshness at least"
                ),
                .init(
                    "replica_labels", .list(of: .text),
                    "Labels that tell replicas apart and are removed; not used yet"),
                .init(
                    "dialect", .choice(["auto", "prometheus-2", "prometheus-3"]),
                    "Whose rules the cluster's windows obey; not used yet"),
                .init(
                    "maintenance", .flag, standard: "false",
                    "Whether the cluster is expected to be away: answers name it as missing, it is asked nothing, and no alert waits for it"
                ),
            ]
            + ControlPlaneEndpointKeys.rows
            + [
                .init("mesh", .section, "What its service meshes tell of their traffic"),
                .init(
                    "mesh.dialects", .list(of: .choice(dialects)),
                    "The dialects of its metrics; found out by their names where absent"),
            ])

    public static func read(_ files: [File]) -> Reading {
        var reading = Reading()
        var owners: [ClusterID: Owner] = [:]
        for file in files {
            var checked = table.check(file.root, file: file.name)
            var references = FileReferences(directory: file.directory)
            let cluster = cluster(&checked, &references)
            if let cluster { claim(cluster, &checked, &owners) }
            if let cluster, checked.mistakes.isEmpty { reading.clusters.append(cluster) }
            reading.mistakes += checked.mistakes.sorted(by: isBefore)
            reading.references += references.found
        }
        return reading
    }

    /// The file that has taken a name, and its labels.
    private struct Owner {
        var file: String
        var line: Int?
        var labels: Labels
    }

    /// Takes the cluster's name, or says who has it already. Label sets are different where names
    /// are, since the name is one of the labels.
    private static func claim(
        _ cluster: Cluster, _ checked: inout CheckedConfiguration,
        _ owners: inout [ClusterID: Owner]
    ) {
        let line = checked.places["cluster"]?.line
        guard let owner = owners[cluster.id] else {
            owners[cluster.id] = Owner(
                file: checked.file, line: line, labels: cluster.externalLabels)
            return
        }
        let first = owner.line.map { "\(owner.file):\($0)" } ?? owner.file
        let sort =
            owner.labels == cluster.externalLabels
            ? "duplicate cluster, with identical external labels" : "duplicate cluster name"
        checked.refuse(
            "cluster", "\(sort): \(GoText.quoted(cluster.id.name)) is declared in \(first) too")
    }

    private static func cluster(
        _ checked: inout CheckedConfiguration, _ references: inout FileReferences
    ) -> Cluster? {
        let labels = externalLabels(&checked)
        let prometheus = prometheus.service(&checked, paths: &references)
        let jaeger = jaeger.service(&checked, paths: &references)
        let controlPlane = ControlPlaneEndpointKeys.endpoints(&checked, &references)
        for path in ["retention", "freshness"] where checked.milliseconds(path) == 0 {
            checked.refuse(path, "must be longer than 0s")
        }
        for label in checked.list("replica_labels") {
            if let problem = problem(ofLabelName: label.text) {
                checked.refuse("replica_labels", at: label.place, problem)
            }
        }
        guard let name = checked.text("cluster") else { return nil }
        // A cluster that has other mistakes still holds its name, so that a second is found.
        return Cluster(
            id: ClusterID(name), externalLabels: labels.setting(Cluster.label, to: name),
            prometheus: prometheus ?? Service(urls: []), jaeger: jaeger,
            jaegerGeneration: checked.text("jaeger.generation")
                .flatMap { JaegerGeneration(rawValue: $0) },
            retention: checked.duration("retention"), freshness: checked.duration("freshness"),
            maintenance: checked.flag("maintenance") ?? false, meshDialects: dialects(checked),
            controlPlane: controlPlane)
    }

    /// Nil where the file does not say.
    private static func dialects(_ checked: CheckedConfiguration) -> [String]? {
        let names = checked.list("mesh.dialects").map(\.text)
        return names.isEmpty ? nil : names
    }

    private static func externalLabels(_ checked: inout CheckedConfiguration) -> Labels {
        var builder = LabelsBuilder()
        for label in checked.texts("external_labels") {
            let path = ConfigurationTable.path("external_labels", label.name)
            if let problem = problem(ofLabelName: label.name) {
                checked.refuse(path, at: label.place, problem)
            } else if label.text.isEmpty {
                checked.refuse(
                    path, at: label.place, "an empty value is no label; remove it or give it one")
            } else if label.name == Cluster.label, let name = checked.text("cluster"),
                label.text != name
            {
                checked.refuse(
                    path, at: label.place,
                    "must be the name of the cluster, \(GoText.quoted(name)); it need not be here")
            }
            builder.set(label.name, label.text)
        }
        return builder.labels()
    }

    /// What is wrong with a label's name; nil where it can be one. Any text is a name but the ones
    /// that Prometheus keeps for itself.
    private static func problem(ofLabelName name: String) -> String? {
        if name.isEmpty { return "a label's name cannot be empty" }
        if name.hasPrefix("__") { return "names that begin with __ are Prometheus's own" }
        return nil
    }

    private static func isBefore(_ left: ConfigurationMistake, _ right: ConfigurationMistake)
        -> Bool
    {
        (left.line ?? 0, left.key, left.problem) < (right.line ?? 0, right.key, right.problem)
    }
}
