extension Coverage {
    /// The failure that the coverage is: no cluster answered, or one is missing, under maintenance
    /// too, and `acceptsPartial` does not hold. `hasObservations` says that the gateway's own series
    /// are an answer by themselves.
    func refusal(
        unless acceptsPartial: Bool, hasObservations: Bool = false
    ) -> QueryFailure? {
        let isNothing = present.isEmpty && !hasObservations
        guard !missing.isEmpty, isNothing || !acceptsPartial else { return nil }
        let reasons = missing.map(\.warning).joined(separator: "; ")
        let what = present.isEmpty ? "no cluster answered" : "partial answer refused"
        return .unavailable("\(what): \(reasons)", self)
    }
}

extension Coverage.Missing {
    /// The sentence for people.
    package var warning: String { "cluster \(cluster) is missing: \(message)" }
}
