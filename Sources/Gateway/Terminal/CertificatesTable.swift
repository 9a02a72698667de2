import PrometheusAPI

/// An answer of `/mesh/v1/certificates`, for people.
struct CertificatesTable {
    private let data: JSONValue
    private let certificates: [JSONValue]
    private let terminal: Terminal

    /// Nil where the data is about something else.
    init?(_ data: JSONValue, _ terminal: Terminal) {
        guard let certificates = data["certificates"]?.array else { return nil }
        self.data = data
        self.certificates = certificates
        // Names and reasons are worth more than short lines.
        self.terminal = Terminal(width: nil, height: nil, hasColours: terminal.hasColours)
    }

    /// Whether any, shown or not, is critical or has ended.
    var isLate: Bool { count("critical") + count("expired") > 0 }

    var text: String {
        guard !certificates.isEmpty else { return "no certificate is known\n" + summary }
        let columns: [TextTable.Column] = [
            .init("severity"), .init("left", isRightAligned: true), .init("ends"),
            .init("cluster"), .init("mesh"), .init("kind"), .init("subject"), .init("instance"),
            .init("from"), .init("why"),
        ]
        let colours = certificates.map { LineColour.of(state: $0["severity"]?.string ?? "") }
        return TextTable(columns: columns, rows: certificates.map(row))
            .text(terminal, colours: colours) + summary
    }

    private func row(_ certificate: JSONValue) -> [String] {
        let names = ["cluster", "mesh", "kind", "subject", "instance", "source"]
        let isWell = certificate["severity"]?.string == "ok"
        let cells =
            [certificate["severity"]?.string ?? "", left(certificate), end(certificate)]
            + names.map { certificate[$0]?.string ?? "" }
            + [isWell ? "" : certificate["why"]?.string ?? ""]
        return cells.map(TerminalText.safe)
    }

    /// `12d`, `5h`, `-3m`.
    private func left(_ certificate: JSONValue) -> String {
        guard let seconds = certificate["remainingSeconds"]?.double,
            let whole = Int64(exactly: seconds.rounded())
        else { return SignalText.unknown }
        let sign = whole < 0 ? "-" : ""
        for (size, unit) in [(86_400, "d"), (3600, "h"), (60, "m")] as [(UInt64, String)]
        where whole.magnitude >= 2 * size {
            return "\(sign)\(whole.magnitude / size)\(unit)"
        }
        return "\(sign)\(whole.magnitude)s"
    }

    /// The time at the latest, `≤` before it where it may be earlier.
    private func end(_ certificate: JSONValue) -> String {
        guard let seconds = certificate["expiry"]?.double,
            let milliseconds = Int64(exactly: (seconds * 1000).rounded())
        else { return SignalText.unknown }
        let isExact = certificate["expiryEarliest"]?.double == seconds
        return (isExact ? "" : "≤") + APITime.text(milliseconds)
    }

    private func count(_ severity: String) -> Int {
        Int(data["totals"]?["severities"]?[severity]?.double ?? 0)
    }

    /// `5 certificates: 1 expired, 4 ok; 3 shown (see --top); as of 2026-01-02T03:04:05Z`.
    private var summary: String {
        let all = Int(data["totals"]?["certificates"]?.double ?? 0)
        let words = ["expired", "critical", "warning", "unknown", "ok"].filter { count($0) > 0 }
            .map { "\(count($0)) \($0)" }
        var text = all == 1 ? "1 certificate" : "\(all) certificates"
        if !words.isEmpty { text += ": \(words.joined(separator: ", "))" }
        if certificates.count < all { text += "; \(certificates.count) shown (see --top)" }
        return "\n\(text)\(ControlPlaneTable.time(data))\n"
    }
}
