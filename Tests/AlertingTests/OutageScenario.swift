import Alerting
import Federation
import Metrics
import PromQL
import Rules
import TimeSeries

/// Three clusters, a rule whose condition is true for a while, and the cluster `c` away for a while.
/// Times are minutes; the group is evaluated every one.
struct OutageScenario: Sendable {
    var condition: Condition
    /// While the condition is true of all clusters' data.
    var truth: Range<Int>
    /// While the cluster does not answer.
    var outage: Range<Int>
    var policy = RulePolicy()
    var keepFiringFor = 0

    static let minute: Int64 = 60_000
    static let start: Int64 = 1_700_000_040_000
    /// For how long the condition must be true.
    static let hold = 5
    static let last = 120

    /// A sort of condition by what missing data does to it, with samples that show it.
    struct Condition: Sendable, CustomStringConvertible {
        var name: String
        var query: String
        /// The samples of a minute, by cluster, where the condition is true or is not.
        var samples:
            @Sendable (_ isTrue: Bool) -> [(cluster: String, labels: Labels, value: Double)]
        /// Whether it can be true of the others though it is not of all: then an alert may begin, and
        /// says that it is partial.
        var mayBePartial = false

        var description: String { name }
    }

    static let conditions: [Condition] = [
        Condition(name: "one cluster's own", query: "load > 5") { isTrue in
            ["a", "b"].map { ($0, ["__name__": "load"], 1) }
                + [("c", ["__name__": "load"], isTrue ? 9 : 1)]
        },
        Condition(name: "sum above", query: "sum(load) > 10") { isTrue in
            ["a", "b"].map { ($0, ["__name__": "load"], 4) }
                + [("c", ["__name__": "load"], isTrue ? 4 : 0)]
        },
        Condition(name: "count below", query: "count(up) < 6") { isTrue in
            ["a", "b", "c"].flatMap { cluster in
                (0..<2).filter { !(isTrue && cluster == "b" && $0 == 1) }.map {
                    (cluster, ["__name__": "up", "instance": "\($0)"], 1)
                }
            }
        },
        Condition(name: "absent", query: "absent(leader)") { isTrue in
            [("a", ["__name__": "follower"], 1)]
                + (isTrue ? [] : [("c", ["__name__": "leader"], 1)])
        },
        Condition(name: "unless", query: "job unless on (job) backup") { isTrue in
            [("a", ["__name__": "job", "job": "j"], 1)]
                + (isTrue ? [] : [("c", ["__name__": "backup", "job": "j"], 1)])
        },
        Condition(
            name: "ratio, of the missing cluster's", query: "sum(errors) / sum(requests) > 0.05"
        ) { isTrue in
            ["a", "b", "c"].flatMap {
                cluster -> [(cluster: String, labels: Labels, value: Double)] in
                [
                    (cluster, ["__name__": "requests"], 100),
                    (cluster, ["__name__": "errors"], isTrue && cluster == "c" ? 60 : 1),
                ]
            }
        },
        Condition(
            name: "ratio, of the others'", query: "sum(errors) / sum(requests) > 0.05",
            samples: { isTrue in
                [
                    ("a", ["__name__": "requests"], 100), ("b", ["__name__": "requests"], 100),
                    ("c", ["__name__": "requests"], isTrue ? 100 : 10_000),
                    ("a", ["__name__": "errors"], 20), ("b", ["__name__": "errors"], 20),
                    ("c", ["__name__": "errors"], 0),
                ]
            }, mayBePartial: true),
        Condition(
            name: "average", query: "avg(load) > 5",
            samples: { isTrue in
                [
                    ("a", ["__name__": "load"], 6), ("b", ["__name__": "load"], 6),
                    ("c", ["__name__": "load"], isTrue ? 6 : 0),
                ]
            }, mayBePartial: true),
    ]

    /// What happened in each minute.
    struct Minute {
        var firing: Set<Labels>
        var alerts: [AlertInstance]
    }

    /// Lives through the scenario, with the outage or without.
    func lived(withOutage: Bool) async throws -> [Minute] {
        let fleet = SimulatedFleet(["a": SampleStore(), "b": SampleStore(), "c": SampleStore()])
        let told = ToldAlerts()
        let service = try service(fleet, told)
        var minutes: [Minute] = []
        for minute in 0...Self.last {
            let time = Self.start + Int64(minute) * Self.minute
            setSamples(of: minute, in: fleet)
            fleet.away = withOutage && outage.contains(minute) ? ["c"] : []
            told.set(time: time)
            await service.evaluateAll(at: time)
            minutes.append(
                Minute(
                    firing: told.firing(at: time + Self.minute - 1),
                    alerts: service.groups.flatMap(\.state.rules).flatMap(\.activeAlerts)))
        }
        return minutes
    }

    /// The samples of a minute.
    func setSamples(of minute: Int, in fleet: SimulatedFleet) {
        // A series that is gone ends at once, as a scrape would end it.
        for isOther in [true, false] {
            for sample in condition.samples(truth.contains(minute) == !isOther) {
                fleet.set(
                    isOther ? Absent.value : sample.value, of: sample.labels,
                    in: sample.cluster, at: Self.start + Int64(minute) * Self.minute)
            }
        }
    }

    func service(
        _ fleet: SimulatedFleet, _ told: ToldAlerts, keeping: any StateKeeping = NothingKept()
    ) throws -> AlertingService {
        var settings = AlertingSettings()
        settings.hasBuiltInRules = false
        settings.policies = RulePolicies([.init(policy: policy)])
        let rule = Rule(
            kind: .alerting(
                AlertTerms(
                    holdDuration: Int64(Self.hold) * Self.minute,
                    keepFiringFor: Int64(keepFiringFor) * Self.minute)),
            name: "Condition", expression: try parse(condition.query))
        return AlertingService(
            settings,
            groups: [
                RuleGroup(
                    name: "g", file: "f.yaml", interval: Self.minute, rules: [rule])
            ],
            query: fleet.query, fleet: fleet.fleet, observations: fleet.observations,
            keeping: keeping, outlets: AlertingOutlets(notify: { told.take($0) }),
            clock: AlertingClock(now: { Self.start }), metrics: NOOPMetricsHandler.instance)
    }
}
