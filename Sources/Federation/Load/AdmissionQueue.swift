/// Which queries run and which wait: a value, without tasks and clocks. `Admission` is what waits.
///
/// So many queries run at a time. Of these, those that cost more than their share (heavy ones) may
/// only cost so much together and leave some places free, so that cheap queries are let through
/// beside them. Who waits does so in a lane: each client has one for its cheap queries and one for
/// its heavy ones. Whose turn it is goes by start-time fair queuing: a lane's time advances by what
/// its queries cost, and the lane goes first whose time is the least. So a client that asks much
/// waits for itself, and a heavy query waits as long as its cost, not for ever.
package struct AdmissionQueue: Sendable {
    package struct Limits: Hashable, Sendable {
        /// Queries that run.
        package var running: Int
        /// What heavy queries cost together.
        package var cost: Int
        /// Queries that wait.
        package var waiting: Int

        package init(running: Int, cost: Int, waiting: Int) {
            self.running = running
            self.cost = cost
            self.waiting = waiting
        }

        /// A query that costs more is heavy: what is left over when all places cost the same.
        package var cheapCost: Int { max(1, cost / max(running, 1)) }
        /// The most heavy queries that run.
        package var heavy: Int { max(1, running - max(1, running / 4)) }
    }

    /// Who asks what.
    package struct Arrival: Hashable, Sendable {
        package var client: String
        package var cost: Int

        package init(client: String, cost: Int) {
            self.client = client
            self.cost = cost
        }
    }

    package enum Decision: Hashable, Sendable {
        case runs
        /// Its turn comes, or it is pushed out by another.
        case waits
        case refused
    }

    /// What became of an arrival, and who had to make room for it.
    package struct Outcome: Hashable, Sendable {
        package var decision: Decision
        package var pushedOut: Int?
    }

    private struct LaneName: Hashable, Sendable {
        var client: String
        var isHeavy: Bool
    }

    private struct Waiter: Sendable {
        var number: Int
        var cost: Int
    }

    private struct Lane: Sendable {
        /// In the order in which they came.
        var waiters: [Waiter] = []
        /// The lane's time: when its first waiter would begin.
        var time: Int
    }

    package let limits: Limits
    private var lanes: [LaneName: Lane] = [:]
    /// What runs, by number.
    private var costs: [Int: Int] = [:]
    /// Where those are that wait.
    private var places: [Int: LaneName] = [:]
    /// The time of the lane that was served last.
    private var time = 0
    private var heavyCount = 0
    private var heavyCost = 0

    package init(_ limits: Limits) { self.limits = limits }

    package var runningCount: Int { costs.count }
    package var waitingCount: Int { places.count }

    // MARK: Events

    /// A query comes; its number is its own.
    package mutating func arrive(_ number: Int, _ arrival: Arrival) -> Outcome {
        let cost = max(arrival.cost, 1)
        let name = LaneName(client: arrival.client, isHeavy: isHeavy(cost))
        // Of those that wait none can run, so who can run has none before it but in its lane.
        if lanes[name]?.waiters.isEmpty ?? true, fits(cost) {
            run(number, cost)
            return Outcome(decision: .runs)
        }
        var pushedOut: Int?
        if waitingCount >= limits.waiting {
            guard let crowded = crowdedLane(beside: arrival.client) else {
                return Outcome(decision: .refused)
            }
            pushedOut = lanes[crowded]?.waiters.last?.number
            if let pushedOut { giveUp(pushedOut) }
        }
        places[number] = name
        let start = max(lanes[name]?.time ?? time, time)
        var lane = lanes[name] ?? Lane(time: start)
        if lane.waiters.isEmpty { lane.time = start }
        lane.waiters.append(Waiter(number: number, cost: cost))
        lanes[name] = lane
        return Outcome(decision: .waits, pushedOut: pushedOut)
    }

    /// A query that runs has ended. Returns those whose turn it is.
    package mutating func leave(_ number: Int) -> [Int] {
        guard let cost = costs.removeValue(forKey: number) else { return [] }
        if isHeavy(cost) {
            heavyCount -= 1
            heavyCost -= cost
        }
        return admitted()
    }

    /// A query that waits does so no more. Returns those whose turn it is: one behind it in its lane
    /// may be smaller.
    package mutating func withdraw(_ number: Int) -> [Int] {
        giveUp(number)
        return admitted()
    }

    // MARK: Turns

    private func isHeavy(_ cost: Int) -> Bool { cost > limits.cheapCost }

    private func fits(_ cost: Int) -> Bool {
        guard costs.count < limits.running else { return false }
        guard isHeavy(cost) else { return true }
        // One runs however much it costs.
        if heavyCount == 0 { return true }
        return heavyCount < limits.heavy && heavyCost + cost <= limits.cost
    }

    private mutating func run(_ number: Int, _ cost: Int) {
        costs[number] = cost
        if isHeavy(cost) {
            heavyCount += 1
            heavyCost += cost
        }
    }

    private mutating func admitted() -> [Int] {
        var numbers: [Int] = []
        while let name = nextLane(), var lane = lanes[name] {
            let waiter = lane.waiters.removeFirst()
            time = max(time, lane.time)
            lane.time += waiter.cost
            lanes[name] = lane
            places[waiter.number] = nil
            run(waiter.number, waiter.cost)
            numbers.append(waiter.number)
        }
        forgetOldLanes()
        return numbers
    }

    /// The lane whose turn it is; nil where nobody can run.
    private func nextLane() -> LaneName? {
        guard costs.count < limits.running, !places.isEmpty else { return nil }
        var best: (name: LaneName, time: Int, number: Int)?
        for (name, lane) in lanes {
            guard let waiter = lane.waiters.first, fits(waiter.cost) else { continue }
            // Of equal ones who came first.
            if let best, (best.time, best.number) < (lane.time, waiter.number) { continue }
            best = (name, lane.time, waiter.number)
        }
        return best?.name
    }

    private mutating func giveUp(_ number: Int) {
        guard let name = places.removeValue(forKey: number) else { return }
        lanes[name]?.waiters.removeAll { $0.number == number }
        forgetOldLanes()
    }

    /// Of a lane without waiters only its time matters, and that only while it is ahead.
    private mutating func forgetOldLanes() {
        if places.isEmpty {
            lanes = [:]
            time = 0
        } else {
            lanes = lanes.filter { !$0.value.waiters.isEmpty || $0.value.time > time }
        }
    }

    /// The longest lane of a client that has more waiters than the one who comes would have.
    private func crowdedLane(beside client: String) -> LaneName? {
        var counts: [String: Int] = [:]
        for (name, lane) in lanes { counts[name.client, default: 0] += lane.waiters.count }
        let own = counts[client] ?? 0
        let crowded = counts.filter { $0.value > own + 1 }
            .max { ($0.value, $0.key) < ($1.value, $1.key) }
        guard let crowded else { return nil }
        return lanes.filter { $0.key.client == crowded.key && !$0.value.waiters.isEmpty }
            .max {
                ($0.value.waiters.count, $0.key.isHeavy ? 1 : 0)
                    < ($1.value.waiters.count, $1.key.isHeavy ? 1 : 0)
            }?.key
    }
}
