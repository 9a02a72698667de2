import TimeSeries

// Parameters as Jaeger's older API reads them; what cannot be read is said in Go's words.

extension Call {
    /// A number of milliseconds; `standard` where it is absent or empty.
    func jaegerMilliseconds(
        _ name: String, standard: Int64
    ) throws(ErrorResponse) -> Int64 {
        guard let text = self[name], !text.isEmpty else { return standard }
        guard let value = Int64(text) else {
            throw .unreadable(name, text, "ParseInt", isOutOfRange: Self.isInteger(text))
        }
        return value
    }

    private static func isInteger(_ text: String) -> Bool {
        let digits = text.utf8.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
        return !digits.isEmpty && text.utf8.count - digits.count < 2
            && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// Whether it is true; false where it is absent or empty.
    func jaegerFlag(_ name: String) throws(ErrorResponse) -> Bool {
        guard let text = self[name], !text.isEmpty else { return false }
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": return true
        case "0", "f", "F", "false", "FALSE", "False": return false
        default: throw .unreadable(name, text, "ParseBool")
        }
    }
}

extension ErrorResponse {
    /// A parameter that one of Go's functions cannot read.
    static func unreadable(
        _ name: String, _ text: String, _ function: String, isOutOfRange: Bool = false
    ) -> ErrorResponse {
        .badData(
            "unable to parse param '\(name)': strconv.\(function): parsing "
                + "\(GoText.quoted(text)): "
                + (isOutOfRange ? "value out of range" : "invalid syntax"))
    }
}
