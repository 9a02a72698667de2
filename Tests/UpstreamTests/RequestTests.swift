import Clusters
import TestSupport
import Testing
import Upstream

@Suite(.timeLimit(.minutes(10)))
struct RequestTests {
    @Test func parametersGoIntoTheQueryStringOfAGet() async throws {
        try await withServer(always: .answer(text: "{}")) { server in
            var request = UpstreamRequest.plain
            request.parameters = [
                .init(name: "query", value: #"sum by (a) (b{c="d & é"}) > 1 + 2"#),
                .init(name: "match[]", value: "x"),
            ]
            let answer = try await withClient { [request] in
                try await $0.answer(server.url, request: request)
            }
            #expect(answer.status == 200)
            #expect(answer.contentType == "application/json")
            #expect(answer.replica == server.url)
            let asked = try #require(server.facts.requests.first)
            #expect(asked.method == "GET")
            #expect(
                asked.target
                    == "/api/v1/query?query=sum%20by%20%28a%29%20%28b%7Bc%3D%22d%20%26%20%C3%A9%22"
                    + "%7D%29%20%3E%201%20%2B%202&match%5B%5D=x")
            #expect(asked.header("user-agent") == "isthmus/1.2.3")
            #expect(asked.header("host") == "127.0.0.1:\(server.port)")
        }
    }

    @Test func parametersGoIntoTheFormOfAPost() async throws {
        try await withServer(always: .answer(text: "{}")) { server in
            var request = UpstreamRequest.plain
            request.method = .post
            request.parameters = [
                .init(name: "query", value: "a+b c\n"), .init(name: "t", value: ""),
            ]
            _ = try await withClient { [request] in
                try await $0.answer(server.url, request: request)
            }
            let asked = try #require(server.facts.requests.first)
            #expect(asked.method == "POST")
            #expect(asked.target == "/api/v1/query")
            #expect(asked.bodyText == "query=a%2Bb%20c%0A&t=")
            #expect(asked.header("content-type") == "application/x-www-form-urlencoded")
        }
    }

    @Test func aBodyOfItsOwnIsSentAsItIsWithItsHeaders() async throws {
        try await withServer(always: .answer(text: "{}")) { server in
            var request = UpstreamRequest.plain
            request.method = .post
            request.parameters = [.init(name: "a", value: "b c")]
            request.body = UpstreamRequest.Body(
                [0, 1, 255], headers: [.init(name: "Content-Type", value: "application/x-bytes")])
            _ = try await withClient { [request] in
                try await $0.answer(server.url, request: request)
            }
            let asked = try #require(server.facts.requests.first)
            #expect(asked.method == "POST")
            #expect(asked.target == "/api/v1/query?a=b%20c")
            #expect(asked.body == [0, 1, 255])
            #expect(asked.header("content-type") == "application/x-bytes")
        }
    }

    @Test func aLongFormIsSentWhole() async throws {
        try await withServer(always: .answer(text: "{}")) { server in
            var request = UpstreamRequest.plain
            request.method = .post
            let long = String(repeating: "x", count: 3 << 20)
            request.parameters = [.init(name: "query", value: long)]
            _ = try await withClient { [request] in
                try await $0.answer(server.url, request: request)
            }
            #expect(server.facts.requests.first?.body.count == long.count + 6)
            #expect(server.facts.requests.first?.header("expect") == nil)
        }
    }

    @Test func anEmptyFormIsSentAsOne() async throws {
        try await withServer(always: .answer(text: "{}")) { server in
            var request = UpstreamRequest.plain
            request.method = .post
            _ = try await withClient { [request] in
                try await $0.answer(server.url, request: request)
            }
            #expect(server.facts.requests.first?.header("content-length") == "0")
        }
    }

    @Test func aPathPrefixOfTheAddressIsKept() async throws {
        try await withServer(always: .answer(text: "{}")) { server in
            let answer = try await withClient { try await $0.answer("\(server.url)/prom/eu") }
            #expect(server.facts.requests.first?.target == "/prom/eu/api/v1/query")
            #expect(answer.replica == "\(server.url)/prom/eu")
        }
    }

    @Test func charactersThatNoPathMayHoldAreEncoded() async throws {
        try await withServer(always: .answer(text: "{}")) { server in
            var request = UpstreamRequest.plain
            request.path = "/api/v1/label/a b?#é%2F/values"
            _ = try await withClient { [request] in
                try await $0.answer(server.url, request: request)
            }
            #expect(
                server.facts.requests.first?.target
                    == "/api/v1/label/a%20b%3F%23%C3%A9%2F/values")
        }
    }

    @Test func configuredHeadersAreSent() async throws {
        try await withServer(always: .answer(text: "{}")) { server in
            let service = Service(
                urls: [server.url],
                headers: [
                    .init(name: "X-Scope-OrgID", value: "tenant-1"),
                    .init(name: "X-Empty", value: ""),
                ])
            _ = try await withClient { try await $0.answer(service) }
            let asked = try #require(server.facts.requests.first)
            #expect(asked.header("x-scope-orgid") == "tenant-1")
            #expect(asked.header("x-empty") == "")
        }
    }

    @Test func aHeaderThatWouldAddAnotherIsRefused() async throws {
        try await withServer(always: .answer(text: "{}")) { server in
            let service = Service(
                urls: [server.url], headers: [.init(name: "X-A", value: "1\r\nX-B: 2")])
            let error = try await withClient { client in
                try await #require(throws: UpstreamError.self) { try await client.answer(service) }
            }
            #expect(error.kind == .configuration)
            #expect(server.facts.requests.isEmpty)
        }
    }

    @Test func basicAuthenticationIsSent() async throws {
        try await withServer(always: .answer(text: "{}")) { server in
            let service = Service(
                urls: [server.url],
                authorization: .basic(username: "Aladdin", password: .text("open sesame")))
            _ = try await withClient { try await $0.answer(service) }
            #expect(
                server.facts.requests.first?.header("authorization")
                    == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
        }
    }

    @Test func userAndPasswordOfAnAddressAreSentAndNeverShown() async throws {
        try await withServer(always: .answer(text: "{}")) { server in
            let url = "http://us%65r:p%40ss@127.0.0.1:\(server.port)"
            let answer = try await withClient { try await $0.answer(url) }
            #expect(
                server.facts.requests.first?.header("authorization") == "Basic dXNlcjpwQHNz")
            #expect(answer.replica == server.url)
        }
    }

    @Test func configuredAuthorizationComesBeforeTheAddress() async throws {
        try await withServer(always: .answer(text: "{}")) { server in
            let service = Service(
                urls: ["http://user:pass@127.0.0.1:\(server.port)"],
                authorization: .credentials(type: "Bearer", .text("token")))
            _ = try await withClient { try await $0.answer(service) }
            #expect(server.facts.requests.first?.header("authorization") == "Bearer token")
        }
    }

    @Test func aProxyIsAskedForTheWholeAddress() async throws {
        try await withServer(always: .answer(text: "from the proxy")) { proxy in
            let service = Service(
                urls: ["http://prometheus.example:9090"],
                proxyURL: "http://who:what@127.0.0.1:\(proxy.port)")
            let answer = try await withClient { try await $0.answer(service) }
            #expect(answer.text == "from the proxy")
            let asked = try #require(proxy.facts.requests.first)
            #expect(asked.target == "http://prometheus.example:9090/api/v1/query")
            #expect(asked.header("proxy-authorization") == "Basic d2hvOndoYXQ=")
        }
    }

    @Test func aProxyThatRefusesATunnelIsTheFailureAndSeesNoCredentials() async throws {
        try await withServer(always: .answer(status: 407, text: "no")) { proxy in
            let service = Service(
                urls: ["https://prometheus.example:9090"],
                authorization: .credentials(type: "Bearer", .text("token")),
                proxyURL: proxy.url)
            let error = try await withClient { client in
                try await #require(throws: UpstreamError.self) { try await client.answer(service) }
            }
            #expect(error.kind == .proxy)
            let asked = try #require(proxy.facts.requests.first)
            #expect(asked.method == "CONNECT")
            #expect(asked.header("authorization") == nil)
        }
    }

    @Test func anAddressThatIsNoneIsRefusedWithoutShowingIt() async throws {
        let error = try await withClient { client in
            try await #require(throws: UpstreamError.self) {
                try await client.answer("ftp://user:secret@host")
            }
        }
        #expect(error.kind == .configuration)
        #expect(!error.description.contains("secret"))
    }
}
