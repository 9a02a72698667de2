import Clusters
import Planning
import Rules
import TestSupport
import Testing
import TimeSeries

/// Sequences of evaluations that a seed makes.
@Suite struct GeneratedTimelineTests {
    private typealias Timeline = RuleTimeline

    @Test(arguments: 0..<60)
    func withAllClustersThereAlertsAreThoseOfPrometheus(_ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let hold = [0, 60, 150, 600].randomElement(using: &random) ?? 0
        let keep = [0, 0, 90, 300].randomElement(using: &random) ?? 0
        let query = ["x > 0", "count(x) < 3", "avg(x) > 1", "absent(x)"][seed % 4]
        var line = Timeline([try Timeline.alert(query, for: Int64(hold), keep: Int64(keep))])
        var plain = PlainAlerts(hold: Int64(hold), keep: Int64(keep))
        var time: Int64 = 0
        for _ in 0..<150 {
            time += Bool.random(using: &random) ? 30 : Int64.random(in: 1...400, using: &random)
            if Int.random(in: 0..<10, using: &random) == 0 {
                line.evaluate(time, .failure("no"))
                continue
            }
            let names = ["a", "b", "c"].filter { _ in
                Int.random(in: 0..<10, using: &random) < 7
            }
            line.evaluate(time, names.map { ["name": $0] })
            plain.evaluate(time, Set(names))
            #expect(line.state.rules[0].alerts.count == plain.alerts.count)
            for (name, wanted) in plain.alerts {
                let found = line.state.rules[0].alerts[["alertname": "A", "name": name]]
                let told = found.map {
                    PlainAlerts.Alert(
                        state: $0.state, activeAt: Self.second($0.activeAt),
                        firedAt: $0.firedAt.map(Self.second),
                        resolvedAt: $0.resolvedAt.map(Self.second),
                        keepFiringSince: $0.keepFiringSince.map(Self.second))
                }
                #expect(told == wanted, "\(name) at \(time)")
            }
        }
    }

    private static func second(_ time: Int64) -> Int64 { time / 1000 - Timeline.start }

    /// What is known of one alert's condition at one time.
    private enum Known {
        case holds
        case doesNot
        case unknown
    }

    /// The condition of one cluster's own alert: unknown while the cluster is missing.
    @Test(arguments: 0..<80)
    func nothingBeginsOrEndsOnMissingEvidence(_ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(1000 + seed))
        let hold: Int64 = [0, 120, 300].randomElement(using: &random) ?? 0
        var line = Timeline([try Timeline.alert("x > 0", for: hold)])
        var history: [(time: Int64, known: Known)] = []
        var isTrue = false
        var isMissing = false
        var missingSince: Int64 = 0
        var wasFiring = false
        for step in 0..<200 {
            let time = Int64(step) * 60
            if Int.random(in: 0..<6, using: &random) == 0 { isTrue.toggle() }
            if Int.random(in: 0..<8, using: &random) == 0 {
                isMissing.toggle()
                missingSince = time
            }
            let missing = isMissing ? [Timeline.cluster("eu", since: missingSince)] : []
            let answer: [Labels] = isTrue && !isMissing ? [["cluster": "eu"]] : []
            let outcome = line.evaluate(time, answer, missing: missing)
            history.append((time, isMissing ? .unknown : isTrue ? .holds : .doesNot))
            let isFiring = !line.firing.isEmpty
            if isFiring, !wasFiring {
                #expect(history.last?.known == .holds)
                #expect(Self.knownTime(history) >= hold)
            }
            if wasFiring, !isFiring { #expect(history.last?.known == .doesNot) }
            for told in outcome.notifications
            where told.isResolved && told.endsAt == Timeline.at(time) {
                #expect(history.last?.known == .doesNot)
            }
            // What fires is told in time to go on firing.
            if isFiring {
                let alert = line.firing[0]
                #expect((alert.validUntil ?? 0) > Timeline.at(time))
            }
            wasFiring = isFiring
        }
    }

    /// How long the condition has held, of intervals both of whose ends are known.
    private static func knownTime(_ history: [(time: Int64, known: Known)]) -> Int64 {
        var result: Int64 = 0
        for place in history.indices.reversed().dropLast() {
            if history[place - 1].known == .doesNot || history[place].known == .doesNot { break }
            if history[place].known == .holds, history[place - 1].known == .holds {
                result += history[place].time - history[place - 1].time
            }
        }
        return result
    }

    /// A count of what three clusters have: the truth, and what is seen of it.
    @Test(arguments: 0..<60)
    func aCountNeverFiresForWantOfData(_ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(2000 + seed))
        var line = Timeline([try Timeline.alert("count(x) < 3")])
        var counts = [2, 2, 2]
        var away: [Int: Int64] = [:]
        for step in 0..<200 {
            let time = Int64(step) * 60
            for cluster in 0..<3 {
                if Int.random(in: 0..<10, using: &random) == 0 {
                    counts[cluster] = Int.random(in: 0...3, using: &random)
                }
                // Never so long that a cluster is given up.
                let since = away[cluster]
                if since.map({ time - $0 > 3000 }) ?? false
                    || Int.random(in: 0..<12, using: &random) == 0
                {
                    away[cluster] = since == nil ? time : nil
                }
            }
            let missing = away.keys.sorted().map {
                Timeline.cluster("c\($0)", since: away[$0] ?? 0)
            }
            let seen = counts.indices.filter { away[$0] == nil }.reduce(0) { $0 + counts[$1] }
            let before = !line.firing.isEmpty
            line.lookups["count(x) >= 3"] = .samples(
                seen >= 3 ? [TemplateSample(labels: [:], value: .float(Double(seen)))] : [])
            line.evaluate(
                time, seen > 0 && seen < 3 ? [[:]] : [], missing: missing,
                hasAnswers: missing.count < 3)
            let after = !line.firing.isEmpty
            if after, !before { #expect(missing.isEmpty && (1...2).contains(seen)) }
            if before, !after { #expect(missing.isEmpty || seen >= 3) }
        }
    }
}
