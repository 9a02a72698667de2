import Federation
import TestSupport
import Testing

@Suite("Which queries run and which wait")
struct AdmissionQueueTests {
    private static let limits = AdmissionQueue.Limits(running: 4, cost: 400, waiting: 20)

    private func queue(_ limits: AdmissionQueue.Limits = limits) -> AdmissionQueue {
        AdmissionQueue(limits)
    }

    @Test func whoComesToFreePlacesRuns() {
        var queue = queue()
        for number in 1...4 {
            #expect(queue.arrive(number, .init(client: "a", cost: 100)).decision == .runs)
        }
        #expect(queue.arrive(5, .init(client: "b", cost: 1)).decision == .waits)
        #expect(queue.leave(2) == [5])
        #expect(queue.runningCount == 4)
    }

    @Test func oneQueryRunsHoweverMuchItCosts() {
        var queue = queue()
        #expect(queue.arrive(1, .init(client: "a", cost: 1_000_000)).decision == .runs)
        #expect(queue.arrive(2, .init(client: "b", cost: 101)).decision == .waits)
        #expect(queue.leave(1) == [2])
    }

    @Test func cheapQueriesPassHeavyOnesThatWaitEvenOfTheSameClient() {
        var queue = queue()
        #expect(queue.arrive(1, .init(client: "a", cost: 1_000_000)).decision == .runs)
        #expect(queue.arrive(2, .init(client: "a", cost: 1_000_000)).decision == .waits)
        for number in 3...5 {
            #expect(queue.arrive(number, .init(client: "a", cost: 5)).decision == .runs)
        }
    }

    @Test func heavyQueriesLeaveAPlaceFree() {
        var queue = queue()
        for number in 1...3 {
            #expect(queue.arrive(number, .init(client: "a", cost: 101)).decision == .runs)
        }
        #expect(queue.arrive(4, .init(client: "a", cost: 101)).decision == .waits)
        #expect(queue.arrive(5, .init(client: "a", cost: 1)).decision == .runs)
    }

    @Test func whoAsksLittleGoesBeforeWhoAsksMuch() {
        var queue = queue(.init(running: 1, cost: 100, waiting: 100))
        _ = queue.arrive(0, .init(client: "much", cost: 10))
        for number in 1...50 { _ = queue.arrive(number, .init(client: "much", cost: 10)) }
        // The first of the others has its turn after at most one more of the many.
        _ = queue.arrive(100, .init(client: "little", cost: 10))
        var order: [Int] = []
        var running = 0
        for _ in 0..<3 {
            running = queue.leave(running).first ?? -1
            order.append(running)
        }
        #expect(order.contains(100), "\(order)")
    }

    @Test func aHeavyQueryWaitsAsLongAsItsCostAndNotForEver() throws {
        // Two clients without an end of cheap queries, and one heavy query beside them.
        var queue = queue(.init(running: 1, cost: 100, waiting: 100))
        var number = 0
        func cheap(_ client: String) {
            number += 1
            _ = queue.arrive(number, .init(client: client, cost: 10))
        }
        cheap("a")
        cheap("a")
        cheap("b")
        _ = queue.arrive(1000, .init(client: "c", cost: 500))
        var running = 1
        var served = 0
        while running != 1000 {
            running = try #require(queue.leave(running).first)
            served += 1
            cheap(served.isMultiple(of: 2) ? "a" : "b")
            try #require(served < 200)
        }
        #expect(served <= 110)
    }

    @Test func aFullQueuePushesOutTheLastOfWhoHasMost() {
        var queue = queue(.init(running: 1, cost: 100, waiting: 3))
        for number in 0...3 { _ = queue.arrive(number, .init(client: "much", cost: 1)) }
        let other = queue.arrive(4, .init(client: "little", cost: 1))
        #expect(other.decision == .waits)
        #expect(other.pushedOut == 3)
        #expect(queue.arrive(5, .init(client: "much", cost: 1)).decision == .refused)
        #expect(queue.waitingCount == 3)
    }

    @Test func whereNobodyMayWaitThereIsNoQueue() {
        var queue = queue(.init(running: 1, cost: 100, waiting: 0))
        #expect(queue.arrive(1, .init(client: "a", cost: 1)).decision == .runs)
        #expect(queue.arrive(2, .init(client: "b", cost: 1)).decision == .refused)
        #expect(queue.leave(1).isEmpty)
        #expect(queue.arrive(3, .init(client: "b", cost: 1)).decision == .runs)
    }

    @Test func whoLeavesTheQueueLetsOthersThrough() {
        var queue = queue()
        _ = queue.arrive(1, .init(client: "a", cost: 300))
        _ = queue.arrive(2, .init(client: "a", cost: 300))
        _ = queue.arrive(3, .init(client: "a", cost: 101))
        // The third fits, but stands behind the second.
        #expect(queue.waitingCount == 2)
        #expect(queue.withdraw(2).isEmpty == (101 + 300 > 400))
        #expect(queue.leave(1) == [3])
        #expect(queue.waitingCount == 0)
    }

    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func whateverComesNothingIsLostAndNoLimitPassed(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let limits = AdmissionQueue.Limits(
            running: Int.random(in: 1...8, using: &random),
            cost: Int.random(in: 1...500, using: &random),
            waiting: Int.random(in: 0...12, using: &random))
        var queue = AdmissionQueue(limits)
        var costs: [Int: Int] = [:]
        var running: Set<Int> = []
        var waiting: Set<Int> = []
        var asked = 0
        func begin(_ numbers: [Int]) throws {
            for number in numbers {
                try #require(waiting.remove(number) != nil, "seed \(seed): \(number) did not wait")
                running.insert(number)
            }
        }
        for number in 0..<600 {
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1, 2:
                let cost = Int.random(in: 0...3, using: &random) == 0 ? 300 : 20
                costs[number] = Int.random(in: 1...cost, using: &random)
                let client = ["a", "b", "c"].randomElement(using: &random) ?? ""
                let outcome = queue.arrive(
                    number, .init(client: client, cost: costs[number] ?? 0))
                asked += 1
                switch outcome.decision {
                case .runs: running.insert(number)
                case .waits: waiting.insert(number)
                case .refused:
                    #expect(waiting.count == limits.waiting, "seed \(seed)")
                }
                if let loser = outcome.pushedOut {
                    try #require(waiting.remove(loser) != nil, "seed \(seed)")
                }
            case 3:
                guard let ended = running.sorted().randomElement(using: &random) else { continue }
                running.remove(ended)
                try begin(queue.leave(ended))
            default:
                guard let gone = waiting.sorted().randomElement(using: &random),
                    Bool.random(using: &random)
                else { continue }
                waiting.remove(gone)
                try begin(queue.withdraw(gone))
            }
            #expect(queue.runningCount == running.count, "seed \(seed)")
            #expect(queue.waitingCount == waiting.count, "seed \(seed)")
            #expect(running.count <= limits.running, "seed \(seed)")
            #expect(waiting.count <= limits.waiting, "seed \(seed)")
            let heavy = running.compactMap { costs[$0] }.filter { $0 > limits.cheapCost }
            #expect(heavy.count <= limits.heavy, "seed \(seed)")
            #expect(heavy.count <= 1 || heavy.reduce(0, +) <= limits.cost, "seed \(seed)")
            // Nobody waits for nothing: with a place free, cheap queries do not wait.
            if running.count < limits.running {
                let cheap = waiting.filter { (costs[$0] ?? 0) <= limits.cheapCost }
                #expect(cheap.isEmpty, "seed \(seed)")
                #expect(heavy.count > 0 || waiting.isEmpty, "seed \(seed)")
            }
        }
        // In the end all have had their turn.
        while let ended = running.min() {
            running.remove(ended)
            try begin(queue.leave(ended))
        }
        #expect(waiting.isEmpty, "seed \(seed)")
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func clientsThatAlwaysWaitAreServedAlike(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var queue = AdmissionQueue(.init(running: 1, cost: 100, waiting: 10_000))
        let clients = ["a", "b", "c", "d"]
        var owners: [Int: (client: String, cost: Int)] = [:]
        _ = queue.arrive(-1, .init(client: "first", cost: 1))
        for number in 0..<2000 {
            // One asks ten times as often as the others.
            let client = clients[min(3, Int.random(in: 0..<13, using: &random))]
            let cost = Int.random(in: 1...100, using: &random)
            owners[number] = (client, cost)
            _ = queue.arrive(number, .init(client: client, cost: cost))
        }
        var served: [String: Int] = [:]
        var running = -1
        for _ in 0..<400 {
            running = try #require(queue.leave(running).first)
            let owner = try #require(owners[running])
            served[owner.client, default: 0] += owner.cost
        }
        let totals = clients.map { served[$0] ?? 0 }
        let (least, most) = (totals.min() ?? 0, totals.max() ?? 0)
        // Those differ by no more than the costs of one query of each.
        #expect(most - least <= 200, "seed \(seed): \(totals)")
    }
}
