import TimeSeries

/// The hash of a label set by which `limit_ratio` draws series: that of Prometheus's default
/// builds (xxHash64 over its packed form of labels), so that a series is drawn here where it is
/// drawn there.
public enum SeriesHash {
    /// The share of all hashes that are below the series' own, from 0 to 1.
    static func share(of labels: Labels) -> Double {
        Double(hash(of: labels)) / Double(UInt64.max)
    }

    /// The hash of all labels.
    public static func hash(of labels: Labels) -> UInt64 { hash(packed(labels)) }

    /// Each name and each value behind its length: a byte, or 255 and three bytes.
    private static func packed(_ labels: Labels) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(labels.sizeBytes)
        func append(_ piece: UnsafeBufferPointer<UInt8>) {
            if piece.count < 255 {
                result.append(UInt8(piece.count))
            } else {
                result.append(255)
                for shift in [0, 8, 16] {
                    result.append(UInt8(truncatingIfNeeded: piece.count >> shift))
                }
            }
            result.append(contentsOf: piece)
        }
        labels.visit { name, value in
            append(name)
            append(value)
            return true
        }
        return result
    }

    // MARK: xxHash64, seed 0

    private static let prime1: UInt64 = 0x9e37_79b1_85eb_ca87
    private static let prime2: UInt64 = 0xc2b2_ae3d_27d4_eb4f
    private static let prime3: UInt64 = 0x1656_67b1_9e37_79f9
    private static let prime4: UInt64 = 0x85eb_ca77_c2b2_ae63
    private static let prime5: UInt64 = 0x27d4_eb2f_1656_67c5

    static func hash(_ bytes: [UInt8]) -> UInt64 {
        var offset = 0
        func word(_ count: Int) -> UInt64 {
            var result: UInt64 = 0
            for index in 0..<count { result |= UInt64(bytes[offset + index]) << (8 * index) }
            offset += count
            return result
        }
        var result: UInt64
        if bytes.count >= 32 {
            var lanes = [prime1 &+ prime2, prime2, 0, 0 &- prime1]
            while offset + 32 <= bytes.count {
                for lane in 0..<4 { lanes[lane] = round(lanes[lane], word(8)) }
            }
            result =
                rotated(lanes[0], 1) &+ rotated(lanes[1], 7) &+ rotated(lanes[2], 12)
                &+ rotated(lanes[3], 18)
            for lane in lanes { result = (result ^ round(0, lane)) &* prime1 &+ prime4 }
        } else {
            result = prime5
        }
        result &+= UInt64(bytes.count)
        while offset + 8 <= bytes.count {
            result = rotated(result ^ round(0, word(8)), 27) &* prime1 &+ prime4
        }
        if offset + 4 <= bytes.count {
            result = rotated(result ^ (word(4) &* prime1), 23) &* prime2 &+ prime3
        }
        while offset < bytes.count {
            result = rotated(result ^ (word(1) &* prime5), 11) &* prime1
        }
        result = (result ^ (result >> 33)) &* prime2
        result = (result ^ (result >> 29)) &* prime3
        return result ^ (result >> 32)
    }

    private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
        rotated(lane &+ input &* prime2, 31) &* prime1
    }

    private static func rotated(_ value: UInt64, _ count: UInt64) -> UInt64 {
        (value << count) | (value >> (64 - count))
    }
}
