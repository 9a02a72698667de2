import CRE2

/// A regular expression in RE2's dialect, which is PromQL's: linear time, always anchored at both
/// ends, and a dot matches a newline too (as in Prometheus 3).
public final class Pattern: Sendable {
    /// The pattern's text.
    public let text: String
    // RE2 objects are documented as safe for use by several threads at once.
    private nonisolated(unsafe) let compiled: OpaquePointer

    /// Why a text is no pattern.
    public struct Failure: Error, Hashable {
        /// What is wrong, in Go's words for the same mistake (`missing closing )`).
        public let reason: String
        /// The part of the pattern that is wrong.
        public let part: String
    }

    /// Compiles `text`.
    public init(_ text: String) throws(Failure) {
        self.text = text
        var copy = text
        guard
            let made = copy.withUTF8({ bytes in
                bytes.withMemoryRebound(to: CChar.self) {
                    isthmus_re2_make($0.baseAddress, $0.count)
                }
            })
        else { preconditionFailure("RE2 gives an object for every text") }
        compiled = made
        if let error = isthmus_re2_error(made) {
            let reason = String(cString: error)
            let part = String(cString: isthmus_re2_error_argument(made))
            // The object is complete by now, so its end frees `made`, thrown or not.
            // RE2 puts the part behind a colon; Go's parser, whose words users know, quotes it.
            let words = reason.split(separator: ":").first.map(String.init) ?? reason
            throw Failure(reason: Self.wordsOfGo[words] ?? words, part: part)
        }
    }

    /// RE2's words for a mistake, and Go's where they differ.
    private static let wordsOfGo = [
        "missing )": "missing closing )",
        "missing ]": "missing closing ]",
        "no argument for repetition operator": "missing argument to repetition operator",
        "invalid repetition size": "invalid repeat count",
        "bad repetition operator": "invalid nested repetition operator",
        "invalid perl operator": "invalid or unsupported Perl syntax",
        "invalid named capture group": "invalid named capture",
        #"trailing \"#: "trailing backslash at end of expression",
    ]

    deinit { isthmus_re2_free(compiled) }

    /// Whether the whole of `value` matches.
    public func matches(_ value: String) -> Bool {
        var copy = value
        return copy.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                isthmus_re2_matches(compiled, $0.baseAddress, $0.count)
            }
        }
    }

    /// The groups of a match of the whole of `value`, the match itself first; nil where it does
    /// not match. A group that took no part is empty.
    public func groups(in value: String) -> [String]? {
        let count = Int(isthmus_re2_group_count(compiled)) + 1
        var spans = [Int](repeating: -1, count: 2 * count)
        var copy = value
        return copy.withUTF8 { bytes -> [String]? in
            let matched = bytes.withMemoryRebound(to: CChar.self) {
                isthmus_re2_groups(compiled, $0.baseAddress, $0.count, &spans, Int32(count))
            }
            guard matched else { return nil }
            return (0..<count).map { group in
                let offset = spans[2 * group]
                guard offset >= 0 else { return "" }
                return String(
                    decoding: bytes[offset..<offset + spans[2 * group + 1]], as: UTF8.self)
            }
        }
    }

    /// The leftmost match in a text of UTF-8 that begins at `start` or behind it: the bytes of the
    /// match, then of its groups, nil for a group that took no part. Nil where there is no match.
    public func search(_ text: [UInt8], from start: Int) -> [Range<Int>?]? {
        guard start <= text.count else { return nil }
        let count = Int(isthmus_re2_group_count(compiled)) + 1
        var spans = [Int](repeating: -1, count: 2 * count)
        // An empty array has no address, and RE2 wants one.
        let isFound = (text + [0]).withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                isthmus_re2_search(
                    compiled, $0.baseAddress, text.count, start, &spans, Int32(count))
            }
        }
        guard isFound else { return nil }
        return (0..<count).map { group in
            let offset = spans[2 * group]
            return offset < 0 ? nil : offset..<offset + spans[2 * group + 1]
        }
    }

    /// The number of the group called `name`, or nil.
    public func group(named name: String) -> Int? {
        var copy = name
        let number = copy.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                isthmus_re2_group_named(compiled, $0.baseAddress, $0.count)
            }
        }
        return number < 0 ? nil : Int(number)
    }

    /// `text` as a pattern that matches only itself.
    public static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if "\\.+*?()|[]{}^$".unicodeScalars.contains(scalar) { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
        return result
    }
}
