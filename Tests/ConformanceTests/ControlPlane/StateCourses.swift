import Foundation
import TestSupport

/// All courses of `StateCase`, run once, when a test first asks for one of them: lanes side by side,
/// so that waiting for one is waiting for many.
actor StateCourses {
    static let shared = StateCourses()

    /// What came of a course.
    struct Outcome: Sendable {
        var name: String
        /// Nil where all was as expected.
        var failure: String?
    }

    private var task: Task<[String: Outcome], any Error>?

    func outcome(of course: StateCase) async throws -> Outcome? {
        let task = task ?? Task { try await Self.run() }
        self.task = task
        return try await task.value[course.name]
    }

    private static func run() async throws -> [String: Outcome] {
        let fleet = try await WatchedFleet()
        let runner = CourseRunner(fleet: fleet)
        var outcomes: [Outcome] = []
        for phase in StateCase.Phase.allCases {
            outcomes += await runner.runLanes(of: StateCase.all.filter { $0.phase == phase })
        }
        await fleet.end()
        return Dictionary(outcomes.map { ($0.name, $0) }, uniquingKeysWith: { one, _ in one })
    }
}

/// What the gateway tells, fetched once for all who look at about the same time.
private actor Looks {
    private let gateway: IsthmusServer
    private var last: FleetLook?
    private var fetching: Task<FleetLook, any Error>?

    /// How old a look may be, seconds.
    private static let freshness = 0.2

    init(_ gateway: IsthmusServer) { self.gateway = gateway }

    /// A look of after a time, Unix seconds.
    func look(after time: Double) async throws -> FleetLook {
        if let last, last.time > time,
            Date().timeIntervalSince1970 - last.time < Self.freshness
        {
            return last
        }
        let task = fetching ?? Task { [gateway] in try await FleetLook(gateway) }
        fetching = task
        defer { fetching = nil }
        let look = try await task.value
        last = look
        return look
    }
}

/// Takes courses through their changes.
private struct CourseRunner: Sendable {
    let fleet: WatchedFleet
    private let looks: Looks

    /// Long enough for a machine that does much else.
    private static let patience = Duration.seconds(180)
    private static let pause = Duration.milliseconds(200)

    init(fleet: WatchedFleet) {
        self.fleet = fleet
        looks = Looks(fleet.gateway)
    }

    /// In each lane first those that may be on together, then the others one by one.
    func runLanes(of courses: [StateCase]) async -> [StateCourses.Outcome] {
        let lanes = Dictionary(grouping: courses, by: \.lane).sorted { $0.key < $1.key }
            .map(\.value)
        return await concurrently(lanes, width: lanes.count) { await runLane($0) }
            .flatMap { $0 }
    }

    private func runLane(_ courses: [StateCase]) async -> [StateCourses.Outcome] {
        let together = courses.filter { !$0.isAlone }
        var outcomes = await concurrently(together, width: max(1, together.count)) {
            await outcome(of: $0)
        }
        for course in courses where course.isAlone {
            outcomes.append(await outcome(of: course))
        }
        return outcomes
    }

    private func outcome(of course: StateCase) async -> StateCourses.Outcome {
        var failure: String?
        do {
            try await run(course)
        } catch {
            failure = "\(error)"
            // What comes next in the lane is not to suffer from it.
            try? await undo(course)
        }
        return StateCourses.Outcome(name: course.name, failure: failure)
    }

    private func run(_ course: StateCase) async throws {
        try await wait(course, "before", for: course.usually, since: 0)
        let begin = Date().timeIntervalSince1970
        try await make(course)
        try await wait(course, "during", for: course.during, since: begin)
        for expectation in course.during {
            guard let query = expectation.query(of: course.cluster) else { continue }
            try await wait(for: query, isThere: true)
        }
        guard course.phase != .whole else { return }
        let end = Date().timeIntervalSince1970
        try await undo(course)
        try await wait(course, "after", for: course.usually, since: end)
        for expectation in course.during where !course.usually.contains(expectation) {
            guard let query = expectation.query(of: course.cluster) else { continue }
            try await wait(for: query, isThere: false)
        }
    }

    // MARK: Changes

    private func make(_ course: StateCase) async throws {
        switch course.change {
        case .nothing: break
        case .fault(let fault, let place):
            try await fleet.turn("POST", fault, "replica", place, in: course.cluster)
        case .serviceFault(let fault, let place):
            try await fleet.turn("POST", fault, "service", place, in: course.cluster)
        case .meshKilled: try await fleet.mesh(course.cluster).kill()
        case .prometheusKilled: try await fleet.killPrometheus(of: course.cluster)
        }
    }

    private func undo(_ course: StateCase) async throws {
        switch course.change {
        case .nothing: break
        case .fault(let fault, let place):
            try await fleet.turn("DELETE", fault, "replica", place, in: course.cluster)
        case .serviceFault(let fault, let place):
            try await fleet.turn("DELETE", fault, "service", place, in: course.cluster)
        case .meshKilled: try await fleet.mesh(course.cluster).restart()
        case .prometheusKilled: try await fleet.restartPrometheus(of: course.cluster)
        }
    }

    // MARK: Waiting

    /// Waits until the gateway tells all of it.
    private func wait(
        _ course: StateCase, _ moment: String, for expectations: [Expectation], since: Double
    ) async throws {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            let look = try? await looks.look(after: since)
            let unmet = expectations.filter { expectation in
                look.map {
                    !expectation.holds(in: $0, of: course.cluster, since: since)
                } ?? true
            }
            if unmet.isEmpty { return }
            guard ContinuousClock.now < deadline, fleet.gateway.process.isRunning else {
                let told = look?.view.cluster(course.cluster).map { "\($0)" } ?? "nothing"
                throw ProcessFailure(
                    "\(moment): not so: \(unmet.map(\.description).joined(separator: "; "))\n"
                        + "told is: \(told)")
            }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// Waits until a query has an answer, or none.
    private func wait(for query: String, isThere: Bool) async throws {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            let time = QueryTime.instant("\(Date().timeIntervalSince1970)")
            let answer = try? await ask(port: fleet.gateway.port, query, time)
            if let answer, answer.series.isEmpty != isThere { return }
            guard ContinuousClock.now < deadline, fleet.gateway.process.isRunning else {
                throw ProcessFailure("\(isThere ? "no" : "still an") answer: \(query)")
            }
            try await Task.sleep(for: Self.pause)
        }
    }
}
