/// The text that takes the place of a match, as Go's `regexp` expands it: `$1` and `${name}` stand
/// for groups, `$$` for a dollar, and a dollar before anything else for itself.
struct ReplacementText {
    let template: String

    /// The text for a match: `number` finds the group of a name, `group` the bytes of a group's
    /// match, nil for groups that there are none of or that took no part.
    func expanded(
        number: (String) -> Int?, group: (Int) -> ArraySlice<UInt8>?
    ) -> [UInt8] {
        var result: [UInt8] = []
        var rest = template[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar].utf8
            rest = rest[dollar...].dropFirst()
            if rest.first == "$" {
                result.append(UInt8(ascii: "$"))
                rest = rest.dropFirst()
                continue
            }
            guard let (name, behind) = Self.groupName(rest) else {
                result.append(UInt8(ascii: "$"))
                continue
            }
            rest = behind
            if let found = Self.groupNumber(name) ?? number(String(name)), let bytes = group(found)
            {
                result += bytes
            }
        }
        return result + Array(rest.utf8)
    }

    /// A number with a zero in front is a name.
    private static func groupNumber(_ name: Substring) -> Int? {
        guard name.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }),
            name == "0" || name.first != "0"
        else { return nil }
        return Int(name)
    }

    private static func groupName(_ text: Substring) -> (name: Substring, rest: Substring)? {
        let isBraced = text.first == "{"
        let start = isBraced ? text.dropFirst() : text
        let name = start.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        guard !name.isEmpty else { return nil }
        let rest = start[name.endIndex...]
        guard isBraced else { return (name, rest) }
        return rest.first == "}" ? (name, rest.dropFirst()) : nil
    }
}
