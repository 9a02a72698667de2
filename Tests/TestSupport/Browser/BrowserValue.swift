import Foundation

/// A value as it goes to the browser and comes from it: JSON.
package enum BrowserValue: Sendable, Equatable {
    case null
    case boolean(Bool)
    case number(Double)
    case text(String)
    case list([BrowserValue])
    case object([String: BrowserValue])

    /// A member of an object; null for all that has none.
    package subscript(name: String) -> BrowserValue {
        if case .object(let members) = self { members[name] ?? .null } else { .null }
    }

    package var text: String? { if case .text(let text) = self { text } else { nil } }

    package var number: Double? { if case .number(let number) = self { number } else { nil } }

    package var boolean: Bool? { if case .boolean(let isTrue) = self { isTrue } else { nil } }

    /// Empty for all that is no list.
    package var list: [BrowserValue] { if case .list(let values) = self { values } else { [] } }

    /// The texts of a list.
    package var texts: [String] { list.compactMap(\.text) }

    /// As JavaScript writes it.
    package var written: String {
        (try? JSONEncoder().encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
    }
}

extension BrowserValue: Codable {
    package init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let isTrue = try? value.decode(Bool.self) {
            self = .boolean(isTrue)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let values = try? value.decode([BrowserValue].self) {
            self = .list(values)
        } else {
            self = .object(try value.decode([String: BrowserValue].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .null: try value.encodeNil()
        case .boolean(let isTrue): try value.encode(isTrue)
        case .number(let number): try value.encode(number)
        case .text(let text): try value.encode(text)
        case .list(let values): try value.encode(values)
        case .object(let members): try value.encode(members)
        }
    }
}

extension BrowserValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    package init(stringLiteral text: String) { self = .text(text) }

    package init(booleanLiteral isTrue: Bool) { self = .boolean(isTrue) }

    package init(integerLiteral number: Int) { self = .number(Double(number)) }

    package init(floatLiteral number: Double) { self = .number(number) }

    package init(arrayLiteral values: BrowserValue...) { self = .list(values) }

    package init(dictionaryLiteral members: (String, BrowserValue)...) {
        self = .object(Dictionary(members) { $1 })
    }
}
