/// One attribute (Jaeger's tag) of a span, resource, scope, event or link.
public struct Attribute: Hashable, Sendable {
    public var key: String
    public var value: AttributeValue

    public init(_ key: String, _ value: AttributeValue) {
        self.key = key
        self.value = value
    }
}

/// What an attribute holds: the kinds of OpenTelemetry's `AnyValue`.
///
/// Doubles are compared by their bits, so that equal copies stay equal where one is NaN.
public enum AttributeValue: Sendable {
    case string(String)
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case bytes([UInt8])
    case array([AttributeValue])
    case map([Attribute])
    /// A value without content, which OpenTelemetry allows.
    case empty
}

extension AttributeValue: Hashable {
    public static func == (left: AttributeValue, right: AttributeValue) -> Bool {
        switch (left, right) {
        case (.string(let left), .string(let right)): left == right
        case (.bool(let left), .bool(let right)): left == right
        case (.int(let left), .int(let right)): left == right
        case (.double(let left), .double(let right)): left.bitPattern == right.bitPattern
        case (.bytes(let left), .bytes(let right)): left == right
        case (.array(let left), .array(let right)): left == right
        case (.map(let left), .map(let right)): left == right
        case (.empty, .empty): true
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .string(let text): hasher.combine(text)
        case .bool(let flag): hasher.combine(flag)
        case .int(let number): hasher.combine(number)
        case .double(let number): hasher.combine(number.bitPattern)
        case .bytes(let bytes): hasher.combine(bytes)
        case .array(let elements): hasher.combine(elements)
        case .map(let attributes): hasher.combine(attributes)
        case .empty: hasher.combine(0)
        }
    }
}

extension [Attribute] {
    /// The value of the first attribute of this name.
    public subscript(key: String) -> AttributeValue? { first { $0.key == key }?.value }
}
