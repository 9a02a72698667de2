import Federation
import TimeSeries

/// Asks the fleet at the same times, until one deadline.
struct MeshQuerying: Sendable {
    let query: GraphService.Query
    let times: QueryRequest.Times
    let deadline: ContinuousClock.Instant
    let cacheUse: CacheUse

    /// The answer, which may lack clusters.
    func answer(
        to text: String, seriesOrder: QueryRequest.SeriesOrder = .byLabels
    ) async -> Result<QueryAnswer, QueryFailure> {
        let left = max(.milliseconds(1), ContinuousClock.now.duration(to: deadline))
        var request = QueryRequest(
            expression: text, times: times, timeout: left, partialResponse: true,
            cacheUse: cacheUse)
        request.patience = left * 9 / 10
        request.seriesOrder = seriesOrder
        do throws(QueryFailure) {
            return .success(try await query(request))
        } catch {
            return .failure(error)
        }
    }
}
