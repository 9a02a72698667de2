import TestSupport
import Testing
import TimeSeries

struct NumberTextTests {
    /// A value as samples, scalars and literals have it, by Go.
    @Test(arguments: [
        (0, "0", "0", "0"), (-0.0, "-0", "-0", "-0"), (1, "1", "1", "1"), (-1, "-1", "-1", "-1"),
        (0.1 + 0.2, "0.30000000000000004", "0.30000000000000004", "0.30000000000000004"),
        (1e-4, "0.0001", "0.0001", "0.0001"), (1e-5, "0.00001", "0.00001", "1e-05"),
        (1e-6, "0.000001", "0.000001", "1e-06"), (1e-7, "1e-07", "0.0000001", "1e-07"),
        (-1.5e-7, "-1.5e-07", "-0.00000015", "-1.5e-07"),
        (1e20, "100000000000000000000", "100000000000000000000", "100000000000000000000"),
        (1e21, "1e+21", "1000000000000000000000", "1e+21"),
        (1.5e300, "1.5e+300", "15" + String(repeating: "0", count: 299), "1.5e+300"),
        (0x1p53, "9007199254740992", "9007199254740992", "9007199254740992"),
        (0x1p53 - 1, "9007199254740991", "9007199254740991", "9007199254740991"),
        (0x1p54 + 4, "18014398509481988", "18014398509481988", "18014398509481988"),
        // Not the digits of the double, but the shortest and then zeros.
        (
            2_318_554_045_859_687_424, "2318554045859687400", "2318554045859687400",
            "2318554045859687400"
        ),
        (-0x1p63, "-9223372036854776000", "-9223372036854776000", "-9223372036854776000"),
        (123456.789, "123456.789", "123456.789", "123456.789"),
        (.nan, "NaN", "NaN", "NaN"), (.infinity, "+Inf", "+Inf", "+Inf"),
        (-.infinity, "-Inf", "-Inf", "-Inf"),
    ])
    func aNumberIsWrittenAsGoWritesIt(
        _ value: Double, _ sample: String, _ fixed: String, _ literal: String
    ) {
        #expect(NumberText.sample(value) == sample)
        #expect(NumberText.fixed(value) == fixed)
        #expect(NumberText.literal(value) == literal)
    }

    @Test func theSmallestNumberIsWrittenAsGoWritesIt() {
        let smallest = Double.leastNonzeroMagnitude
        #expect(NumberText.sample(smallest) == "5e-324")
        #expect(NumberText.fixed(smallest) == "0." + String(repeating: "0", count: 323) + "5")
        #expect(
            NumberText.sample(.greatestFiniteMagnitude) == "1.7976931348623157e+308")
        #expect(NumberText.fixed(.greatestFiniteMagnitude).count == 309)
    }

    @Test func everyNumberReadsBackAsItself() {
        var generator = SeededGenerator(seed: 17)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: generator.next())
            guard !value.isNaN else { continue }
            for text in [
                NumberText.sample(value), NumberText.fixed(value), NumberText.literal(value),
            ] {
                #expect(NumberText.read(text)?.bitPattern == value.bitPattern)
            }
        }
    }

    @Test func numbersOfEveryMagnitudeReadBackAsThemselves() {
        var generator = SeededGenerator(seed: 18)
        for _ in 0..<20_000 {
            let digits = Double(Int64.random(in: -(1 << 60)...(1 << 60), using: &generator))
            let value =
                digits * [1, 1e-3, 1e-9, 1e3, 1e-18][Int.random(in: 0..<5, using: &generator)]
            #expect(NumberText.read(NumberText.sample(value))?.bitPattern == value.bitPattern)
            #expect(NumberText.read(NumberText.fixed(value))?.bitPattern == value.bitPattern)
        }
    }

    @Test(arguments: [
        ("1", 1), ("+1", 1), ("-1.5e3", -1500), ("1E3", 1000), (".5", 0.5), ("5.", 5),
        ("+Inf", .infinity),
        ("-inf", -.infinity), ("Infinity", .infinity), ("1e400", .infinity), ("-1e400", -.infinity),
        ("1e-400", 0),
    ])
    func aNumberIsRead(_ text: String, _ wanted: Double) {
        #expect(NumberText.read(text) == wanted)
    }

    @Test func notANumberIsANumber() {
        #expect(NumberText.read("NaN")?.isNaN == true)
        #expect(NumberText.read("nan")?.isNaN == true)
        // Never the mark of an absent value.
        #expect(NumberText.read("NaN").map { Absent.isAbsent($0) } == false)
    }

    @Test(arguments: [
        "", "+", "-", "--1", "+-1", "1x", "x", "1 ", " 1", "0x10", "1e", "infinit", "1,5", ".",
        "1.2.3",
    ])
    func whatIsNoNumberIsNone(_ text: String) {
        #expect(NumberText.read(text) == nil)
    }

    @Test(arguments: [
        (0, "0"), (1000, "1"), (1_700_000_000_000, "1700000000"),
        (1_700_000_000_500, "1700000000.500"),
        (1_700_000_000_001, "1700000000.001"), (1_700_000_000_120, "1700000000.120"),
        (-1500, "-1.500"),
        (-2000, "-2"), (999, "0.999"), (.min, "-9223372036854775.808"),
        (.max, "9223372036854775.807"),
    ])
    func aTimeIsWholeOrHasThreeDecimals(_ milliseconds: Int64, _ wanted: String) {
        #expect(NumberText.timestamp(milliseconds) == wanted)
    }

    @Test(arguments: [
        (1.005, 2, "1.00"), (2.5, 0, "2"), (-1.25, 1, "-1.2"), (0, 2, "0.00"), (1e3, 3, "1000.000"),
        (.infinity, 2, "+Inf"),
    ])
    func decimalsAreAsManyAsAskedFor(_ value: Double, _ digits: Int, _ wanted: String) {
        #expect(NumberText.decimals(value, digits) == wanted)
    }
}
