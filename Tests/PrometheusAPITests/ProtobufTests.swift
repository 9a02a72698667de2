import PrometheusAPI
import TestSupport
import Testing

/// Numbers and lengths as they lie in the bytes.
struct ProtobufTests {
    private func written(_ write: (inout ProtobufWriter) -> Void) -> [UInt8] {
        var writer = ProtobufWriter()
        write(&writer)
        return writer.bytes
    }

    @Test func numbersLieAsTheLanguageHasThem() {
        #expect(written { $0.append(unsigned: 150, field: 1) } == [0x08, 0x96, 0x01])
        #expect(written { $0.append(zigzag: -1, field: 4) } == [0x20, 0x01])
        #expect(written { $0.append(zigzag: 2, field: 4) } == [0x20, 0x04])
        #expect(
            written { $0.append(double: 1, field: 1) } == [0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f])
        #expect(
            written { $0.append(signed: -2, field: 2) }
                == [0x10, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])
        // From field 16 on a key takes two bytes.
        #expect(written { $0.append(unsigned: 1, field: 16) } == [0x80, 0x01, 0x01])
        #expect(written { $0.append(text: Array("hi".utf8), field: 2) } == [0x12, 2, 0x68, 0x69])
    }

    @Test func standardValuesAreLeftOutUnlessTheyWereChosen() {
        let nothing = written { writer in
            writer.append(unsigned: 0, field: 1)
            writer.append(double: 0, field: 2)
            writer.append(packed: [], field: 3)
            writer.append(text: [], field: 4)
        }
        #expect(nothing.isEmpty)
        #expect(written { $0.append(double: -0.0, field: 1) }.count == 9)
        #expect(written { $0.append(chosen: 0, field: 1) }.count == 9)
        #expect(written { $0.append(message: 5) { _ in } } == [0x2a, 0])
    }

    @Test(arguments: [0, 1, 125, 126, 127, 128, 129, 16_380, 16_381, 16_384, 70_000, 2_100_000])
    func aMessageOfAnyLengthIsReadAsItWasWritten(length: Int) throws {
        let text = [UInt8](repeating: UInt8(ascii: "x"), count: length)
        let bytes = written { writer in
            writer.append(message: 1) { outer in
                outer.append(message: 2) { inner in inner.append(text: text, field: 3) }
                outer.append(unsigned: 7, field: 4)
            }
            writer.append(unsigned: 9, field: 5)
        }
        var reader = ProtobufReader(bytes)
        let first = try #require(try reader.next())
        var outer = try reader.message(first)
        var inner = try outer.message(try #require(try outer.next()))
        let field = try inner.next()
        let read = try field.map { try inner.text($0) } ?? ""
        #expect(read.utf8.elementsEqual(text))
        #expect(try inner.next() == nil)
        #expect(try outer.unsigned(try #require(try outer.next())) == 7)
        #expect(try outer.next() == nil)
        #expect(try reader.unsigned(try #require(try reader.next())) == 9)
        #expect(try reader.next() == nil)
    }

    @Test(arguments: [
        Int64.min, Int64.min + 1, -1_700_000_000_000, -128, -1, 1, 63, 64, 1 << 35, Int64.max,
    ])
    func signedNumbersAreReadAsTheyWereWritten(value: Int64) throws {
        let bytes = written { writer in
            writer.append(signed: value, field: 1)
            writer.append(zigzag: value, field: 2)
        }
        var reader = ProtobufReader(bytes)
        #expect(try reader.signed(try #require(try reader.next())) == value)
        #expect(try reader.zigzag(try #require(try reader.next())) == value)
        #expect(try reader.next() == nil)
    }

    @Test(
        arguments: [
            // A number that goes on, and one of more than 64 bits.
            ([0x08, 0x80], RemoteStorageFailure.truncated(offset: 2)),
            (
                [0x08] + [UInt8](repeating: 0xff, count: 9) + [0x02],
                .notProtobuf(offset: 1)
            ),
            ([0x08] + [UInt8](repeating: 0x80, count: 20), .notProtobuf(offset: 1)),
            // A length past the end, and one past all ends.
            ([0x0a, 5, 1], .truncated(offset: 3)),
            (
                [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
                .truncated(offset: 11)
            ),
            // Half a double, half a float.
            ([0x09, 0, 0, 0], .truncated(offset: 4)),
            ([0x0d, 0, 0], .truncated(offset: 3)),
            // Groups, sorts that do not exist, field 0.
            ([0x0b], .notProtobuf(offset: 0)), ([0x0f, 1], .notProtobuf(offset: 0)),
            ([0x00, 1], .notProtobuf(offset: 0)),
        ] as [([UInt8], RemoteStorageFailure)])
    func whatIsNoProtobufFailsWhereItIsNot(bytes: [UInt8], failure: RemoteStorageFailure) {
        #expect(throws: failure) {
            var reader = ProtobufReader(bytes)
            while try reader.next() != nil {}
        }
    }
}
