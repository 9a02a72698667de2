import Clusters
import Rules

extension CheckedConfiguration {
    /// What a list says whose elements Prometheus's own types describe; nil where there is none. Adds
    /// the mistakes in it.
    mutating func document<Value>(
        _ path: String, _ read: (ConfigurationNode, inout DocumentReader) -> Value
    ) -> Value? {
        let nodes = nodes(path)
        guard let place = place(path), !nodes.isEmpty else { return nil }
        var document = DocumentReader(file: file)
        let value = read(ConfigurationNode(.sequence(nodes), place: place), &document)
        for mistake in document.mistakes { refuse(path, at: mistake.place, mistake.problem) }
        return value
    }

    /// What relabelling a list asks for.
    mutating func relabelling(_ path: String) -> Relabelling {
        document(path) { RelabellingReader.read($0, &$1) } ?? Relabelling()
    }
}
