import Storage
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ClearingTests {
    @Test func onlyWhatIsOursIsDropped() async throws {
        try await withRedis { server in
            let prefix = "a*[b]?\\"
            var options = try StoreOptions(server.address)
            options.settings.prefix = prefix
            let foreign = ["axb:v1:e:x", "ab:v1:e:x", "a*b?\\:v1:e:x", "\(prefix)\(prefix):v1:e:x"]
            for key in foreign { try await server.ask(["SET", key, "x"]) }
            try await server.ask(["SET", "\(prefix):v7:e:of another version", "x"])
            try await withStore(options) { store in
                await store.keep(
                    Dictionary(uniqueKeysWithValues: (0..<3000).map { ("\($0)", [1]) }))
                #expect(await store.claim("c", token: "t", for: .seconds(60)) == .granted)
                let cleared = [try await store.clear(), try await store.clear()]
                #expect(cleared == [3002, 0])
                #expect(await store.values(of: ["0", "2999"]) == [nil, nil])
            }
            #expect(try await server.keys() == (foreign + ["\(prefix):epoch"]).sorted())
        }
    }

    @Test func clearingFailsWhereTheServerIsGone() async throws {
        try await withRedis { server in
            try await withStore(server.address) { store in
                await server.kill()
                let failure = await #expect(throws: StorageFailure.self) { try await store.clear() }
                #expect(failure?.kind == .unreachable)
            }
        }
    }

    @Test func aClearingIsSeenOnceByEveryOtherGateway() async throws {
        try await withRedis { server in
            try await withStore(server.address) { first in
                try await withStore(server.address) { second in
                    let count = Count()
                    let watch = ClearingWatch(redis: second) { count.add() }
                    await watch.look()
                    #expect(count.value == 0)
                    for clearings in 1...3 {
                        _ = try await first.clear()
                        await watch.look()
                        await watch.look()
                        #expect(count.value == clearings)
                    }
                }
            }
        }
    }

    @Test func aServerThatComesBackEmptyWasNotCleared() async throws {
        try await withRedis { server in
            let options = try StoreOptions(server.address)
            try await withStore(options) { store in
                let count = Count()
                let watch = ClearingWatch(redis: store) { count.add() }
                _ = try await store.clear()
                await watch.look()
                let first = count.value
                await server.kill()
                await watch.look()
                try await server.restart()
                await watch.look()
                #expect(count.value == first)
                _ = try await store.clear()
                await watch.look()
                #expect(count.value == first + 1)
            }
        }
    }

    final class Count: Sendable {
        private let number = Mutex(0)

        var value: Int { number.withLock { $0 } }

        func add() { number.withLock { $0 += 1 } }
    }
}
