import Storage
import TestSupport
import Testing

/// What lies in Redis is changed in every way that an accident has, and is never taken for a value.
@Suite(.timeLimit(.minutes(10)))
struct SealTests {
    /// A server that has one value for every key.
    private func value(_ text: [UInt8], asked key: String) async throws -> [UInt8]? {
        let server = try ScriptedRedis { words in
            words[0] == "MGET"
                ? [.sendBytes([UInt8]("*1\r\n$\(text.count)\r\n".utf8) + text + [13, 10])]
                : [.send("+OK\r\n")]
        }
        defer { server.stop() }
        return try await withStore(server.address) { await $0.value(of: key) }
    }

    /// What the store sends for a value.
    private func sealed(_ bytes: [UInt8], key: String) async throws -> [UInt8] {
        let server = try ScriptedRedis { _ in [.send("+OK\r\n")] }
        defer { server.stop() }
        try await withStore(server.address) { await $0.keep([key: bytes]) }
        return try #require(server.facts.arguments.last { $0.first == [UInt8]("SET".utf8) })[2]
    }

    @Test(arguments: [0, 1, 7, 8, 31, 32, 33, 40, 63, 64, 100])
    func everyChangedBitIsSeen(count: Int) async throws {
        let bytes = someBytes(count, seed: UInt64(count))
        let whole = try await sealed(bytes, key: "a")
        var generator = SeededGenerator(seed: UInt64(count))
        #expect(try await value(whole, asked: "a") == bytes)
        #expect(try await value(whole, asked: "b") == nil)
        for _ in 0..<4 {
            var changed = whole
            let bit = Int.random(in: 0..<(whole.count * 8), using: &generator)
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(try await value(changed, asked: "a") == nil)
        }
        #expect(try await value(Array(whole.dropLast()), asked: "a") == nil)
        #expect(try await value(Array(whole.dropFirst()), asked: "a") == nil)
        #expect(try await value(whole + [0], asked: "a") == nil)
        #expect(try await value([0] + whole, asked: "a") == nil)
        #expect(try await value([UInt8](repeating: 0, count: whole.count), asked: "a") == nil)
    }
}
