import TimeSeries
import Upstream

/// Reads the rows of an answer in pieces, several at a time, so that a large one keeps all cores busy.
enum AnswerPieces {
    /// Rows that one task reads. What is found of some rows serves the others of a piece, so that
    /// pieces are not small.
    private static let rowsAtATime = 16_384

    /// What `read` makes of each piece, in the order of the rows.
    static func read<Result: Sendable>(
        _ series: [GridSeries], _ read: @escaping @Sendable (ArraySlice<GridSeries>) -> Result
    ) async -> [Result] {
        guard series.count > rowsAtATime else { return [read(series[...])] }
        let pieces = stride(from: 0, to: series.count, by: rowsAtATime).map { start in
            series[start..<min(series.count, start + rowsAtATime)]
        }
        return await pieces.answers { piece in read(piece) }
    }
}
