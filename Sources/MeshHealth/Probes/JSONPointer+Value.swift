import Clusters
import PrometheusAPI

extension JSONPointer {
    /// What stands there; nil where nothing does. A null that stands there is a value.
    public func value(in json: JSONValue) -> JSONValue? {
        var value = json
        for token in tokens {
            switch value {
            case .object:
                guard let member = value[token] else { return nil }
                value = member
            case .array(let elements):
                guard let index = Self.index(token), index < elements.count else { return nil }
                value = elements[index]
            default: return nil
            }
        }
        return value
    }

    /// Digits without a zero in front. `-`, the place behind the last, holds nothing.
    private static func index(_ token: String) -> Int? {
        guard token.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            token == "0" || token.utf8.first != UInt8(ascii: "0")
        else { return nil }
        return Int(token)
    }
}
