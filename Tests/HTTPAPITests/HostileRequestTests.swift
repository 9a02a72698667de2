import Federation
import HTTPAPI
import Testing

/// Requests that no well-meaning client sends. After each the server answers the next client.
@Suite struct HostileRequestTests {
    private static let noQuery =
        #"{"status":"error","errorType":"bad_data","error":"invalid parameter \"query\": "#
        + #"1:1: parse error: no expression found in input"}"#

    @Test(arguments: [
        ("/api/v1/format_query?query=%zz", noQuery),
        ("/api/v1/format_query?query=%4", noQuery),
        ("/api/v1/format_query?query=%", noQuery),
        ("/api/v1/format_query?=%25&&&==&?", noQuery),
        ("/api/v1/format_query?%71uery=a", #"{"status":"success","data":"a"}"#),
        (
            "/api/v1/format_query?query=%ff%fe",
            #"{"status":"error","errorType":"bad_data","#
                + #""error":"invalid parameter \"query\": not valid UTF-8"}"#
        ),
        (
            "/api/v1/format_query?query=a%00b",
            #"{"status":"error","errorType":"bad_data","error":"invalid parameter \"query\": "#
                + #"1:2: parse error: unexpected character: '\\x00'"}"#
        ),
    ])
    func encodingsThatAreWrongAreMistakesOfTheRequest(
        _ target: String, _ body: String
    ) async throws {
        try await withServer { server in
            let answer = try await server.get(target)
            #expect(answer.text == body)
        }
    }

    @Test(arguments: [
        "text/plain", "application/json", "multipart/form-data; boundary=x", "",
        "application/x-www-form-urlencodedx", ";;;",
    ])
    func aBodyThatIsNoFormIsNotRead(_ type: String) async throws {
        try await withServer { server in
            let answer = try await server.post(
                "/api/v1/format_query", form: "query=up", type: type)
            #expect(answer.status == 400)
            #expect(answer.text == Self.noQuery)
            let other = try await server.post(
                "/api/v1/format_query?query=up", form: "query=down", type: type)
            #expect(other.text == #"{"status":"success","data":"up"}"#)
        }
    }

    @Test func aFormsTypeMayBeWrittenInOtherWays() async throws {
        try await withServer { server in
            for type in [
                "application/x-www-form-urlencoded; charset=UTF-8",
                "Application/X-WWW-Form-Urlencoded", " application/x-www-form-urlencoded ;x",
            ] {
                let answer = try await server.post(
                    "/api/v1/format_query", form: "query=up", type: type)
                #expect(answer.text == #"{"status":"success","data":"up"}"#)
            }
        }
    }

    @Test func aQueryStringOfSixtyKilobytesIsRead() async throws {
        try await withServer { server in
            let text = String(repeating: "a", count: 60_000)
            let answer = try await server.get("/api/v1/format_query?query=\(text)")
            #expect(answer.text == #"{"status":"success","data":"\#(text)"}"#)
        }
    }

    @Test func aQueryStringBeyondTheLimitIsRefused() async throws {
        var settings = HTTPAPISettings()
        settings.limits.targetBytes = 10_000
        try await withServer(settings: settings) { server in
            let text = String(repeating: "a", count: 20_000)
            let answer = try await server.get("/api/v1/query?query=\(text)")
            #expect(answer.status == 413)
            #expect(
                answer.text
                    == #"{"status":"error","errorType":"too_large","error":"the request's path "#
                    + "and query string are longer than 10000 bytes; send the parameters as a "
                    + #"form"}"#)
        }
    }

    @Test func aHugeQueryStringDoesNotHarmTheServer() async throws {
        try await withServer { server in
            let text = String(repeating: "a", count: 4 << 20)
            // Refused by the route or already by the parser; the connection may be gone by then.
            _ = try? await server.get("/api/v1/query?query=\(text)")
            let next = try await server.get("/-/healthy")
            #expect(next.status == 200)
        }
    }

    @Test func aFormBeyondTheLimitIsRefusedAndTheConnectionGoesOn() async throws {
        var settings = HTTPAPISettings()
        settings.limits.bodyBytes = 100_000
        try await withServer(settings: settings) { server in
            let client = try WireClient(port: server.port)
            let form = "query=" + String(repeating: "a", count: 150_000)
            try await client.send(
                server.head(
                    "POST", "/api/v1/query",
                    [
                        "Content-Type: application/x-www-form-urlencoded",
                        "Content-Length: \(form.utf8.count)",
                    ]) + form)
            let answer = try await client.answer()
            #expect(answer.status == 413)
            #expect(
                answer.text
                    == #"{"status":"error","errorType":"too_large","#
                    + #""error":"error parsing form values: http: POST too large"}"#)
            try await client.send(server.head("GET", "/-/healthy"))
            let next = try await client.answer()
            #expect(next.status == 200)
        }
    }

    @Test func aFormWithoutEndEndsTheConnection() async throws {
        var settings = HTTPAPISettings()
        settings.limits.bodyBytes = 10_000
        try await withServer(settings: settings) { server in
            let client = try WireClient(port: server.port)
            try await client.send(
                server.head(
                    "POST", "/api/v1/query",
                    [
                        "Content-Type: application/x-www-form-urlencoded",
                        "Transfer-Encoding: chunked",
                    ]))
            let piece = String(repeating: "a", count: 0x1000)
            for _ in 0..<8 {
                do { try await client.send("1000\r\n\(piece)\r\n") } catch { break }
            }
            let answer = try await client.answer()
            #expect(answer.status == 413)
            #expect(answer["connection"] == "close")
        }
    }

    @Test func tooManyParametersAreLeftOut() async throws {
        try await withServer { server in
            let form = String(repeating: "match[]=a&", count: 10_001)
            let answer = try await server.post("/api/v1/series", form: form)
            #expect(answer.status == 400)
            #expect(answer.text.contains("error parsing form values: more than 10000 parameters"))
        }
    }

    @Test(arguments: [
        "/api/v1/label/%zz/values", "/api/v1/label/%ff/values", "//", "/api/v1/label/a/b/values",
        "/api/v1/query/", "/api//v1/query", "/..%2f..%2fetc/passwd", "/%00", "/api/v1/%71uery",
        "*", "?query=up", "/\u{301}", "/é",
    ])
    func strangePathsAreNotFound(_ target: String) async throws {
        try await withServer { server in
            let client = try WireClient(port: server.port)
            try await client.send(server.head("GET", target))
            if let answer = try? await client.answer() {
                #expect([400, 404].contains(answer.status))
            }
            let next = try await server.get("/-/healthy")
            #expect(next.status == 200)
        }
    }

    @Test func theFormOfAProxysRequestIsUnderstood() async throws {
        try await withServer { server in
            let answer = try await server.get("http://127.0.0.1:9780/-/healthy")
            #expect(answer.text == "Isthmus is Healthy.\n")
        }
    }

    @Test(arguments: [
        [UInt8]("no http at all\r\n\r\n".utf8), [0, 1, 2, 3, 13, 10, 13, 10],
        [UInt8]("GET /-/healthy HTTP/9.9\r\n\r\n".utf8),
        [UInt8]("GET /-/healthy HTTP/1.1\r\nContent-Length: -1\r\n\r\n".utf8),
        [UInt8]("GET /\u{ff}?\u{e9}=\u{0} HTTP/1.1\r\n\r\n".utf8),
        [UInt8]("GET /api/v1/query?query=".utf8) + [0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80]
            + [UInt8](" HTTP/1.1\r\nHost: a\r\n\r\n".utf8),
        [UInt8](
            ("POST /api/v1/query HTTP/1.1\r\nContent-Length: 3\r\n"
                + "Transfer-Encoding: chunked\r\n\r\nzzz").utf8),
    ])
    func bytesThatAreNoRequestEndTheConnectionOnly(_ bytes: [UInt8]) async throws {
        try await withServer { server in
            let client = try WireClient(port: server.port)
            try? await client.send(bytes)
            client.closeOutput()
            if let answer = try? await client.answer() {
                #expect(answer.status == 400)
            }
            let next = try await server.get("/-/healthy")
            #expect(next.status == 200)
        }
    }

    @Test func tooManyHeadersEndTheConnectionOnly() async throws {
        try await withServer { server in
            let headers = (0..<5000).map { "X-\($0): \(String(repeating: "y", count: 100))" }
            _ = try? await server.get("/-/healthy", headers)
            let next = try await server.get("/-/healthy")
            #expect(next.status == 200)
        }
    }

    @Test func aRequestThatNeverEndsIsLeftAfterAWhile() async throws {
        var settings = HTTPAPISettings()
        settings.limits.idleTimeout = .milliseconds(200)
        try await withServer(settings: settings) { server in
            let client = try WireClient(port: server.port)
            try await client.send("GET /-/healthy HTTP/1.1\r\nHost")
            #expect(try await client.isClosedByServer())
        }
    }

    @Test func aBodyThatIsCutOffHarmsNobody() async throws {
        try await withServer { server in
            var client: WireClient? = try WireClient(port: server.port)
            try await client?.send(
                server.head(
                    "POST", "/api/v1/query",
                    [
                        "Content-Type: application/x-www-form-urlencoded",
                        "Content-Length: 1000",
                    ]) + "query=up")
            client = nil
            let next = try await server.get("/-/healthy")
            #expect(next.status == 200)
        }
    }

    @Test func moreConnectionsThanAllowedWaitTheirTurn() async throws {
        var settings = HTTPAPISettings()
        settings.limits.connections = 1
        try await withServer(settings: settings) { server in
            var first: WireClient? = try WireClient(port: server.port)
            try await first?.send(server.head("GET", "/-/healthy"))
            #expect(try await first?.answer().status == 200)
            let second = try WireClient(port: server.port)
            try await second.send(server.head("GET", "/-/healthy"))
            first = nil
            #expect(try await second.answer().status == 200)
        }
    }
}
