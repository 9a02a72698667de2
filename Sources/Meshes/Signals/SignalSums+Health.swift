import TimeSeries

extension SignalSums {
    /// How the requests are doing at a time, judged as the graph judges its edges; nil where nothing
    /// tells of requests.
    func health(at index: Int, _ tolerances: HealthTolerances) -> ServiceMap.Health? {
        guard let rate = value(.total, at: index) else { return nil }
        var traffic = ServiceMap.Traffic()
        let (grpc, grpcErrors) = (value(.grpc, at: index), value(.grpcErrors, at: index) ?? 0)
        if let grpc { traffic.grpc = ServiceMap.Traffic.GRPC(rate: grpc, errors: grpcErrors) }
        let others = rate - (grpc ?? 0)
        if others > 0 || grpc == nil {
            // What is told without a protocol ended well or failed, as of HTTP.
            let failed = max(0, (value(.failed, at: index) ?? 0) - grpcErrors)
            let answered = value(.serverErrors, at: index) ?? 0
            let unanswered = min(value(.noResponse, at: index) ?? 0, max(0, failed - answered))
            traffic.http = ServiceMap.Traffic.HTTP(
                rate: others, clientErrors: value(.clientErrors, at: index) ?? 0,
                serverErrors: failed - unanswered, noResponse: unanswered)
        }
        return tolerances.health(of: traffic)
    }

    private func value(_ part: CallPart, at index: Int) -> Double? {
        guard let values = requests[part], values.indices.contains(index),
            !Absent.isAbsent(values[index])
        else { return nil }
        return values[index]
    }
}
