/// How the state of groups is kept.
package struct StateSettings: Hashable, Sendable {
    /// How long the state of a group is kept that nobody evaluates any more.
    package var timeToLive: Duration = .seconds(604_800)
    /// How long one evaluation waits for the store, before it and after it.
    package var patience: Duration = .seconds(1)
    /// How long a group's first evaluation waits for a store that does not answer.
    package var startPatience: Duration = .seconds(10)
    /// How often a store that does not answer is asked again at the start.
    package var startPause: Duration = .milliseconds(250)

    package init() {}
}
