import PrometheusAPI
import TestSupport
import Testing

struct SnappyTests {
    @Test func aBlockIsReadAsItWasWritten() throws {
        var random = SeededGenerator(seed: 11)
        for size in [0, 1, 5, 100, 65_535, 65_536, 1_000_000] {
            let noise = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
            let calm = [UInt8](repeating: 7, count: size)
            for bytes in [noise, calm] {
                let block = Snappy.compressed(bytes)
                #expect(try Snappy.uncompressed(block, maximumBytes: size) == bytes)
            }
            if size > 1000 { #expect(Snappy.compressed(calm).count < size / 15) }
        }
    }

    @Test func aKnownBlockIsRead() throws {
        // Five bytes, a literal of five.
        let block: [UInt8] = [0x05, 0x10] + Array("hello".utf8)
        #expect(try Snappy.uncompressed(block, maximumBytes: 5) == Array("hello".utf8))
    }

    @Test func noRoomIsMadeForMoreThanIsAllowedOrPossible() {
        let block = Snappy.compressed([UInt8](repeating: 1, count: 1000))
        #expect(throws: RemoteStorageFailure.tooLarge(bytes: 1000, maximum: 999)) {
            try Snappy.uncompressed(block, maximumBytes: 999)
        }
        // Four gigabytes, says the head of seven bytes.
        #expect(throws: RemoteStorageFailure.notSnappy) {
            try Snappy.uncompressed(
                [0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x00], maximumBytes: 1 << 40)
        }
    }

    @Test func whatIsNoBlockFails() {
        let block = Snappy.compressed(Array("a text that is a text that is a text".utf8))
        for end in 0..<block.count {
            #expect(throws: RemoteStorageFailure.self) {
                try Snappy.uncompressed(Array(block[..<end]), maximumBytes: 1 << 20)
            }
        }
        #expect(throws: RemoteStorageFailure.notSnappy) {
            try Snappy.uncompressed(Array("{\"status\":\"ok\"}".utf8), maximumBytes: 1 << 20)
        }
    }
}
