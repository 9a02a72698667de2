/// Some dialects.
struct DialectSet: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    init(_ dialect: Dialect) {
        rawValue =
            switch dialect {
            case .istio: 1
            case .linkerd: 1 << 1
            case .envoy: 1 << 2
            case .spanMetrics: 1 << 3
            case .serviceGraph: 1 << 4
            }
    }

    /// In their own order.
    var dialects: [Dialect] { Dialect.allCases.filter { contains(DialectSet($0)) }.sorted() }
}
