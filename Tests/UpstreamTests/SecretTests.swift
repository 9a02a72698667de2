import Clusters
import Foundation
import Glibc
import TestSupport
import Testing
import Upstream

@Suite(.timeLimit(.minutes(10)))
struct SecretTests {
    private func withDirectory<Result: Sendable>(
        _ body: (TemporaryDirectory) async throws -> Result
    ) async throws -> Result {
        let directory = try TemporaryDirectory("secrets")
        defer { directory.remove() }
        return try await body(directory)
    }

    @Test func aSecretIsReadFromItsFileWithoutTheLinesEnd() async throws {
        try await withDirectory { directory in
            let path = try directory.write("t0ken\n", to: "token")
            try await withServer(always: .answer(text: "{}")) { server in
                let service = Service(
                    urls: [server.url], authorization: .credentials(type: "Bearer", .file(path)))
                _ = try await withClient { try await $0.answer(service) }
                #expect(server.facts.requests.first?.header("authorization") == "Bearer t0ken")
            }
        }
    }

    @Test func aSecretIsReadAgainWhenItsFileChanges() async throws {
        try await withDirectory { directory in
            let path = try directory.write("first", to: "token")
            try await withServer(always: .answer(text: "{}")) { server in
                let service = Service(
                    urls: [server.url], authorization: .credentials(type: "Bearer", .file(path)))
                try await withClient { client in
                    _ = try await client.answer(service)
                    // Of the same length and at once: only its content tells that it has changed.
                    let file = try #require(FileHandle(forWritingAtPath: path))
                    try file.write(contentsOf: Data("secnd".utf8))
                    try file.close()
                    _ = try await client.answer(service)
                    try directory.write("replaced", to: "token")
                    _ = try await client.answer(service)
                }
                #expect(
                    server.facts.requests.map { $0.header("authorization") } == [
                        "Bearer first", "Bearer secnd", "Bearer replaced",
                    ])
            }
        }
    }

    @Test func anOldFileIsReadAgainWhenItChanges() async throws {
        try await withDirectory { directory in
            let path = try directory.write("first", to: "token")
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -3600)], ofItemAtPath: path)
            try await withServer(always: .answer(text: "{}")) { server in
                let service = Service(
                    urls: [server.url], authorization: .basic(username: "u", password: .file(path)))
                try await withClient { client in
                    for _ in 0..<2 { _ = try await client.answer(service) }
                    try directory.write("secnd", to: "token")
                    _ = try await client.answer(service)
                }
                #expect(
                    server.facts.requests.map { $0.header("authorization") } == [
                        "Basic dTpmaXJzdA==", "Basic dTpmaXJzdA==", "Basic dTpzZWNuZA==",
                    ])
            }
        }
    }

    @Test func aFileThatCannotBeReadIsNamed() async throws {
        try await withServer(always: .answer(text: "{}")) { server in
            let path = "/nowhere/isthmus/token"
            let service = Service(
                urls: [server.url, server.url],
                authorization: .credentials(type: "Bearer", .file(path)))
            let error = try await withClient { client in
                try await #require(throws: UpstreamError.self) { try await client.answer(service) }
            }
            #expect(error.kind == .file(path: path))
            #expect(
                error.description
                    == "the file \(path) cannot be used: No such file or directory")
            #expect(server.facts.connections == 0)
        }
    }

    @Test(arguments: ["", "\n", "two\nlines"])
    func aFileWithoutOneSecretIsNamed(content: String) async throws {
        try await withDirectory { directory in
            let path = try directory.write(content, to: "token")
            let service = Service(
                urls: ["http://127.0.0.1:1"],
                authorization: .credentials(type: "Bearer", .file(path)))
            let error = try await withClient { client in
                try await #require(throws: UpstreamError.self) { try await client.answer(service) }
            }
            #expect(error.kind == .file(path: path))
            #expect(!error.description.contains("lines\n"))
        }
    }

    @Test func aWrongTokenIsAnAnswerOfTheServer() async throws {
        let script: FaultServer.Script = { request in
            request.header("authorization") == "Bearer right"
                ? .answer(text: "{}") : .answer(status: 401, text: "no")
        }
        try await withServer(script) { server in
            try await withClient { client in
                for (token, status) in [("wrong", 401), ("right", 200)] {
                    let service = Service(
                        urls: [server.url],
                        authorization: .credentials(type: "Bearer", .text(token)))
                    let answer = try await client.answer(service)
                    #expect(answer.status == status)
                }
            }
        }
    }

    @Test func aServerThatRepeatsASecretDoesNotMakeItShown() async throws {
        let script: FaultServer.Script = { request in
            .answer(
                status: 500,
                text: (request.header("authorization") ?? "") + (request.header("x-key") ?? "")
                    + " user:hidden-word")
        }
        try await withServer(script) { server in
            let plain = "http://user:hidden-word@127.0.0.1:\(server.port)"
            let services = [
                Service(
                    urls: [plain],
                    authorization: .credentials(type: "Bearer", .text("hidden-token")),
                    headers: [.init(name: "X-Key", value: "hidden-key")]),
                Service(urls: [plain]),
                Service(
                    urls: [server.url],
                    authorization: .basic(username: "user", password: .text("hidden-word"))),
            ]
            try await withClient { client in
                for service in services {
                    let error = try await #require(throws: UpstreamError.self) {
                        try await client.answer(service)
                    }
                    #expect(error.description.contains("<secret>"))
                    for text in [error.description, String(reflecting: error)] {
                        #expect(!text.contains("hidden-token"))
                        #expect(!text.contains("hidden-key"))
                        // The base64 of user and password.
                        #expect(!text.contains("dXNlcjpoaWRkZW4td29yZA"))
                    }
                }
            }
        }
    }

    @Test func anUnreachableProxyIsShownWithoutItsPassword() async throws {
        let port = try Loopback.freePort()
        let service = Service(
            urls: ["http://user:hidden-word@127.0.0.1:1"],
            proxyURL: "http://me:hidden%21word@127.0.0.1:\(port)")
        let error = try await withClient { client in
            try await #require(throws: UpstreamError.self) { try await client.answer(service) }
        }
        #expect(error.kind == .proxy)
        #expect(!String(reflecting: error).contains("hidden"))
    }
}
