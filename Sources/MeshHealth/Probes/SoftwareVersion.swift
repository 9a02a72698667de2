/// A version as meshes write them: `1.24.2`, `edge-24.11.3`, `1.20.0-<commit>-Clean`,
/// `<commit>/1.32.1/Clean/RELEASE/BoringSSL`.
public struct SoftwareVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var major: Int
    public var minor: Int
    public var patch: Int
    /// What stands before the numbers: `edge`, `stable`; empty for most.
    public var channel: String
    /// What stands behind them: `alpha.1`; empty for a release.
    public var suffix: String

    public init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
        self.major = major
        self.minor = minor
        self.patch = patch
        channel = ""
        suffix = ""
    }

    /// Nil where the text has no two numbers with a point between.
    public init?(_ text: String) {
        // Of several parts the first counts that looks like a version; a commit does not.
        let parts = text.split { $0 == "/" || $0 == " " || $0 == "\n" || $0 == "\"" }
        guard let version = parts.lazy.compactMap({ Self(part: $0) }).first else { return nil }
        self = version
    }

    private init?(part: Substring) {
        var rest = part
        var channel = ""
        if let first = rest.first, !first.isASCIIDigit {
            if first == "v" || first == "V" {
                rest = rest.dropFirst()
            } else if let dash = rest.firstIndex(of: "-") {
                channel = String(rest[..<dash])
                rest = rest[rest.index(after: dash)...]
            }
        }
        guard let major = Self.number(&rest), rest.first == "." else { return nil }
        rest = rest.dropFirst()
        guard let minor = Self.number(&rest) else { return nil }
        var patch = 0
        if rest.first == "." {
            var further = rest.dropFirst()
            if let number = Self.number(&further) {
                patch = number
                rest = further
            }
        }
        self.init(major, minor, patch)
        self.channel = channel
        suffix = Self.suffix(rest)
    }

    /// Digits at the beginning, which are taken.
    private static func number(_ text: inout Substring) -> Int? {
        let digits = text.prefix { $0.isASCIIDigit }
        guard let number = Int(digits) else { return nil }
        text = text.dropFirst(digits.count)
        return number
    }

    /// Without what builds add: the commit, and whether the tree was clean.
    private static func suffix(_ rest: Substring) -> String {
        guard rest.first == "-" || rest.first == "." else { return "" }
        var parts = rest.dropFirst().split(separator: "-", omittingEmptySubsequences: false)
        if let last = parts.last, ["Clean", "Modified", "Unknown"].contains(String(last)) {
            parts = Array(parts.dropLast(2))
        }
        return parts.joined(separator: "-")
    }

    public static func < (one: SoftwareVersion, other: SoftwareVersion) -> Bool {
        if (one.major, one.minor, one.patch) != (other.major, other.minor, other.patch) {
            return (one.major, one.minor, one.patch) < (other.major, other.minor, other.patch)
        }
        // What comes before a release has a suffix.
        if one.suffix.isEmpty != other.suffix.isEmpty { return !one.suffix.isEmpty }
        return (one.channel, one.suffix) < (other.channel, other.suffix)
    }

    public var description: String {
        (channel.isEmpty ? "" : channel + "-") + "\(major).\(minor).\(patch)"
            + (suffix.isEmpty ? "" : "-" + suffix)
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
