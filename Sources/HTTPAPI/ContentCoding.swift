/// How a body is encoded on its way to the client.
enum ContentCoding: String, CaseIterable, Sendable {
    case identity
    case gzip
    case zstd

    /// Better ones first, where the client likes several as much.
    private static let preference: [ContentCoding] = [.zstd, .gzip]

    /// The coding for a client with these `Accept-Encoding` values. A client that refuses every
    /// coding there is gets `identity`, as servers do.
    static func negotiated(_ accepted: [String]) -> ContentCoding {
        var weights: [String: Double] = [:]
        for element in accepted.flatMap({ $0.split(separator: ",") }) {
            let pieces = element.split(separator: ";", omittingEmptySubsequences: false)
                .map(trimmed)
            guard let name = pieces.first?.lowercased(), !name.isEmpty else { continue }
            let weight = pieces.dropFirst().compactMap(weight).first ?? 1
            weights[name == "x-gzip" ? "gzip" : name] = weight
        }
        let wildcard = weights["*"] ?? 0
        var best = ContentCoding.identity
        var bestWeight = 0.0
        for coding in preference {
            let weight = weights[coding.rawValue] ?? wildcard
            if weight > bestWeight {
                best = coding
                bestWeight = weight
            }
        }
        // What the client likes better as it is stays as it is.
        return (weights["identity"] ?? 0) > bestWeight ? .identity : best
    }

    /// The weight of a parameter `q=0.5`; nil where it is another. A weight that is none counts
    /// as zero: the client did not mean to ask for it.
    private static func weight(_ parameter: Substring) -> Double? {
        guard parameter.lowercased().hasPrefix("q=") else { return nil }
        guard let weight = Double(parameter.dropFirst(2)), weight > 0 else { return 0 }
        return min(weight, 1)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
