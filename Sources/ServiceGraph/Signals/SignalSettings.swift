import Meshes

/// The bounds within which signals are told.
package struct SignalSettings: Hashable, Sendable {
    /// The longest that a question may take.
    package var timeout: Duration = .seconds(30)
    /// Services or edges that are told of where the question does not say how many.
    package var shownSubjects = 500
    /// The most that a question may ask for.
    package var maximumSubjects = 5000
    /// Values (rows of answers times their times) that are asked for together, roughly: what is more is
    /// asked for afterwards, so that memory does not grow with the fleet.
    package var valuesAtATime = 20_000_000
    /// How many errors are too many.
    package var health = HealthTolerances()

    package init() {}
}
