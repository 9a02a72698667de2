import Meshes
import Testing

@Suite("Drawings") struct DrawingTests {
    private static let hostile = [
        "\"]; evil [label=\"", "a\\", "\\\"", "a\nb", "end", "<script>alert(1)</script>", "a|b",
        "#quot;", "\u{202E}abc", "\u{0}", "]] --> x", "%% comment", "`x`", "ключ", "a;b",
        String(repeating: "x", count: 100_000),
    ]

    private func map(_ name: String, box: GraphBox = .namespace) -> ServiceMap {
        var ledger = CallLedger(clusters: ["eu-1", name], missing: ["us-1": "refused: \(name)"])
        ledger.add(
            CallReport(
                source: CallEnd(cluster: "eu-1", namespace: name, workload: "web", app: "web"),
                destination: CallEnd(
                    cluster: name, namespace: "shop", workload: name, app: name, service: name),
                reporter: .source, reportedBy: "eu-1", dialect: .istio,
                measure: .http(code: 500, flags: "-"), rate: 12.3456))
        return ledger.map(GraphShape(box: box)).map
    }

    /// The text without what stands in quotation marks; nil if some are left open.
    private func unquoted(_ text: String, escape: Character?) -> String? {
        var outside = ""
        var isQuoted = false
        var isEscaped = false
        for character in text {
            if isEscaped {
                isEscaped = false
            } else if isQuoted, character == escape {
                isEscaped = true
            } else if character == "\"" {
                isQuoted.toggle()
            } else if !isQuoted {
                outside.append(character)
            }
        }
        return isQuoted ? nil : outside
    }

    @Test("No name leaves its quotation marks in Graphviz", arguments: hostile)
    func graphvizQuotesNames(name: String) {
        let plain = unquoted(map("plain").graphviz, escape: "\\")
        #expect(plain != nil)
        // Names may change the order of nodes, so lines are compared as a set.
        let lines = unquoted(map(name).graphviz, escape: "\\")?.split(separator: "\n").sorted()
        #expect(lines == plain?.split(separator: "\n").sorted())
    }

    @Test("No name leaves its quotation marks in Mermaid", arguments: hostile)
    func mermaidQuotesNames(name: String) {
        let text = map(name).mermaid
        #expect(
            text.split(separator: "\n").count == map("plain").mermaid.split(separator: "\n").count)
        let plain = unquoted(map("plain").mermaid, escape: nil)
        let lines = unquoted(text, escape: nil)?.split(separator: "\n").sorted()
        #expect(lines == plain?.split(separator: "\n").sorted())
        #expect(!text.contains("<script"))
    }

    @Test("A name of a megabyte is cut")
    func longNamesAreCut() {
        let name = String(repeating: "x", count: 1_000_000)
        #expect(map(name).graphviz.utf8.count < 5_000)
        #expect(map(name).mermaid.utf8.count < 5_000)
    }

    @Test("Graphviz draws clusters, rates, errors, percentiles, and what is missing dashed")
    func graphviz() {
        var map = shop()
        map.edges[0].latency = ServiceMap.Edge.Latency(p95: 123.4)
        #expect(
            map.graphviz == """
                digraph mesh {
                  rankdir=LR;
                  graph [fontname="sans-serif", style="rounded"];
                  node [fontname="sans-serif", shape=box, style="rounded"];
                  edge [fontname="sans-serif", fontsize=10];
                  subgraph cluster_0 {
                    label="eu-1";
                    style="rounded";
                    n0 [label="cart\\nshop", shape=ellipse, style="rounded", color="#c62828"];
                  }
                  subgraph cluster_1 {
                    label="us-1\\nmissing: timed out";
                    style="rounded,dashed";
                    n1 [label="stock\\nshop", shape=box, style="rounded,dashed", color="#c62828"];
                  }
                  n0 -> n1 [label="10 req/s\\n20 % errors\\np95 123 ms", style=dashed, \
                color="#c62828", penwidth=2];
                }

                """)
    }

    @Test("Mermaid draws the same")
    func mermaid() {
        #expect(
            shop().mermaid == """
                flowchart LR
                  subgraph b0["eu-1"]
                    n0("cart<br/>shop"):::failing
                  end
                  subgraph b1["us-1<br/>missing: timed out"]
                    n1["stock<br/>shop"]:::missing
                  end
                  n0 -.->|"10 req/s<br/>20 % errors"| n1
                  classDef missing stroke-dasharray: 5 5
                  classDef healthy stroke:#2e7d32
                  classDef degraded stroke:#b26a00
                  classDef failing stroke:#c62828
                  classDef idle stroke:#9e9e9e
                  classDef unknown stroke:#546e7a
                  class b1 missing

                """)
    }

    private func shop() -> ServiceMap {
        var ledger = CallLedger(clusters: ["eu-1", "us-1"], missing: ["us-1": "timed out"])
        for (code, rate) in [(200, 8.0), (500, 2.0)] {
            ledger.add(
                CallReport(
                    source: CallEnd(
                        cluster: "eu-1", namespace: "shop", workload: "cart", app: "cart"),
                    destination: CallEnd(
                        cluster: "us-1", namespace: "shop", workload: "stock", app: "stock",
                        service: "stock"),
                    reporter: .source, reportedBy: "eu-1", dialect: .istio,
                    measure: .http(code: code, flags: "-"), rate: rate))
        }
        return ledger.map(GraphShape()).map
    }
}
