import HTTPTypes
import PrometheusAPI

// The paths of Prometheus's own pages. Alerts name one as their `generatorURL`, and what else shows
// alerts or queries links to them; each leads to the view of the page that shows the same.

extension Handlers {
    // `/graph` and `/query`: as Prometheus 2 and 3 write what the first of their panels shows.
    func queryLink(_ call: Call) -> Answer {
        PageLink.answer(
            to: "query",
            [
                ("expr", call["g0.expr"]),
                ("tab", PageLink.tab(call["g0.tab"])),
                ("range", call["g0.range_input"].flatMap(PageLink.duration)),
                (
                    "end",
                    (call["g0.end_input"] ?? call["g0.moment_input"]).flatMap(PageLink.seconds)
                ),
            ])
    }

    // `/alerts`
    func alertsLink(_ call: Call) -> Answer {
        PageLink.answer(to: "alerts", [("q", call["search"])])
    }

    // `/rules`
    func rulesLink(_ call: Call) -> Answer {
        PageLink.answer(to: "alerts", [("tab", "rules"), ("q", call["search"])])
    }

    // `/targets`: what the gateway asks are its clusters.
    func targetsLink(_: Call) -> Answer { PageLink.answer(to: "", []) }
}

/// An address of the page, as the page itself writes it: `#/query?expr=up`.
private enum PageLink {
    /// Leads to a view. The address is relative to the path that was asked for, so that it is right
    /// below whatever prefix a proxy has put before it.
    static func answer(to view: String, _ parameters: [(name: String, value: String?)]) -> Answer {
        let texts = parameters.compactMap { name, value -> String? in
            guard let value, !value.isEmpty else { return nil }
            return "\(name)=\(PercentEncoding.encoded(value))"
        }
        var address = "./#/\(view)"
        if !texts.isEmpty { address += "?" + texts.joined(separator: "&") }
        var answer = Answer(text: "It is at \(address)\n")
        answer.status = .found
        answer.headers[.location] = address
        return answer
    }

    /// The page's tab for one of Prometheus's, which are numbers in older links; nil for the table.
    static func tab(_ text: String?) -> String? {
        switch text {
        case "0", "graph": "plot"
        case "explain", "tree": "explain"
        default: nil
        }
    }

    /// Nil where the text is no duration.
    static func duration(_ text: String) -> String? {
        APIDuration.parse(text).flatMap { $0 > 0 ? text : nil }
    }

    /// Seconds since the Unix epoch of a time as those links write it, `2026-01-31 12:00:00`, which
    /// is UTC and may lack the seconds; nil where it is none.
    static func seconds(_ text: String) -> String? {
        let parts = text.split(separator: " ")
        guard parts.count == 2 else { return nil }
        let hasSeconds = parts[1].split(separator: ":").count == 3
        let clock = hasSeconds ? String(parts[1]) : "\(parts[1]):00"
        return APITime.parse("\(parts[0])T\(clock)Z").map { String($0 / 1000) }
    }
}
