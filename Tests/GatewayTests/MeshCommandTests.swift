import Foundation
import TestSupport
import Testing

/// `isthmus signals`, `isthmus graph` and `isthmus path`, against a server that answers as it is told to.
@Suite struct MeshCommandTests {
    // MARK: What the server answers

    private static let units =
        #""units":{"requestRate":"requests/s","errorRatio":"ratio","latencyP95":"ms","#
        + #""retryRate":"requests/s","proxyMemory":"bytes","mutualTLSRatio":"ratio"}"#

    private static func subject(
        _ service: String, _ cluster: String?, _ signals: String, missing: String = ""
    ) -> String {
        let cluster = cluster.map { "\"\($0)\"" } ?? "null"
        return #"{"kind":"service","cluster":\#(cluster),"namespace":"shop","#
            + #""service":"\#(service)","source":null,"destination":null,"#
            + #""dialects":["istio","linkerd"],"missing":[\#(missing)],"signals":{\#(signals)},"#
            + #""mutualTLS":{"ratio":1,"principals":{"source":[],"destination":[]},"#
            + #""trustDomains":["cluster.local"]}}"#
    }

    private static func signals(
        _ subjects: [String], times: String = #""start":60,"end":60,"step":null"#
    )
        -> String
    {
        #"{"status":"success","data":{\#(times),"window":300,\#(units),"#
            + #""subjects":[\#(subjects.joined(separator: ","))],"clusters":["#
            + #"{"cluster":"ap-1","dialects":[],"recorded":null,"missing":"connection refused"}],"#
            + #""queries":[{"signal":"requestRate","query":"sum(a)","clusters":["eu-1","us-1"]}]},"#
            + #""warnings":["cluster ap-1 is missing: connection\u001b refused"]}"#
    }

    private static let overview = signals([
        subject(
            "cart", nil,
            #""requestRate":{"value":1234.5},"errorRatio":{"value":0},"#
                + #""latencyP95":{"value":12.34},"retryRate":{"value":null}"#,
            missing: #""ap-1""#),
        subject(
            "cart", "eu-1",
            #""requestRate":{"value":0.5},"errorRatio":{"value":0.0125},"#
                + #""latencyP95":{"value":null}"#),
    ])

    private static let details = signals([
        subject(
            "cart", nil,
            #""requestRate":{"value":12,"derivedFrom":"istio_requests_total, destination"},"#
                + #""proxyMemory":{"value":1572864,"derivedFrom":"container_memory"},"#
                + #""retryRate":{"value":null,"because":"no Envoy statistics"}"#,
            missing: #""ap-1""#)
    ])

    private static func map(_ further: String = "") -> String {
        func node(_ cluster: String?, _ name: String, _ kind: String = "service") -> String {
            let place = cluster.map { #""cluster":"\#($0)","namespace":"shop""# }
            let id = (cluster.map { $0 + "/shop/" } ?? "") + name
            return #"{"id":"\#(id)","kind":"\#(kind)","#
                + (place ?? #""cluster":null,"namespace":null"#) + #","name":"\#(name)"}"#
        }
        func edge(
            _ source: String, _ destination: String, _ traffic: String, _ health: String,
            _ further: String
        ) -> String {
            #"{"id":"\#(source)>\#(destination)","source":"\#(source)","#
                + #""destination":"\#(destination)","traffic":{\#(traffic)},"health":"#
                + #"{"status":"\#(health)","because":"20% of requests fail"},\#(further)}"#
        }
        let nodes = [
            node("eu-1", "web"), node("us-1", "cart"), node("us-1", "db"), node(nil, "", "unknown"),
        ]
        let edges = [
            edge(
                "", "eu-1/shop/web", #""requestRate":1500,"errorRatio":0"#, "healthy",
                #""latency":{"p95":3},"mutualTLS":{"ratio":0,"plaintext":true},"incomplete":null"#),
            edge(
                "eu-1/shop/web", "us-1/shop/cart", #""requestRate":10,"errorRatio":0.2"#,
                "failing",
                #""latency":null,"mutualTLS":{"ratio":1},"loss":{"rate":1,"ratio":0.1},"#
                    + #""incomplete":"us-1 did not answer","change":{"kind":"new"}"#),
            edge(
                "us-1/shop/cart", "us-1/shop/db",
                #""requestRate":null,"errorRatio":null,"tcp":{"sentRate":1024,"receivedRate":512}"#,
                "unknown", #""latency":null,"mutualTLS":{"ratio":null},"incomplete":null"#),
        ]
        return #"{"status":"success","data":{"nodes":[\#(nodes.joined(separator: ","))],"#
            + #""edges":[\#(edges.joined(separator: ","))],"#
            + #""totals":{"nodes":4,"edges":9,"shownNodes":4,"shownEdges":3,"requestRate":1510,"#
            + #""errorRatio":0.0013},"criticalEdges":["eu-1/shop/web>us-1/shop/cart"],"#
            + #""clusters":[{"cluster":"us-1","missing":"timeout"}]},"#
            + #""warnings":["cluster us-1 is missing: timeout"]}"#
    }

    // MARK: Signals

    @Test func servicesAreListedSideBySide() async throws {
        let (result, asked) = try await IsthmusCommand.run(["signals"], body: Self.overview)
        #expect(
            IsthmusCommand.lines(result.output) == [
                "service cluster requests/s errors p95 missing",
                "shop/cart all 1.23k 0% 12.3ms ap-1",
                "shop/cart eu-1 0.5 1.25% -",
            ])
        #expect(
            result.errors.hasPrefix(
                "warning: cluster ap-1 is missing: connection\\u{1b} refused\n"))
        #expect(result.status == 0)
        #expect(asked == ["/mesh/v1/signals?by=service"])
    }

    @Test func whoeverSeesAPartIsToldOfTheRest() async throws {
        let body = Self.overview.replacingOccurrences(
            of: #""subjects":["#, with: #""totals":{"subjects":900,"shown":1},"subjects":["#)
        let (result, asked) = try await IsthmusCommand.run(["signals", "--top", "1"], body: body)
        #expect(
            result.errors.hasPrefix(
                "shown: 1 of 900 services, those with the most requests (--top)\n"))
        #expect(asked == ["/mesh/v1/signals?by=service&top=1"])
        let (refused, none) = try await IsthmusCommand.run(
            ["signals", "--by", "mesh", "--top", "1"], body: body)
        #expect(refused.status != 0)
        #expect(none.isEmpty)
    }

    @Test func oneServiceIsToldInFull() async throws {
        let (result, asked) = try await IsthmusCommand.run(
            ["signals", "shop/cart", "--cluster", "eu-1,us-1", "--window", "1m", "--explain"],
            body: Self.details)
        #expect(
            IsthmusCommand.lines(result.output) == [
                "shop/cart",
                "signal unit all from",
                "requestRate requests/s 12 istio_requests_total, destination",
                "proxyMemory bytes 1.5MiB container_memory",
                "not known: retryRate (no Envoy statistics)",
                "all: told by istio, linkerd; trust domains cluster.local; without ap-1",
            ])
        #expect(result.errors.contains("asked: requestRate  eu-1,us-1  sum(a)\n"))
        #expect(
            asked == [
                "/mesh/v1/signals?cluster=eu-1,us-1&service=shop/cart&by=service&window=1m"
                    + "&explain=true"
            ])
    }

    @Test func aSignalOverTimeIsPlotted() async throws {
        let values = #""latencyP95":{"value":3,"values":[[0,1],[60,null],[120,3]]}"#
        let body = Self.signals(
            [Self.subject("cart", nil, values), Self.subject("cart", "eu-1", values)],
            times: #""start":0,"end":120,"step":60"#)
        let arguments = [
            "signals", "cart", "--range", "2m", "--step", "1m", "--end", "120", "--signal",
            "latencyP95",
        ]
        let (plot, asked) = try await IsthmusCommand.run(arguments, body: body)
        #expect(plot.output.hasPrefix("latencyP95, ms\n"))
        #expect(plot.output.contains(#"{cluster="eu-1"}"#))
        #expect(
            asked == ["/mesh/v1/signals?service=cart&by=service&end=120&range=2m&step=1m"])
        let (table, _) = try await IsthmusCommand.run(
            arguments + ["--output", "table"], body: body)
        #expect(
            IsthmusCommand.lines(table.output).suffix(3) == [
                "1970-01-01T00:00:00Z 1 1", "1970-01-01T00:01:00Z", "1970-01-01T00:02:00Z 3 3",
            ])
        let (unknown, _) = try await IsthmusCommand.run(
            Array(arguments.dropLast()) + ["latency"], body: body)
        #expect(unknown.status == 1)
        #expect(
            unknown.errors.hasPrefix("Error: there is no signal latency; there are requestRate,"))
    }

    @Test func theAnswerAboutSignalsIsGivenAsItCame() async throws {
        let (result, asked) = try await IsthmusCommand.run(
            ["signals", "--by", "edge", "--destination", "shop/cart", "--output", "json"],
            body: Self.overview)
        #expect(result.output == Self.overview + "\n")
        #expect(asked == ["/mesh/v1/signals?by=edge&destination=shop/cart"])
    }

    @Test(arguments: [
        (["signals", "--output", "graph"], "is of values over time"),
        (["signals", "--step", "1m"], "--step belongs to a range"),
        (["graph", "--depth", "2"], "--depth is counted from a service"),
        (["path", "shop/cart"], "Missing expected argument '<to>'"),
        (["graph", "--view", "pod"], "--view"), (["signals", "--by", "pod"], "--by"),
    ])
    func whatCannotBeMeantIsNotAsked(_ arguments: [String], _ words: String) async throws {
        let (result, asked) = try await IsthmusCommand.run(arguments, body: "")
        #expect(result.status == 64 && asked == [])
        #expect(result.errors.contains(words))
    }

    @Test(arguments: ["signals", "graph", "control-plane", "certificates"])
    func whatTheServerRefusesIsAFailure(_ command: String) async throws {
        let (refused, _) = try await IsthmusCommand.run(
            [command], status: 400,
            body: #"{"status":"error","errorType":"bad_data","error":"no cluster \"x\""}"#)
        #expect(refused.status == 1 && refused.output == "")
        #expect(refused.errors == "Error: bad_data: no cluster \"x\"\n")
        let (page, _) = try await IsthmusCommand.run([command], body: "<html></html>")
        #expect(page.status == 1 && page.errors.contains("the server's answer is not about"))
        let (other, _) = try await IsthmusCommand.run(
            [command], body: #"{"status":"success","data":{}}"#)
        #expect(other.status == 1 && other.errors.contains("the server's answer is not about"))
    }

    // MARK: The graph

    @Test func edgesAreListedTheWorstFirst() async throws {
        let (result, asked) = try await IsthmusCommand.run(["graph"], body: Self.map())
        #expect(
            IsthmusCommand.lines(result.output)
                == [
                    "source destination traffic errors p95 mTLS health remarks",
                    "eu-1/shop/web us-1/shop/cart 10/s 20% - 100% failing "
                        + "us-1 did not answer; new; critical; 10% lost between clusters; "
                        + "20% of requests fail",
                    "us-1/shop/cart us-1/shop/db 1.5KiB/s - - - unknown",
                    "unknown eu-1/shop/web 1.5k/s 0% 3ms 0% healthy plaintext",
                    "4 nodes, 9 edges, 1.51k requests/s, 0.13% errors, 3 shown (see --top), "
                        + "without us-1",
                ])
        #expect(result.errors == "warning: cluster us-1 is missing: timeout\n")
        #expect(result.status == 0)
        #expect(asked == ["/mesh/v1/graph?format=json"])
    }

    @Test func whatIsAskedOfTheGraphIsHandedOn() async throws {
        let (_, asked) = try await IsthmusCommand.run(
            [
                "graph", "--service", "shop/cart", "--depth", "2", "--view", "versioned-app",
                "--box", "namespace", "--from", "both", "--collapse", "cluster", "--percentiles",
                "all", "--top", "50", "--range", "10m", "--time", "120", "--compare", "1h",
                "--idle", "--explain", "--cluster", "eu-1", "--namespace", "shop",
            ], body: Self.map())
        #expect(
            asked == [
                "/mesh/v1/graph?cluster=eu-1&namespace=shop&service=shop/cart&depth=2"
                    + "&view=versioned-app&box=namespace&from=both&collapse=cluster"
                    + "&percentiles=all&top=50&range=10m&time=120&compare=1h&idle=true"
                    + "&format=json&explain=true"
            ])
    }

    @Test(arguments: [
        ("dot", "digraph mesh {}\n"), ("mermaid", "flowchart LR"), ("svg", "<svg/>"),
    ])
    func otherFormsAreGivenAsTheyCame(_ format: String, _ body: String) async throws {
        let (result, asked) = try await IsthmusCommand.run(
            ["graph", "--format", format], type: "text/plain", body: body)
        #expect(result.output == (body.hasSuffix("\n") ? body : body + "\n"))
        #expect(asked == ["/mesh/v1/graph?format=\(format)"])
    }

    // MARK: Paths

    private static func path(_ nodes: [String], _ calls: [String], _ least: String) -> String {
        let names = nodes.map { "\"\($0)\"" }.joined(separator: ",")
        return #"{"nodes":[\#(names)],"edges":[\#(calls.joined(separator: ","))],"#
            + #""leastRequestRate":\#(least)}"#
    }

    private static func call(
        _ source: String, _ destination: String, _ rate: String, _ latency: String,
        _ further: String = ""
    ) -> String {
        #"{"id":"\#(source)>\#(destination)","source":"\#(source)","#
            + #""destination":"\#(destination)","requestRate":\#(rate),"errorRatio":0.2,"#
            + #""latency":\#(latency),"health":{"status":"failing","because":"20% fail"}"#
            + further + "}"
    }

    private static func answer(_ shortest: String, _ busiest: String) -> String {
        #"{"status":"success","data":{"shortest":\#(shortest),"busiest":\#(busiest)},"#
            + #""warnings":["cluster us-1 is missing: timeout"]}"#
    }

    @Test func pathsAreToldCallByCall() async throws {
        let short = Self.path(
            ["eu-1/a/web", "us-1/a/db"],
            [
                Self.call(
                    "eu-1/a/web", "us-1/a/db", "0.5", "null",
                    #","crossesClusters":true,"incomplete":"us-1 did not answer""#)
            ], "0.5")
        let busy = Self.path(
            ["eu-1/a/web", "eu-1/a/cart", "us-1/a/db"],
            [
                Self.call("eu-1/a/web", "eu-1/a/cart", "12", #"{"p50":1,"p95":20,"p99":null}"#),
                Self.call("eu-1/a/cart", "us-1/a/db", "9", "null"),
            ], "9")
        let arguments = ["path", "a/web", "a/db", "--range", "1m", "--cluster", "eu-1"]
        let (result, asked) = try await IsthmusCommand.run(
            arguments, body: Self.answer(short, busy))
        #expect(
            IsthmusCommand.lines(result.output) == [
                "the shortest path: one call, each made 0.5 times a second or more",
                "source destination traffic errors p50 p95 p99 health remarks",
                "eu-1/a/web us-1/a/db 0.5/s 20% - - - failing across clusters; "
                    + "us-1 did not answer; 20% fail",
                "the busiest path: 2 calls, each made 9 times a second or more",
                "source destination traffic errors p50 p95 p99 health remarks",
                "eu-1/a/web eu-1/a/cart 12/s 20% 1ms 20ms - failing 20% fail",
                "eu-1/a/cart us-1/a/db 9/s 20% - - - failing 20% fail",
            ])
        #expect(result.errors == "warning: cluster us-1 is missing: timeout\n")
        #expect(asked == ["/mesh/v1/graph/path?cluster=eu-1&from=a/web&to=a/db&range=1m"])
        let (same, _) = try await IsthmusCommand.run(arguments, body: Self.answer(busy, busy))
        #expect(same.output.hasPrefix("the shortest and busiest path: 2 calls,"))
        let none = Self.path(["eu-1/a/web"], [], "null")
        let (nothing, _) = try await IsthmusCommand.run(arguments, body: Self.answer(none, none))
        #expect(nothing.output == "no call is needed: it begins at eu-1/a/web\n")
    }

    @Test func whereNoPathIsTheServerSaysSo() async throws {
        let (result, _) = try await IsthmusCommand.run(
            ["path", "a/web", "a/db"], status: 404,
            body: #"{"status":"error","errorType":"not_found","error":"no calls lead there"}"#)
        #expect(result.status == 1 && result.output == "")
        #expect(result.errors.contains("no calls lead there"))
        let (other, _) = try await IsthmusCommand.run(["path", "a", "b"], body: Self.map())
        #expect(other.errors.contains("is not about paths"))
    }
}
