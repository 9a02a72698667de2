/// A certificate as OpenSSL prints it for libcurl: lines of a name, a colon and a value.
struct CertificateText {
    private var fields: [String: String] = [:]

    init(_ lines: [String]) {
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let name = line[..<colon].lowercased()
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            // Of two the first is the certificate's own.
            if fields[name] == nil { fields[name] = String(value) }
        }
    }

    /// Seconds since the Unix epoch.
    var begin: Int64? { fields["start date"].flatMap(Self.seconds) }
    var end: Int64? { fields["expire date"].flatMap(Self.seconds) }
    var serial: SerialNumber? { fields["serial number"].flatMap { SerialNumber(hexadecimal: $0) } }
    var issuer: String? { fields["issuer"].map(Self.commonName) }

    /// The identity in the mesh, or the name.
    var subject: String {
        alternatives.first { $0.kind == "URI" && $0.value.hasPrefix("spiffe://") }?.value
            ?? fields["subject"].map(Self.commonName) ?? ""
    }

    var isSelfSigned: Bool {
        guard let subject = fields["subject"], let issuer = fields["issuer"] else { return false }
        return subject == issuer && !subject.isEmpty
    }

    /// A workload's where it bears an identity of a mesh.
    var leafKind: Certificate.Kind {
        alternatives.contains { $0.kind == "URI" && $0.value.hasPrefix("spiffe://") }
            ? .workload : .server
    }

    /// What it is for; the common name where there is nothing else, as of old.
    var names: [String] {
        let names = alternatives.filter { $0.kind != "URI" }.map(\.value)
        if !names.isEmpty || !alternatives.isEmpty { return names }
        return fields["subject"].map { [Self.commonName($0)] } ?? []
    }

    /// Whether it is for the name. One that bears an identity alone is for no name; a mesh does not
    /// look at names.
    func isFor(host: String) -> Bool {
        if names.isEmpty { return leafKind == .workload }
        let host = host.lowercased()
        return names.contains { Self.matches($0.lowercased(), host) }
    }

    /// A star stands for one label, the first (RFC 6125).
    private static func matches(_ name: String, _ host: String) -> Bool {
        if name == host { return true }
        guard name.hasPrefix("*."), let dot = host.firstIndex(of: "."), dot != host.startIndex
        else { return false }
        return host[dot...] == name.dropFirst()
    }

    private var alternatives: [(kind: String, value: String)] {
        let field = fields.first { $0.key.hasSuffix("subject alternative name") }
        guard let field else { return [] }
        return field.value.split(separator: ",").compactMap { part in
            let text: Substring = part.drop { $0 == " " || $0 == "\n" }
            guard let colon = text.firstIndex(of: ":") else { return nil }
            return (String(text[..<colon]), String(text[text.index(after: colon)...]))
        }
    }

    /// `CN` of `CN = shop, O = us` or of `O=us, CN=shop`; all of it where there is none.
    private static func commonName(_ name: String) -> String {
        for part in name.split(whereSeparator: { $0 == "," || $0 == "/" }) {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, trimmed(pair[0]) == "CN" else { continue }
            return trimmed(pair[1])
        }
        return name
    }

    private static func trimmed(_ text: Substring) -> String {
        let begin = text.drop { $0 == " " }
        return String(begin.reversed().drop { $0 == " " }.reversed())
    }

    /// `May  2 10:59:53 2024 GMT`, or `2024-05-02 10:59:53 GMT`.
    private static func seconds(_ text: String) -> Int64? {
        let parts = text.split { $0 == " " || $0 == "T" }.map(String.init)
        if parts.count >= 4, let month = months.firstIndex(of: parts[0]) {
            return time(year: parts[3], month: String(month + 1), day: parts[1], clock: parts[2])
        }
        guard parts.count >= 2 else { return nil }
        let date = parts[0].split(separator: "-").map(String.init)
        guard date.count == 3 else { return nil }
        let clock = parts[1].hasSuffix("Z") ? String(parts[1].dropLast()) : parts[1]
        return time(year: date[0], month: date[1], day: date[2], clock: clock)
    }

    private static func time(year: String, month: String, day: String, clock: String) -> Int64? {
        func padded(_ text: String) -> String { text.utf8.count == 1 ? "0" + text : text }
        return RecordedTime.seconds("\(year)-\(padded(month))-\(padded(day))T\(clock)Z")
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
