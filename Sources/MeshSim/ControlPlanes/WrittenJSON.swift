/// JSON to be written, its members in the order in which they are given.
enum WrittenJSON: Sendable {
    case text(String)
    case number(Int)
    case flag(Bool)
    case null
    case list([WrittenJSON])
    case members([(name: String, value: WrittenJSON)])

    /// As it is sent.
    var bytes: [UInt8] {
        var json = JSONText()
        write(to: &json)
        return json.bytes
    }

    private func write(to json: inout JSONText) {
        switch self {
        case .text(let text): json.string(text)
        case .number(let number): json.raw(String(number))
        case .flag(let flag): json.raw(flag ? "true" : "false")
        case .null: json.raw("null")
        case .list(let elements): json.array(elements) { $1.write(to: &$0) }
        case .members(let members):
            json.raw("{")
            for (index, member) in members.enumerated() {
                if index > 0 { json.raw(",") }
                json.key(member.name)
                member.value.write(to: &json)
            }
            json.raw("}")
        }
    }
}

extension WrittenJSON: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral text: String) { self = .text(text) }
    init(booleanLiteral flag: Bool) { self = .flag(flag) }
    init(integerLiteral number: Int) { self = .number(number) }
    init(arrayLiteral elements: WrittenJSON...) { self = .list(elements) }
    init(dictionaryLiteral members: (String, WrittenJSON)...) {
        self = .members(members.map { (name: $0.0, value: $0.1) })
    }
}
