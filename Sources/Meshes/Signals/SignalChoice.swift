/// Some of many services: what is asked about where all would be too much.
public struct SignalChoice: Hashable, Sendable {
    /// What the services are called, and what has to be asked for beside them to understand what is
    /// said of them. Services of other namespaces may have the same names.
    public var names: Set<String>
    /// In which they are.
    public var namespaces: Set<String>

    public init(names: Set<String>, namespaces: Set<String>) {
        self.names = names
        self.namespaces = namespaces
    }
}

/// Subjects whose details are asked for together.
public struct SignalBatch: Hashable, Sendable {
    /// Services are in all clusters.
    public var subjects: Set<SignalSubject>
    public var choice: SignalChoice
}
