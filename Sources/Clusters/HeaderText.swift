/// What HTTP allows in a header, and which headers a cluster's file cannot set.
enum HeaderText {
    /// Whether the text is a header's name.
    static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    /// Whether the text can be sent as a header's value.
    static func isValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }
    }

    /// Headers that are made from other keys or by the client itself, in lower case, and what to
    /// do instead.
    static let ownHeaders: [String: String] = [
        "authorization": "not here; use basic_auth or authorization",
        "proxy-authorization": "not here; put user and password into proxy_url",
        "host": "set for each request; cannot be changed",
        "content-length": "set for each request; cannot be changed",
        "content-type": "set for each request; cannot be changed",
        "content-encoding": "set for each request; cannot be changed",
        "transfer-encoding": "set for each request; cannot be changed",
        "accept-encoding": "set for each request; cannot be changed",
        "connection": "set for each request; cannot be changed",
        "keep-alive": "set for each request; cannot be changed",
    ]
}
