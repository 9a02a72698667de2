import TestSupport
import Testing
import TimeSeries

struct CompensatedSumTests {
    private func sum(_ terms: [Double]) -> Double {
        var sum = CompensatedSum()
        for term in terms { sum.add(term) }
        return sum.value
    }

    @Test func whatRoundingLosesIsCarriedAlong() {
        #expect(sum([1, 1e100, 1, -1e100]) == 2)
        #expect(sum([1e100, 1, -1e100, 1]) == 2)
        #expect(sum([Double](repeating: 0.1, count: 10)) == 1)
        #expect(sum([]) == 0)
        #expect(CompensatedSum(5).value == 5)
    }

    @Test func infinitiesAndNotNumbersStayWhatTheyAre() {
        #expect(sum([1, .infinity, 2]) == .infinity)
        #expect(sum([-.infinity, 1]) == -.infinity)
        #expect(sum([.infinity, -.infinity]).isNaN)
        #expect(sum([1, .nan, 2]).isNaN)
        #expect(sum([.greatestFiniteMagnitude, .greatestFiniteMagnitude]) == .infinity)
    }

    @Test(arguments: 0..<20)
    func theSumOfWholeNumbersOverAPowerOfTwoIsExact(_ seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        var exact: Int64 = 0
        var terms: [Double] = []
        for _ in 0..<1000 {
            let term = Int64.random(in: -(1 << 40)...(1 << 40), using: &generator)
            exact += term
            terms.append(Double(term) / 1024)
        }
        terms += [1e25, -1e25]
        #expect(sum(terms.shuffled(using: &generator)) == Double(exact) / 1024)
    }
}
