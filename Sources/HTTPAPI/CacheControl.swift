import Federation

extension CacheUse {
    /// What the values of a request's `Cache-Control` ask for; what is not understood is as if it
    /// were not there.
    init(directives values: [String]) {
        let directives = Set(
            values.flatMap { $0.split(separator: ",") }.map {
                $0.filter { !$0.isWhitespace }.lowercased()
            })
        if directives.contains("no-store") {
            self = .bypass
        } else if directives.contains("no-cache") || directives.contains("max-age=0") {
            self = .refresh
        } else {
            self = .allowed
        }
    }
}

extension CacheReport {
    /// The value of the header `X-Isthmus-Cache`: `partial; steps=5760; cached=5680`.
    var headerText: String {
        steps == 0
            ? outcome.rawValue : "\(outcome.rawValue); steps=\(steps); cached=\(cachedSteps)"
    }
}
