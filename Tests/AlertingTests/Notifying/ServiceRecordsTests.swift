import Alerting
import Testing

@Suite("SRV records") struct ServiceRecordsTests {
    /// An answer for `_a.test` with a CNAME record and two of SRV, the second target of which
    /// refers to the first one's end.
    private static let message: [UInt8] =
        [0x12, 0x34, 0x81, 0x80, 0, 1, 0, 3, 0, 0, 0, 0]
        + [2] + Array("_a".utf8) + [4] + Array("test".utf8) + [0, 0, 33, 0, 1]
        // A CNAME of two bytes.
        + [0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 2, 0xc0, 15]
        // 10 20 9093 am-0.test
        + [0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 60, 0, 17, 0, 10, 0, 20, 0x23, 0x85]
        + [4] + Array("am-0".utf8) + [4] + Array("test".utf8) + [0]
        // 0 0 80 b.test
        + [0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 60, 0, 10, 0, 0, 0, 0, 0, 80]
        + [1] + Array("b".utf8) + [0xc0, 15]

    @Test func anAnswerIsRead() throws {
        let records = try #require(ServiceRecords(Self.message))
        #expect(
            records.records == [
                .init(priority: 10, weight: 20, port: 9093, target: "am-0.test"),
                .init(priority: 0, weight: 0, port: 80, target: "b.test"),
            ])
        #expect(records.addresses == ["am-0.test:9093", "b.test:80"])
    }

    @Test func anAnswerThatBreaksOffIsNone() {
        for length in 0..<Self.message.count {
            #expect(ServiceRecords(Array(Self.message.prefix(length))) == nil, "\(length) bytes")
        }
    }

    @Test func aNameThatRefersToItselfIsNone() {
        var message = Self.message
        // The question's name.
        message[12] = 0xc0
        message[13] = 12
        #expect(ServiceRecords(message) == nil)
    }
}
