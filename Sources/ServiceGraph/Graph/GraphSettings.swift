import Federation
import Meshes

/// The bounds within which service graphs are made.
package struct GraphSettings: Hashable, Sendable {
    /// The longest that a question may take.
    package var timeout: Duration = .seconds(30)
    /// Askers of the graph of now get that of a time that is a multiple of it, and so share it.
    package var refresh: Duration = .seconds(15)
    /// How many graphs are remembered, whole and as they were asked for.
    package var remembered = 4
    /// How long one stands for asking again.
    package var kept: Duration = .seconds(60)
    /// The same of one that lacks clusters: it is as good as can be had now, and no longer.
    package var keptPartial: Duration = .seconds(3)
    /// Edges that have percentiles where those of the shown are asked for.
    package var shownEdges = 500
    /// Reports that these edges are made of, at most: an edge beyond that is left out, which a warning
    /// says.
    package var shownReports = 60_000
    /// Edges of services that are asked about at a time.
    package var edgesAtATime = 1000
    /// Reports of calls that one graph is made of.
    package var maximumReports = 5_000_000
    /// How far back traces are looked at, where the range is shorter.
    package var tracesLookback: Duration = .seconds(3600)

    /// How many errors are too many.
    package var health = HealthTolerances()
    /// What counts as a change between two times.
    package var changes = ChangeTolerances()

    package init() {}

    func kept(_ coverage: Coverage) -> Duration { coverage.missing.isEmpty ? kept : keptPartial }
}
