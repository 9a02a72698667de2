import TimeSeries

/// What a server answered for the times of a grid.
public struct RangeAnswer: Hashable, Sendable {
    /// With the server's labels; one value for each time.
    public var series: [GridSeries]
    /// As the server sent them.
    public var warnings: [String]
    /// As the server sent them.
    public var infos: [String]

    public init(series: [GridSeries] = [], warnings: [String] = [], infos: [String] = []) {
        self.series = series
        self.warnings = warnings
        self.infos = infos
    }
}
