// The four groups of the specification (prometheus/compliance, alert generator 1.0), with its shapes
// of samples and its durations, in steps of what is 15 seconds there.

extension AlertGeneratorCase {
    package static let all = [
        pendingFiringResolved, pendingResolved, newAlerts, zeroAndSmallFor,
    ]

    private static let metric = "alert_generator_case"

    private static func selector(_ labels: [String: String]) -> String {
        let conditions = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }
        return "\(metric){\(conditions.joined(separator: ","))}"
    }

    private static func series(
        _ labels: [String: String], _ values: [Double]
    ) -> Series {
        Series(labels: labels.merging(["__name__": metric]) { $1 }, values: values)
    }

    // MARK: Pending, firing, resolved, and all of it again

    private static let pendingFiringResolved: AlertGeneratorCase = {
        let own = ["group": "pending_firing_resolved", "input": "a"]
        let rule = Rule(
            alert: "Simple", expression: selector(own) + " > 10", hold: 24,
            labels: ["foo": "bar"],
            annotations: [
                "description": "it fires", "summary": "The value is {{$value}} {{.Value}}",
            ])
        let labels = Self.labels(rule, own)
        func annotations(_ value: Int) -> [String: String] {
            ["description": "it fires", "summary": "The value is \(value) \(value)"]
        }
        func alert(_ state: String, _ value: Int, since: Int, _ steps: ClosedRange<Int>) -> Alert {
            Alert(
                labels: labels, annotations: annotations(value), state: state,
                value: Double(value), since: since, steps: steps)
        }
        return AlertGeneratorCase(
            name: "pending_firing_resolved", rules: [rule],
            series: [
                series(
                    own,
                    values(
                        (3, 1), (5, 3), (9, 4), (11, 13), (15, 32), (19, 16), (9, 20), (15, 45),
                        (8, 16)))
            ],
            lastStep: 149,
            alerts: [
                alert("pending", 11, since: 8, 8...20),
                alert("pending", 15, since: 8, 22...30),
                alert("firing", 15, since: 8, 32...52),
                alert("firing", 19, since: 8, 54...68),
                alert("pending", 15, since: 90, 90...112),
                alert("firing", 15, since: 90, 114...132),
            ],
            messages: messages(labels, fired: 32, resolved: 70, untold: 90) {
                annotations($0 < 54 ? 15 : 19)
            } + messages(labels, fired: 114, resolved: 134, untold: 150) { _ in annotations(15) })
    }()

    // MARK: Pending and resolved, and never active at all

    private static let pendingResolved: AlertGeneratorCase = {
        let (first, second) = (
            ["group": "pending_resolved", "input": "a"],
            ["group": "pending_resolved", "input": "b"]
        )
        let pending = Rule(
            alert: "Pending", expression: selector(first) + " > 10", hold: 12,
            labels: ["foo": "bar"], annotations: ["description": "it never comes to this"])
        let inactive = Rule(
            alert: "Inactive", expression: selector(second) + " > 99", hold: 12,
            annotations: ["description": "nor to this"])
        let shape = values((3, 1), (5, 3), (9, 4), (11, 11), (9, 1))
        return AlertGeneratorCase(
            name: "pending_resolved", rules: [pending, inactive],
            series: [series(first, shape), series(second, shape)], lastStep: 59,
            alerts: [
                Alert(
                    labels: labels(pending, first), annotations: pending.annotations,
                    state: "pending", value: 11, since: 8, steps: 8...18)
            ], messages: [])
    }()

    // MARK: New alerts beside others, and rules that read the alerts of the rule before

    private static let newAlerts: AlertGeneratorCase = {
        let own = ["group": "new_alerts", "input": "a"]
        let one = own.merging(["variant": "one"]) { $1 }
        let two = own.merging(["variant": "two"]) { $1 }
        let rule = Rule(
            alert: "First", expression: selector(own) + " > 10", hold: 12,
            labels: ["foo": "bar"], annotations: ["description": "more will come"])
        func firing(_ variant: String) -> String {
            "ALERTS{alertname=\"First\",alertstate=\"firing\",foo=\"bar\",group=\"new_alerts\","
                + "variant=\"\(variant)\"}"
        }
        let second = Rule(
            alert: "Second",
            expression: "(\(firing("one")) + ignoring(variant) \(firing("two"))) == 2",
            labels: ["foo": "baz"],
            annotations: ["description": "of {{$labels.alertname}}, foo was {{.Labels.foo}}"])
        let (first, other) = (labels(rule, one), labels(rule, two))
        let both = labels(second, own.merging(["alertstate": "firing"]) { $1 })
        let told = ["description": "of First, foo was bar"]
        func alert(
            _ labels: [String: String], _ state: String, since: Int, _ steps: ClosedRange<Int>
        ) -> Alert {
            Alert(
                labels: labels, annotations: rule.annotations, state: state, value: 11,
                since: since, steps: steps)
        }
        return AlertGeneratorCase(
            name: "new_alerts", rules: [rule, second],
            series: [
                series(one, values((1, 8), (11, 65), (9, 21))),
                series(two, values((1, 32), (11, 33), (9, 29))),
            ],
            lastStep: 93,
            alerts: [
                alert(first, "pending", since: 8, 8...18),
                alert(first, "firing", since: 8, 20...72),
                alert(other, "pending", since: 32, 32...42),
                alert(other, "firing", since: 32, 44...64),
                Alert(
                    labels: both, annotations: told, state: "firing", value: 2, since: 44,
                    steps: 44...64),
            ],
            messages: messages(first, fired: 20, resolved: 74, untold: 94) { _ in
                rule.annotations
            } + messages(other, fired: 44, resolved: 66, untold: 94) { _ in rule.annotations }
                + messages(both, fired: 44, resolved: 66, untold: 94) { _ in told })
    }()

    // MARK: No `for`, and one shorter than the interval

    private static let zeroAndSmallFor: AlertGeneratorCase = {
        let (first, second) = (
            ["group": "zero_small_for", "input": "a"], ["group": "zero_small_for", "input": "b"]
        )
        let asked = "\(metric){group='zero_small_for',input='template'}"
        let zero = Rule(
            alert: "ZeroFor", expression: selector(first) + " > 10",
            annotations: [
                "functions":
                    "{{humanize 1048576}} {{humanize1024 1048576}} {{humanizeDuration 135.3563}} "
                    + "{{humanizePercentage 0.959}} {{humanizeTimestamp 1643114203}}",
                "question":
                    "{{ with query \"\(asked)\" }}{{ range sortByLabel \"id\" . }}"
                    + "{{ . | label \"id\" }}:{{ . | value }} {{ end }}{{ end }}",
            ])
        let small = Rule(
            alert: "SmallFor", expression: selector(second) + " > 13", hold: 1,
            labels: ["foo": "bar"],
            annotations: [
                "functions":
                    "{{title \"this part\"}} {{toUpper \"is\"}} {{stripPort \"[::1]:6006\"}} "
                    + "{{parseDuration \"2h10m15s\"}} {{reReplaceAll \"r.*d\" \"new\" \"rpld text\"}}"
            ])
        func zeroAnnotations(_ step: Int) -> [String: String] {
            let factor = step < 28 ? 1 : 2
            return [
                "functions": "1.049M 1Mi 2m 15s 95.9% 2022-01-25 12:36:43 +0000 UTC",
                "question": "101:\(factor) 102:\(2 * factor) ",
            ]
        }
        let smallAnnotations = ["functions": "This Part IS ::1 7815 new text"]
        let shape = values((3, 1), (5, 3), (9, 4), (15, 13), (9, 72), (11, 13), (9, 1))
        let (zeroLabels, smallLabels) = (labels(zero, first), labels(small, second))
        return AlertGeneratorCase(
            name: "zero_small_for", rules: [zero, small],
            series: [series(first, shape), series(second, shape)]
                + (1...2).map { number in
                    series(
                        [
                            "group": "zero_small_for", "input": "template",
                            "id": "\(100 + number)",
                        ], values((Double(number), 28), (Double(2 * number), 100)))
                },
            lastStep: 126,
            alerts: [
                Alert(
                    labels: zeroLabels, annotations: zeroAnnotations(8), state: "firing",
                    value: 15, since: 8, steps: 8...20),
                Alert(
                    labels: smallLabels, annotations: smallAnnotations, state: "pending",
                    value: 15, since: 8, steps: 8...8),
                Alert(
                    labels: smallLabels, annotations: smallAnnotations, state: "firing",
                    value: 15, since: 8, steps: 10...20),
                Alert(
                    labels: zeroLabels, annotations: zeroAnnotations(94), state: "firing",
                    value: 11, since: 94, steps: 94...104),
            ],
            messages: messages(
                zeroLabels, fired: 8, resolved: 22, untold: 94, annotations: zeroAnnotations)
                + messages(smallLabels, fired: 10, resolved: 22, untold: 127) { _ in
                    smallAnnotations
                }
                + messages(
                    zeroLabels, fired: 94, resolved: 106, untold: 127,
                    annotations: zeroAnnotations))
    }()
}
