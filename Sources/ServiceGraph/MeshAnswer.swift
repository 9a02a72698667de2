import Federation

/// An answer about the meshes, and which clusters it is about.
package struct MeshAnswer<Value: Sendable>: Sendable {
    package var value: Value
    package var coverage: Coverage
    /// Sentences for people.
    package var warnings: [String]

    package init(value: Value, coverage: Coverage, warnings: [String] = []) {
        self.value = value
        self.coverage = coverage
        self.warnings = warnings
    }
}
