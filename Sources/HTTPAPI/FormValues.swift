/// The parameters of a request, read as Go's `ParseForm` reads them: the form in the body first,
/// then the query string; a name may stand several times.
struct FormValues: Sendable {
    /// The values of each name in their order.
    private var values: [String: [String]] = [:]
    private var count = 0
    /// Why part of the text was left out, in Go's words; nil where all of it was read. Routes that
    /// Prometheus makes strict about it say so, the others read what is there.
    private(set) var mistake: String?
    /// The first name whose value is not UTF-8.
    private(set) var nameOfInvalidText: String?

    /// More parameters than this are left out, and said to be a mistake.
    static let maximumCount = 10_000

    init() {}

    init(body: some Collection<UInt8>, query: some Collection<UInt8>) {
        read(body)
        read(query)
    }

    var names: Set<String> { Set(values.keys) }

    /// All values of the name.
    subscript(all name: String) -> [String] { values[name] ?? [] }

    /// The first value of the name.
    subscript(_ name: String) -> String? { values[name]?.first }

    private mutating func read(_ text: some Collection<UInt8>) {
        for pair in text.split(separator: UInt8(ascii: "&")) {
            if pair.contains(UInt8(ascii: ";")) {
                note("invalid semicolon separator in query")
                continue
            }
            if count == Self.maximumCount {
                note("more than \(Self.maximumCount) parameters")
                return
            }
            count += 1
            let equals = pair.firstIndex(of: UInt8(ascii: "="))
            let name = PercentEncoding.decoded(pair[..<(equals ?? pair.endIndex)], isForm: true)
            let value = PercentEncoding.decoded(
                equals.map { pair[pair.index(after: $0)...] } ?? pair[pair.endIndex...],
                isForm: true)
            add(name, value)
        }
    }

    private mutating func add(
        _ name: Result<[UInt8], PercentEncoding.Mistake>,
        _ value: Result<[UInt8], PercentEncoding.Mistake>
    ) {
        do {
            let nameBytes = try name.get()
            let valueBytes = try value.get()
            let name = String(decoding: nameBytes, as: UTF8.self)
            if let text = String(validating: valueBytes, as: UTF8.self) {
                values[name, default: []].append(text)
            } else if nameOfInvalidText == nil {
                nameOfInvalidText = name
            }
        } catch {
            note("invalid URL escape \"\(error.text)\"")
        }
    }

    private mutating func note(_ text: String) {
        if mistake == nil { mistake = text }
    }
}

/// `%41` for `A`.
enum PercentEncoding {
    /// A percent sign without two hexadecimal digits behind it.
    struct Mistake: Error {
        /// The sign and what stands in the digits' place.
        var text: String
    }

    /// The bytes that the text stands for; in a form a plus sign is a space.
    static func decoded(
        _ text: some Collection<UInt8>, isForm: Bool
    ) -> Result<[UInt8], Mistake> {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text[...]
        while let byte = rest.first {
            rest = rest.dropFirst()
            switch byte {
            case UInt8(ascii: "%"):
                let digits = rest.prefix(2)
                guard digits.count == 2, let high = digits.first.flatMap(hexadecimal),
                    let low = digits.dropFirst().first.flatMap(hexadecimal)
                else {
                    return .failure(
                        Mistake(text: "%" + String(decoding: digits, as: UTF8.self)))
                }
                bytes.append(high << 4 | low)
                rest = rest.dropFirst(2)
            case UInt8(ascii: "+") where isForm: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return .success(bytes)
    }

    /// The text with every byte escaped that is not a letter, a digit or one of `-._~`.
    static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes.append(UInt8(ascii: "%"))
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 0xf)])
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func hexadecimal(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
