import Spans

/// JSON as parameters of the API have it.
enum JSONText {
    /// An object of texts, in their order.
    static func object(_ tags: [TraceSearch.Tag]) -> String {
        let members = tags.map { "\(quoted($0.key)):\(quoted($0.value))" }
        return "{\(members.joined(separator: ","))}"
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
