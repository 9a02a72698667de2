import TimeSeries

/// Which calls are asked for: those that fit any of the alternatives; all where there is none.
///
/// What a dialect has no label for is not asked away: answers are filtered again.
public struct CallScope: Hashable, Sendable {
    public var alternatives: [Alternative]

    /// Both ends' conditions.
    public struct Alternative: Hashable, Sendable {
        public var source: End?
        public var destination: End?

        public init(source: End? = nil, destination: End? = nil) {
            self.source = source
            self.destination = destination
        }
    }

    /// What an end is to be. Nil is any.
    public struct End: Hashable, Sendable {
        public var namespace: String?
        /// Any of these; any name where there is none.
        public var names: Set<String>
        /// Whether some of the names are those of workloads.
        public var namesWorkloads = false

        public init(namespace: String? = nil, name: String? = nil) {
            self.namespace = namespace
            names = name.map { [$0] } ?? []
        }

        public init(_ service: ServiceName) {
            self.init(namespace: service.namespace, name: service.name)
        }
    }

    public init(_ alternatives: [Alternative] = []) { self.alternatives = alternatives }
}

extension CallScope.End {
    /// The conditions, each a list of matchers, of which series have to meet any one; empty where
    /// the labels can express none.
    func conditions(on labels: EndLabels) -> [[String]] {
        var space: [String] = []
        if let namespace, let label = labels.asksNamespace {
            space = ["\(label)=\(GoText.quoted(namespace))"]
        }
        guard !names.isEmpty else { return space.isEmpty ? [] : [space] }
        let ordered = names.sorted()
        let asked = labels.asksName + (namesWorkloads ? labels.asksWorkload : [])
        var named = asked.map { [Matcher.text($0, oneOf: ordered)] }
        let pattern = EnvoyClusterName.pattern(names: ordered, namespace: namespace)
        named += labels.upstream.map { ["\($0)=~\(GoText.quoted(pattern))"] }
        guard !named.isEmpty else { return space.isEmpty ? [] : [space] }
        return named.map { $0 + space }
    }

    /// Whether the end is one of these.
    public func matches(namespace: String, names: [String]) -> Bool {
        if let wanted = self.namespace, wanted != namespace { return false }
        return self.names.isEmpty || names.contains(where: self.names.contains)
    }
}

extension EnvoyClusterName {
    /// What matches the names of the clusters that lead to any of these services:
    /// `outbound|80||cart.shop.svc…`, `cart.shop.dc1.internal….consul`, and `cart`.
    static func pattern(names: [String], namespace: String?) -> String {
        let all = names.map(Matcher.escaped)
        let name = all.count == 1 ? all[0] : "(" + all.joined(separator: "|") + ")"
        let space = namespace.map(Matcher.escaped) ?? "[^.]+"
        return #"(outbound\|[^|]*\|[^|]*\||(.*[.~])?)"# + name + #"(\."# + space + #"\..+)?"#
    }
}

extension Matcher {
    /// What means something in a pattern.
    private static let mean = Array(#"\.+*?()|[]{}^$"#.utf8)

    /// The text with a backslash before all that means something in a pattern.
    public static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: Self.mean.contains) else { return text }
        var escaped: [UInt8] = []
        escaped.reserveCapacity(text.utf8.count + 4)
        for byte in text.utf8 {
            if mean.contains(byte) { escaped.append(UInt8(ascii: "\\")) }
            escaped.append(byte)
        }
        return String(decoding: escaped, as: UTF8.self)
    }

    /// The condition that a label has one of the values, as PromQL writes it.
    static func text(_ label: String, oneOf values: [String]) -> String {
        guard values.count != 1, let first = values.first else {
            return "\(label)=\(GoText.quoted(values.first ?? ""))"
        }
        let rest = values.dropFirst().map { "|" + escaped($0) }.joined()
        return "\(label)=~\(GoText.quoted(escaped(first) + rest))"
    }
}
