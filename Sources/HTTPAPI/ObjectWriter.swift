import PrometheusAPI

/// Writes an object's members one after the other, without making them first. Names are of letters,
/// which need no escapes. Numbers that JSON does not have are null, as is what is not known.
struct ObjectWriter {
    private var isFirst = true

    /// Begins the object.
    init(_ bytes: inout [UInt8]) { bytes.append(UInt8(ascii: "{")) }

    func end(_ bytes: inout [UInt8]) { bytes.append(UInt8(ascii: "}")) }

    /// Begins a member, whose value has to follow.
    mutating func name(_ name: StaticString, to bytes: inout [UInt8]) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    mutating func member(_ name: StaticString, _ value: JSONValue?, to bytes: inout [UInt8]) {
        self.name(name, to: &bytes)
        (value ?? .null).append(to: &bytes)
    }

    mutating func member(_ name: StaticString, _ text: String?, to bytes: inout [UInt8]) {
        self.name(name, to: &bytes)
        if let text { JSONText.append(text, to: &bytes) } else { Self.appendNull(to: &bytes) }
    }

    mutating func member(_ name: StaticString, _ number: Double?, to bytes: inout [UInt8]) {
        self.name(name, to: &bytes)
        if let number {
            JSONValue.number(number).append(to: &bytes)
        } else {
            Self.appendNull(to: &bytes)
        }
    }

    mutating func member(_ name: StaticString, _ count: Int, to bytes: inout [UInt8]) {
        member(name, JSONValue.integer(Int64(count)), to: &bytes)
    }

    mutating func member(_ name: StaticString, _ value: Bool, to bytes: inout [UInt8]) {
        member(name, JSONValue.bool(value), to: &bytes)
    }

    mutating func list(_ name: StaticString, _ texts: [String], to bytes: inout [UInt8]) {
        self.name(name, to: &bytes)
        bytes.append(UInt8(ascii: "["))
        var isFirst = true
        for text in texts {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            JSONText.append(text, to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// A list whose elements are written one after the other.
    mutating func list<Element>(
        _ name: StaticString, _ elements: [Element], to bytes: inout [UInt8],
        _ write: (Element, inout [UInt8]) -> Void
    ) {
        self.name(name, to: &bytes)
        bytes.append(UInt8(ascii: "["))
        var isFirst = true
        for element in elements {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            write(element, &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private static func appendNull(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "null".utf8)
    }
}
