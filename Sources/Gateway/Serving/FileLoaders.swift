import Alerting
import Clusters
import Federation
import Rules

/// Reads the clusters' files into the fleet.
struct InventoryLoading: FileLoading {
    let directory: InventoryDirectory
    let fleet: Fleet

    var name: String { "inventory" }

    func marks() -> FileMarks { directory.marks() }

    func load() -> Loading {
        let reading = directory.read()
        if reading.mistakes.isEmpty { fleet.replace(with: reading.clusters) }
        return Loading(
            mistakes: reading.mistakes.map(\.description), count: reading.clusters.count,
            further: reading.references.map(\.path))
    }
}

/// Reads rule files into what evaluates them.
struct RuleLoading: FileLoading {
    let files: RuleFiles
    let patterns: [String]
    let service: AlertingService

    var name: String { "rules" }

    func marks() -> FileMarks { FileMarks(of: RuleFiles.matching(patterns)) }

    func load() -> Loading {
        let reading = files.read(patterns: patterns)
        if reading.mistakes.isEmpty { service.replace(with: reading.groups) }
        return Loading(
            mistakes: reading.mistakes.map(\.description), count: reading.groups.count)
    }
}
