import Synchronization
import Testing
import Upstream

@Suite("Asking about many things, so many at a time")
struct AnswersAtOnceTests {
    private struct Refusal: Error, Equatable {
        var number: Int
    }

    @Test func answersAreInTheElementsOrderAndNoMoreAreAskedAtOnce() async {
        let asking = Atomic(0)
        let most = Atomic(0)
        let answers = await Array(1...20).answers(atOnce: 4) { number in
            let now = asking.add(1, ordering: .relaxed).newValue
            _ = most.max(now, ordering: .relaxed)
            for _ in number..<20 { await Task.yield() }
            asking.subtract(1, ordering: .relaxed)
            return number * number
        }
        #expect(answers == (1...20).map { $0 * $0 })
        #expect((1...4).contains(most.load(ordering: .relaxed)))
    }

    @Test func theFirstFailureEndsTheAsking() async {
        let asked = Atomic(0)
        let refusal = await #expect(throws: Refusal.self) {
            try await Array(1...20).answers(atOnce: 1) { number in
                asked.add(1, ordering: .relaxed)
                guard number < 3 else { throw Refusal(number: number) }
                return number
            }
        }
        #expect(refusal == Refusal(number: 3))
        #expect(asked.load(ordering: .relaxed) == 3)
    }
}
