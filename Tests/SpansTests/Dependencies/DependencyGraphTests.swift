import Spans
import TestSupport
import Testing

@Suite struct DependencyGraphTests {
    /// `a>b 3` and so on, with commas between.
    private static func graph(_ text: String) -> DependencyGraph {
        DependencyGraph(
            text.split(separator: ",").map { edge in
                let parts = edge.split { " >".contains($0) }.map(String.init)
                return ServiceDependency(
                    parent: parts[0], child: parts[1], callCount: UInt64(parts[2]) ?? 0)
            })
    }

    @Test func theShortestPathHasFewestCallsAndTheFirstNames() {
        let graph = Self.graph("a>c 1, c>d 9, a>b 9, b>d 9, d>e 2, a>x 5, x>y 5, y>e 5")
        #expect(graph.shortest(from: "a", to: "e")?.services == ["a", "b", "d", "e"])
        #expect(graph.shortest(from: "a", to: "d")?.calls.map(\.callCount) == [9, 9])
    }

    @Test func theBusiestPathHasTheLargestLeastCall() {
        let graph = Self.graph("a>b 1, b>d 100, a>c 7, c>x 6, x>d 8")
        #expect(graph.shortest(from: "a", to: "d")?.services == ["a", "b", "d"])
        let busiest = graph.busiest(from: "a", to: "d")
        #expect(busiest?.services == ["a", "c", "x", "d"] && busiest?.leastCalls == 6)
    }

    @Test func callsHaveADirectionAndSomeServicesAreNotReached() {
        let graph = Self.graph("a>b 1, c>b 1, a>a 3")
        #expect(graph.shortest(from: "b", to: "a") == nil)
        #expect(graph.busiest(from: "a", to: "c") == nil)
        #expect(graph.shortest(from: "a", to: "z") == nil)
        #expect(graph.reachable(from: "a") == ["b"] && graph.services == ["a", "b", "c"])
    }

    @Test func aServiceReachesItselfWithoutACall() {
        let path = Self.graph("a>b 1, b>a 1").busiest(from: "a", to: "a")
        #expect(path?.services == ["a"] && path?.calls == [] && path?.leastCalls == nil)
    }

    @Test func edgesOfTheSameServicesAreAddedUp() {
        let path = Self.graph("a>b 1, a>b 2").shortest(from: "a", to: "b")
        #expect(path?.calls == [.init(parent: "a", child: "b", callCount: 3)])
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func noOtherPathIsWiderThanTheBusiest(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let edges = (0..<14).map { _ in
            ServiceDependency(
                parent: "\(Int.random(in: 0..<7, using: &random))",
                child: "\(Int.random(in: 0..<7, using: &random))",
                callCount: .random(in: 1...9, using: &random))
        }
        let graph = DependencyGraph(edges)
        // Every simple path, one after the other.
        var widest: [String: UInt64] = [:]
        var waiting: [([String], UInt64)] = [(["0"], .max)]
        while let (way, width) = waiting.popLast() {
            guard let last = way.last else { continue }
            for next in graph.services where !way.contains(next) {
                let count = edges.filter { $0.parent == last && $0.child == next }
                    .reduce(0) { $0 + $1.callCount }
                guard count > 0 else { continue }
                widest[next] = max(widest[next] ?? 0, min(width, count))
                waiting.append((way + [next], min(width, count)))
            }
        }
        for service in graph.services where service != "0" {
            let found = graph.contains("0") ? graph.busiest(from: "0", to: service) : nil
            #expect(found?.leastCalls == widest[service], "\(service)")
        }
    }
}
