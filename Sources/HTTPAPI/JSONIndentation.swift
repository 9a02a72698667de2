/// Spreads JSON text over lines, as Go's `MarshalIndent` does with four spaces. The text comes in
/// pieces of any length, has no white space between its tokens, and is well written.
struct JSONIndentation: Sendable {
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    /// Whether a bracket has been opened and nothing has come since: `[]` stays on its line.
    private var isFresh = false

    /// The piece with its line breaks.
    mutating func spread(_ piece: some Sequence<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        for byte in piece { add(byte, to: &bytes) }
        return bytes
    }

    private mutating func add(_ byte: UInt8, to bytes: inout [UInt8]) {
        if isInString {
            bytes.append(byte)
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
            }
            return
        }
        switch byte {
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
            depth -= 1
            if !isFresh { breakLine(&bytes) }
            isFresh = false
            bytes.append(byte)
            return
        default: break
        }
        if isFresh { breakLine(&bytes) }
        isFresh = false
        bytes.append(byte)
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            depth += 1
            isFresh = true
        case UInt8(ascii: ","): breakLine(&bytes)
        case UInt8(ascii: ":"): bytes.append(UInt8(ascii: " "))
        default: break
        }
    }

    private func breakLine(_ bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * 4))
    }
}
