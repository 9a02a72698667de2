extension Array where Element: Sendable {
    private struct Placed<Answer: Sendable>: Sendable {
        var place: Int
        var answer: Answer
    }

    /// What is answered to each element, in the elements' order; so many are asked at once.
    func answers<Answer: Sendable>(
        atOnce width: Int, _ ask: @escaping @Sendable (Element) async -> Answer
    ) async -> [Answer] {
        await withTaskGroup(of: Placed<Answer>.self) { group in
            var left = indices
            func askNext() {
                guard let place = left.popFirst() else { return }
                let element = self[place]
                group.addTask { await Self.placed(element, at: place, ask) }
            }
            for _ in 0..<Swift.max(1, width) { askNext() }
            var answers: [Placed<Answer>] = []
            for await answer in group {
                answers.append(answer)
                askNext()
            }
            return answers.sorted { $0.place < $1.place }.map(\.answer)
        }
    }

    private static func placed<Answer: Sendable>(
        _ element: Element, at place: Int, _ ask: @Sendable (Element) async -> Answer
    ) async -> Placed<Answer> {
        Placed(place: place, answer: await ask(element))
    }
}
