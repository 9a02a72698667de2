/// Reads what Jaeger says where it has no answer.
public enum ErrorAnswer {
    /// The message of an error of either generation; nil where it is none.
    public static func message(_ bytes: [UInt8]) -> String? {
        var message: String?
        do throws(ReadingFailure) {
            try JSONReader.reading(bytes) { (reader) throws(ReadingFailure) in
                try reader.object { (reader, name) throws(ReadingFailure) in
                    switch name {
                    case "errors":
                        try reader.list { (reader) throws(ReadingFailure) in
                            let text = try reader.errorText()
                            message = message ?? text
                        }
                    case "error": message = try reader.errorText()
                    default: try reader.skip()
                    }
                }
            }
        } catch {
            // The beginning of one is enough.
        }
        return message
    }
}

extension JSONReader {
    /// The message of one error, or the text that it is.
    mutating func errorText() throws(ReadingFailure) -> String {
        if peek() == UInt8(ascii: "\"") { return try text() }
        var message = ""
        try object("an error") { (reader, name) throws(ReadingFailure) in
            switch name {
            case "msg", "message": message = try reader.text()
            default: try reader.skip()
            }
        }
        return message
    }
}
