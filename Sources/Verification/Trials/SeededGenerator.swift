/// The same numbers on every run with one seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        return Self.mixed(state)
    }

    /// A number that says little of the one that it is made from.
    static func mixed(_ number: UInt64) -> UInt64 {
        var mixed = number
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// One of the elements, of which there is one at least.
    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: elements.indices, using: &self)]
    }

    /// One of the elements, each as likely as its weight.
    mutating func pick<Element>(weighted elements: [(weight: Int, element: Element)]) -> Element {
        var rest = Int.random(in: 0..<elements.reduce(0) { $0 + $1.weight }, using: &self)
        for (weight, element) in elements {
            if rest < weight { return element }
            rest -= weight
        }
        preconditionFailure("the weights are counted")
    }

    /// True so many times in a hundred.
    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    /// Some of the elements in their order, `count` of them at most.
    mutating func some<Element>(of elements: [Element], atMost count: Int) -> [Element] {
        var left = Int.random(in: 0...min(count, elements.count), using: &self)
        var result: [Element] = []
        for (place, element) in elements.enumerated() where left > 0 {
            if Int.random(in: 0..<elements.count - place, using: &self) < left {
                result.append(element)
                left -= 1
            }
        }
        return result
    }
}
