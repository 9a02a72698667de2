import PrometheusAPI
import TestSupport
import Testing
import TimeSeries

struct RemoteWriteRequestTests {
    private typealias Sample = SampledSeries.Sample

    private func decoded(
        _ bytes: [UInt8], maximumSamples: Int = 1_000_000
    ) throws -> [SampledSeries] {
        try RemoteWriteRequest(bytes, maximumSamples: maximumSamples).series
    }

    // MARK: As it lies on the wire

    @Test func aRequestIsTheMessageThatPrometheusDefines() {
        let series = SampledSeries(
            labels: ["job": "a", "__name__": "up"],
            samples: [Sample(time: 1000, value: .float(1))])
        let name = [0x0a, 0x0e, 0x0a, 0x08] + Array("__name__".utf8) + [0x12, 0x02, 0x75, 0x70]
        let job = [0x0a, 0x08, 0x0a, 0x03] + Array("job".utf8) + [0x12, 0x01, 0x61]
        let sample: [UInt8] = [0x12, 0x0c, 0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x10, 0xe8, 0x07]
        let expected: [UInt8] = [0x0a, 0x28] + name + job + sample
        #expect(RemoteWriteRequest(series: [series]).encoded() == expected)
    }

    @Test func theMarkOfAnEndHasItsExactBits() throws {
        #expect(Absent.bits == 0x7ff0_0000_0000_0002)
        let bytes = RemoteWriteRequest(series: [
            SampledSeries(
                labels: ["a": "b"], samples: [Sample(time: 0, value: .float(Absent.value))])
        ]).encoded()
        #expect(bytes.suffix(9) == [0x09, 0x02, 0, 0, 0, 0, 0, 0xf0, 0x7f])
        guard case .float(let value) = try decoded(bytes)[0].samples[0].value else {
            Issue.record("not a float")
            return
        }
        #expect(Absent.isAbsent(value))
    }

    @Test func floatsAndHistogramsOfASeriesKeepTheirOrder() throws {
        let histogram = NativeHistogram(count: 3, sum: 4)
        let samples = [
            Sample(time: 1, value: .histogram(histogram)),
            Sample(time: 2, value: .histogram(histogram)),
            Sample(time: 3, value: .float(5)), Sample(time: 4, value: .histogram(histogram)),
        ]
        let labels: Labels = ["__name__": "mixed"]
        let series = try decoded(
            RemoteWriteRequest(series: [SampledSeries(labels: labels, samples: samples)])
                .encoded())
        #expect(series.map(\.labels) == [labels, labels, labels])
        #expect(series.map { $0.samples.map(\.time) } == [[1, 2], [3], [4]])
        #expect(series.flatMap(\.samples) == samples)
    }

    // MARK: There and back

    @Test func whatIsWrittenIsReadBitForBit() throws {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<300 {
            let series = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                generatedSeries(&random)
            }
            let bytes = RemoteWriteRequest(series: series).encoded()
            let read = try decoded(bytes)
            #expect(read.map(\.labels) == series.map(\.labels))
            for (left, right) in zip(read, series) {
                #expect(left.samples.map(\.time) == right.samples.map(\.time))
                #expect(left.samples.map { bits($0.value) } == right.samples.map { bits($0.value) })
            }
            #expect(RemoteWriteRequest(series: read).encoded() == bytes)
        }
    }

    /// A value that compares NaN and zeros by their bits.
    private func bits(_ value: SampledSeries.Value) -> [UInt64] {
        switch value {
        case .float(let float): return [float.bitPattern]
        case .histogram(let histogram):
            var numbers = [histogram.count, histogram.sum, histogram.zeroCount]
            numbers.append(histogram.zeroThreshold)
            if case .custom(let bounds) = histogram.layout { numbers += bounds }
            var result = numbers.map(\.bitPattern)
            result.append(UInt64(bitPattern: Int64(histogram.schema)))
            for side in [histogram.positive, histogram.negative] {
                result.append(UInt64(side.count))
                result += side.indices.map { UInt64(bitPattern: Int64($0)) }
                result += side.counts.map(\.bitPattern)
            }
            let hints: [NativeHistogram.ResetHint] = [.unknown, .reset, .notReset, .gauge]
            result.append(UInt64(hints.firstIndex(of: histogram.resetHint) ?? 9))
            return result
        }
    }

    private func generatedSeries(_ random: inout SeededGenerator) -> SampledSeries {
        let names = ["__name__", "cluster", "job", "a_long_name_of_a_label", "ünïcode", "z"]
        let values = ["a", "", "eu-1", String(repeating: "lang ", count: 60), "日本", "\u{0}"]
        var builder = LabelsBuilder()
        for name in names.shuffled(using: &random).prefix(Int.random(in: 0...6, using: &random)) {
            builder.set(name, values.randomElement(using: &random) ?? "")
        }
        let isOfHistograms = Bool.random(using: &random)
        let samples = (0..<Int.random(in: 1...4, using: &random)).map { _ in
            Sample(
                time: Int64.random(in: Int64.min...Int64.max, using: &random),
                value: isOfHistograms
                    ? .histogram(generatedHistogram(&random)) : .float(generatedFloat(&random)))
        }
        return SampledSeries(labels: builder.labels(), samples: samples)
    }

    private func generatedFloat(_ random: inout SeededGenerator) -> Double {
        let known = [0, -0.0, 1, .infinity, -.infinity, .nan, Absent.value, .leastNonzeroMagnitude]
        return known.randomElement(using: &random).flatMap {
            Bool.random(using: &random) ? $0 : nil
        } ?? Double(bitPattern: random.next())
    }

    private func generatedHistogram(_ random: inout SeededGenerator) -> NativeHistogram {
        var histogram = NativeHistogram(
            layout: .exponential(schema: Int.random(in: -4...8, using: &random)),
            count: generatedFloat(&random), sum: generatedFloat(&random),
            positive: generatedBuckets(from: Int.random(in: -500...500, using: &random), &random),
            resetHint: [.unknown, .reset, .notReset, .gauge].randomElement(using: &random)
                ?? .unknown)
        if Bool.random(using: &random) {
            let buckets = generatedBuckets(from: 0, &random)
            histogram.positive = buckets
            histogram.layout = .custom(
                bounds: (0..<max(buckets.indices.last ?? 0, 0)).map { Double($0) / 3 - 1 })
        } else {
            histogram.negative = generatedBuckets(from: -3, &random)
            histogram.zeroThreshold = 1e-128
            histogram.zeroCount = generatedFloat(&random)
        }
        return histogram
    }

    private func generatedBuckets(
        from first: Int, _ random: inout SeededGenerator
    ) -> HistogramBuckets {
        var buckets = HistogramBuckets()
        var index = first
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            index += Bool.random(using: &random) ? 0 : Int.random(in: 1...40, using: &random)
            buckets.append(generatedFloat(&random), at: index)
            index += 1
        }
        return buckets
    }

    // MARK: From others

    /// A request with one series of one histogram.
    private func request(_ write: (inout ProtobufWriter) -> Void) -> [UInt8] {
        var writer = ProtobufWriter()
        writer.append(message: 1) { $0.append(message: 4, write) }
        return writer.bytes
    }

    private func span(_ offset: Int64, _ length: UInt64) -> (inout ProtobufWriter) -> Void {
        { writer in
            writer.append(zigzag: offset, field: 1)
            writer.append(unsigned: length, field: 2)
        }
    }

    @Test func aHistogramOfIntegersIsReadFromItsDifferences() throws {
        let bytes = request { writer in
            writer.append(unsigned: 12, field: 1)
            writer.append(double: 18.5, field: 3)
            writer.append(zigzag: 1, field: 4)
            writer.append(double: 0.001, field: 5)
            writer.append(unsigned: 2, field: 6)
            writer.append(message: 11, span(-1, 2))
            writer.append(message: 11, span(3, 1))
            // Not packed, as a writer may have it.
            for difference: Int64 in [1, 2, -1] { writer.append(zigzag: difference, field: 12) }
            writer.append(unsigned: 2, field: 14)
            writer.append(signed: 99, field: 15)
        }
        let sample = try decoded(bytes)[0].samples[0]
        guard case .histogram(let histogram) = sample.value else {
            Issue.record("not a histogram")
            return
        }
        #expect(sample.time == 99)
        #expect(histogram.layout == .exponential(schema: 1))
        #expect(histogram.count == 12 && histogram.sum == 18.5)
        #expect(histogram.zeroThreshold == 0.001 && histogram.zeroCount == 2)
        #expect(histogram.positive.indices == [-1, 0, 4])
        #expect(histogram.positive.counts == [1, 3, 2])
        #expect(histogram.resetHint == .notReset)
    }

    @Test func whatDoesNotGoTogetherFails() {
        let faults: [((inout ProtobufWriter) -> Void, RemoteStorageFailure.Expected)] = [
            ({ $0.append(zigzag: 9, field: 4) }, .schema),
            ({ $0.append(zigzag: Int64.min, field: 4) }, .schema),
            // Four thousand million buckets, of which none has come.
            ({ $0.append(message: 11, self.span(0, UInt64(UInt32.max))) }, .spans),
            ({ $0.append(message: 11, self.span(1 << 40, 0)) }, .spans),
            (
                {
                    $0.append(chosen: 1, field: 2)
                    $0.append(packed: [1], field: 13)
                }, .spans
            ),
            (
                {
                    $0.append(chosen: 1, field: 2)
                    $0.append(message: 11, self.span(0, 1))
                    $0.append(message: 11, self.span(-1, 1))
                    $0.append(packed: [1, 2], field: 13)
                }, .spans
            ),
            ({ $0.append(packed: [1], field: 13) }, .counts),
            (
                {
                    $0.append(message: 11, self.span(0, 1))
                    $0.append(zigzag: -1, field: 12)
                }, .counts
            ),
            (
                {
                    $0.append(message: 11, self.span(0, 2))
                    $0.append(zigzag: Int64.max, field: 12)
                    $0.append(zigzag: Int64.max, field: 12)
                }, .counts
            ),
            (
                {
                    $0.append(zigzag: -53, field: 4)
                    $0.append(packed: [2, 1], field: 16)
                }, .bounds
            ),
            (
                {
                    $0.append(chosen: 1, field: 2)
                    $0.append(zigzag: -53, field: 4)
                    $0.append(message: 11, self.span(2, 1))
                    $0.append(packed: [1], field: 13)
                    $0.append(packed: [1], field: 16)
                }, .bounds
            ),
        ]
        for (write, expected) in faults {
            let bytes = request(write)
            #expect {
                try decoded(bytes)
            } throws: { error in
                guard case .wrongShape(expected, _) = error as? RemoteStorageFailure else {
                    return false
                }
                return true
            }
        }
    }

    @Test func aLabelNameComesOnce() {
        var writer = ProtobufWriter()
        writer.append(message: 1) { series in
            for value in ["x", "y"] {
                series.append(message: 1) { label in
                    label.append(text: Array("a".utf8), field: 1)
                    label.append(text: Array(value.utf8), field: 2)
                }
            }
        }
        #expect(throws: RemoteStorageFailure.self) { try decoded(writer.bytes) }
    }

    @Test func emptyMessagesDoNotTakeMoreThanIsAllowed() {
        // Two bytes each.
        let bytes = [[UInt8]](repeating: [0x0a, 0x00], count: 1000).flatMap(\.self)
        #expect(throws: RemoteStorageFailure.tooManySamples(maximum: 999)) {
            try decoded(bytes, maximumSamples: 999)
        }
        #expect(throws: Never.self) { try decoded(bytes, maximumSamples: 1000) }
    }

    @Test func damagedBytesFailOrAreReadButNeverTrap() throws {
        var random = SeededGenerator(seed: 77)
        let series = (0..<6).map { _ in generatedSeries(&random) }
        let whole = RemoteWriteRequest(series: series).encoded()
        var failures = 0
        for _ in 0..<5000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] = UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) {
                bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
            }
            do throws(RemoteStorageFailure) {
                let request = try RemoteWriteRequest(bytes, maximumSamples: 10_000)
                // What is read can be written and read again.
                let again = try RemoteWriteRequest(request.encoded(), maximumSamples: 10_000)
                #expect(again.encoded() == request.encoded())
            } catch {
                failures += 1
            }
        }
        #expect(failures > 1000)
    }
}
