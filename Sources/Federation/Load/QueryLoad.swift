/// What all that clients ask is held to together: places to run in, and memory.
package struct QueryLoad: Sendable {
    package let admission: Admission
    package let memory: MemoryBudget
}
