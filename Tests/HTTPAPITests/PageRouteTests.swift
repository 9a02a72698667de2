import HTTPAPI
import Testing

/// `/` and `/page/…`: the page that a browser shows.
@Suite struct PageRouteTests {
    private static let files = ["/", "/page/d3.js", "/page/dagre.js"]

    @Test func thePageIsADocument() async throws {
        try await withServer { server in
            let answer = try await server.get("/")
            #expect(answer.status == 200)
            #expect(answer["content-type"] == "text/html; charset=utf-8")
            #expect(answer.text.hasPrefix("<!doctype html>"))
            #expect(answer.text.contains("<title>Isthmus"))
            #expect(answer["x-isthmus-clusters-ok"] == nil)
        }
    }

    @Test func theLibrariesArePartOfTheProgram() async throws {
        try await withServer { server in
            let drawing = try await server.get("/page/d3.js")
            #expect(drawing["content-type"] == "text/javascript; charset=utf-8")
            #expect(drawing.text.hasPrefix("// https://d3js.org v5"))
            let layout = try await server.get("/page/dagre.js")
            #expect(layout.text.contains("dagre"))
        }
    }

    @Test(arguments: files)
    func theBrowserIsBoundToTheGatewaysOwnFiles(_ path: String) async throws {
        try await withServer { server in
            let answer = try await server.get(path)
            #expect(
                answer["content-security-policy"]
                    == "default-src 'none'; script-src 'self'; style-src 'self'; "
                    + "img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
                    + "form-action 'self'; frame-ancestors 'none'")
            #expect(answer["x-content-type-options"] == "nosniff")
            #expect(answer["referrer-policy"] == "no-referrer")
            #expect(answer["cross-origin-opener-policy"] == "same-origin")
            #expect(answer["cross-origin-resource-policy"] == "same-origin")
            #expect(answer["x-frame-options"] == "DENY")
            #expect(answer["cache-control"] == "no-cache")
        }
    }

    @Test func thePageRefersToNothingElsewhereAndWorksBehindAPrefix() async throws {
        try await withServer { server in
            let text = try await server.get("/").text
            for attribute in ["src=\"", "href=\""] {
                for reference in text.split(separator: attribute).dropFirst() {
                    let isElsewhere = reference.hasPrefix("/") || reference.hasPrefix("http")
                    #expect(!isElsewhere, "\(reference.prefix(40))")
                }
            }
            // The policy lets neither of them work.
            #expect(!text.contains("<style"))
            #expect(!text.contains("onclick="))
        }
    }

    @Test(arguments: files)
    func whoHoldsAFileIsNotSentItAgain(_ path: String) async throws {
        try await withServer { server in
            let answer = try await server.get(path)
            let tag = try #require(answer["etag"])
            #expect(tag.hasPrefix("W/\""))
            for held in [tag, "\"other\", \(tag)", String(tag.dropFirst(2)), "*"] {
                let again = try await server.wireAnswer(path, ["If-None-Match: \(held)"])
                #expect(again.status == 304)
                #expect(again["etag"] == tag)
                #expect(again["content-type"] == nil)
                #expect(again["cache-control"] == "no-cache")
            }
            let changed = try await server.get(path, ["If-None-Match: \"other\", W/\"more\""])
            #expect(changed.status == 200)
            #expect(changed.body == answer.body)
        }
    }

    @Test func filesDifferInTheirTags() async throws {
        try await withServer { server in
            var tags: Set<String> = []
            for path in Self.files { tags.insert(try await server.get(path)["etag"] ?? "") }
            #expect(tags.count == Self.files.count)
        }
    }

    @Test(arguments: ["gzip", "zstd"])
    func filesAreCompressedWell(_ coding: String) async throws {
        try await withServer { server in
            let plain = try await server.get("/page/d3.js")
            // The second answer is the remembered one.
            for _ in 0..<2 {
                let answer = try await server.get(
                    "/page/d3.js", ["Accept-Encoding: \(coding)"])
                #expect(answer["content-encoding"] == coding)
                #expect(answer["content-length"] == String(answer.body.count))
                #expect(answer["vary"] == "Accept-Encoding")
                #expect(answer["etag"] == plain["etag"])
                #expect(answer.body.count < plain.body.count * 2 / 5)
                let read =
                    coding == "gzip"
                    ? Decompression.gzip(answer.body) : Decompression.zstd(answer.body)
                #expect(read == plain.body)
            }
        }
    }

    @Test func theHeadOfAFileHasItsLength() async throws {
        try await withServer { server in
            let whole = try await server.get("/page/dagre.js")
            let head = try await server.ask("HEAD", "/page/dagre.js")
            #expect(head.status == 200)
            #expect(head["content-length"] == String(whole.body.count))
            #expect(head["etag"] == whole["etag"])
        }
    }

    @Test(arguments: [
        "/page/", "/page/nothing.js", "/page/../index.html", "/page/%2e%2e%2findex.html",
        "/page/d3.js/", "/page",
    ])
    func nothingElseIsServed(_ path: String) async throws {
        try await withServer { server in
            let answer = try await server.get(path)
            #expect(answer.status == 404)
        }
    }

    @Test(arguments: [
        // As alerts and templates link to it, and as the pages of Prometheus 2 and 3 do.
        ("/graph?g0.expr=up+%3D%3D+0&g0.tab=1", "query?expr=up%20%3D%3D%200"),
        ("/graph?g0.expr=up&g0.tab=0&g0.range_input=2h", "query?expr=up&tab=plot&range=2h"),
        (
            "/query?g0.expr=sum%28a%7Bb%3D%22c%26%23%22%7D%29&g0.show_tree=0&g0.tab=graph"
                + "&g0.range_input=1d&g0.end_input=2023-11-14%2022%3A13%3A20",
            "query?expr=sum%28a%7Bb%3D%22c%26%23%22%7D%29&tab=plot&range=1d&end=1700000000"
        ),
        ("/graph?g0.expr=up&g0.moment_input=2023-11-14+22:13", "query?expr=up&end=1699999980"),
        ("/query?g0.expr=up&g0.tab=explain", "query?expr=up&tab=explain"),
        // What the page could not read is left out.
        ("/graph?g0.expr=up&g0.range_input=long&g0.end_input=now", "query?expr=up"),
        ("/graph", "query"), ("/alerts", "alerts"), ("/alerts?search=Mesh", "alerts?q=Mesh"),
        ("/rules", "alerts?tab=rules"), ("/targets", ""),
    ])
    func linksToPrometheussPagesLeadToThePagesViews(_ link: String, _ view: String) async throws {
        try await withServer { server in
            let answer = try await server.get(link)
            #expect(answer.status == 302)
            // Relative, so that it is right behind a prefix too.
            #expect(answer["location"] == "./#/\(view)")
        }
    }

    @Test func theListOfRoutesIsNotThePage() async throws {
        try await withServer { server in
            let answer = try await server.get("/-/routes")
            #expect(answer.status == 200)
            #expect(answer["content-type"] == "text/plain; charset=utf-8")
            for path in ["/api/v1/query", "/mesh/v1/explain", "/page/<name>", "/-/routes"] {
                #expect(answer.text.contains("  \(path) "))
            }
        }
    }
}

extension TestServer {
    /// The answer to `GET target`, which has no body: the client does not wait for one.
    fileprivate func wireAnswer(
        _ target: String, _ headers: [String]
    ) async throws -> WireAnswer {
        let client = try WireClient(port: port)
        try await client.send(head("GET", target, headers))
        return try await client.answer(toHead: true)
    }
}
