import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ClaimTests {
    @Test func oneOfManyIsGrantedAndTheOthersLearnByWhom() async throws {
        try await withRedis { server in
            try await withStore(server.address) { first in
                try await withStore(server.address) { second in
                    let time = Duration.seconds(60)
                    #expect(await first.claim("a", token: "1", for: time) == .granted)
                    #expect(await second.claim("a", token: "2", for: time) == .held(byToken: "1"))
                    // Asked again by its holder, it is still theirs.
                    #expect(await first.claim("a", token: "1", for: time) == .granted)
                    #expect(await second.claim("b", token: "2", for: time) == .granted)
                }
            }
            let left = try #require(Int(try await server.ask(["PTTL", "isthmus:v1:c:a"])))
            #expect(left > 1000 && left <= 60_000)
        }
    }

    @Test func ofManyAtATimeExactlyOneIsGranted() async throws {
        try await withRedis { server in
            try await withStore(server.address) { store in
                let claims = await withTaskGroup(of: Claim.self) { group in
                    for token in 0..<24 {
                        group.addTask {
                            await store.claim("a", token: "\(token)", for: .seconds(60))
                        }
                    }
                    return await group.reduce(into: [Claim]()) { $0.append($1) }
                }
                #expect(claims.count { $0 == .granted } == 1)
                #expect(!claims.contains(.unknown))
            }
        }
    }

    @Test func onlyItsHolderReleasesAClaim() async throws {
        try await withRedis { server in
            try await withStore(server.address) { store in
                let time = Duration.seconds(60)
                #expect(await store.claim("a", token: "1", for: time) == .granted)
                store.release("a", token: "2")
                await store.settled()
                #expect(await store.claim("a", token: "2", for: time) == .held(byToken: "1"))
                store.release("a", token: "1")
                await store.settled()
                #expect(await store.claim("a", token: "2", for: time) == .granted)
            }
        }
    }

    @Test func aClaimEndsByItself() async throws {
        try await withRedis { server in
            try await withStore(server.address) { store in
                #expect(await store.claim("a", token: "1", for: .milliseconds(40)) == .granted)
                let deadline = ContinuousClock.now + .seconds(120)
                var claim = Claim.unknown
                repeat {
                    claim = await store.claim("a", token: "2", for: .seconds(60))
                } while claim != .granted && ContinuousClock.now < deadline
                #expect(claim == .granted)
            }
        }
    }

    @Test func whereTheServerSaysNothingNothingIsKnown() async throws {
        try await withRedis { server in
            var options = try StoreOptions(server.address)
            options.settings.readTimeout = .milliseconds(40)
            try await withStore(options) { store in
                server.pause()
                #expect(await store.claim("a", token: "1", for: .seconds(60)) == .unknown)
                server.resume()
                await server.kill()
                #expect(await store.claim("a", token: "1", for: .seconds(60)) == .unknown)
                #expect(await store.claim("a", token: "1", for: .zero) == .unknown)
            }
        }
    }
}
