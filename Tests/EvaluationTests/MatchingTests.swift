import Evaluation
import Planning
import PromQL
import Testing
import TimeSeries

@Suite struct MatchingTests {
    @Test func severalOnTheOneSideAreNamed() {
        let right = [
            series(["__name__": "m", "type": "a", "pod": "1"], 1),
            series(["__name__": "m", "type": "a", "pod": "2"], 2),
        ]
        let left = [series(["__name__": "n", "type": "a"], 1)]
        for (cardinality, side) in [
            (VectorMatching.Cardinality.oneToOne, "right"), (.manyToOne, "right"),
            (.oneToMany, "left"),
        ] {
            let (first, second) = cardinality == .oneToMany ? (right, left) : (left, right)
            let failure = #expect(throws: EvaluationFailure.self) {
                try evaluated(
                    binary(
                        .fragment(0), .add, .fragment(1),
                        matching: VectorMatching(cardinality: cardinality, labels: .on(["type"]))),
                    over: [[first], [second]])
            }
            #expect(
                failure?.description
                    == "found duplicate series for the match group {type=\"a\"} on the \(side) "
                    + "hand-side of the operation: [{__name__=\"m\", pod=\"2\", type=\"a\"}, "
                    + "{__name__=\"m\", pod=\"1\", type=\"a\"}];many-to-many matching not allowed: "
                    + "matching labels must be unique on one side")
        }
    }

    @Test func nothingIsComparedWhereASideIsEmpty() throws {
        let right = [series(["type": "a", "pod": "1"], 1), series(["type": "a", "pod": "2"], 2)]
        let node = binary(
            .fragment(0), .add, .fragment(1), matching: VectorMatching(labels: .on(["type"])))
        #expect(try vector(evaluated(node, over: [[[]], [right]])).isEmpty)
    }

    @Test func severalAtOtherTimesAreNone() throws {
        let left = [series(["type": "a"], 10, 20)]
        let right = [
            series(["type": "a", "pod": "1"], 1, nil), series(["type": "a", "pod": "2"], nil, 2),
        ]
        let node = binary(
            .fragment(0), .add, .fragment(1), matching: VectorMatching(labels: .on(["type"])))
        #expect(
            try vector(evaluated(node, over: [[left], [right]], on: minutes(2)))
                == [series(["type": "a"], 11, 22)])
    }

    @Test func matchingErrorsAndLabelsAreThoseOfPrometheus() throws {
        try expectAgreement(
            """
            load 1m
              a{pod="1", job="x"} 1 2
              a{pod="2", job="x"} 3 4
              b{job="x", zone="z"} 10 20
              c{job="x"} 100

            eval instant at 0 a + on(job) b
              expect fail msg: multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)

            # Only one passes the comparison.
            eval instant at 0 a > on(job) (b - 8)
              {job="x"} 3

            eval instant at 0 a + on(job) group_left b
              {pod="1", job="x"} 11
              {pod="2", job="x"} 13

            eval instant at 0 b - on(job) group_right(zone) a
              {pod="1", job="x", zone="z"} 9
              {pod="2", job="x", zone="z"} 7

            # An included label that the one side lacks goes.
            eval instant at 0 a + on(job) group_left(pod) c
              expect fail msg: multiple matches for labels: grouping labels must ensure unique matches

            eval instant at 0 a > bool on(job) group_left c
              {pod="1", job="x"} 0
              {pod="2", job="x"} 0

            # A filter keeps the name, unless `on` drops it.
            eval instant at 0 a{pod="1"} < ignoring(pod, zone) b
              a{job="x"} 1

            eval instant at 0 sum by (job) (a) / on(job) c
              {job="x"} 0.04

            eval instant at 0 2 ^ a{pod="2"}
              {pod="2", job="x"} 8

            eval instant at 0 10 < a
              # nothing

            eval instant at 0 2 < a
              a{pod="2", job="x"} 3

            eval instant at 0 -7 % 4
              -3

            eval instant at 0 a atan2 on(job) group_left b
              {pod="1", job="x"} 0.09966865249116204
              {pod="2", job="x"} 0.2914567944778671
            """, cases: 13)
    }

    @Test func missingSeriesAreFilled() throws {
        try expectAgreement(
            """
            load 6m
              left{label="a"} 10 _ 10
              left{label="b"} 20 20 _
              right{label="a"} 100 100 _
              right{label="d"} 400 _ 400

            eval range from 0 to 12m step 6m left + fill(0) right
              {label="a"} 110 100 10
              {label="b"} 20 20 _
              {label="d"} 400 _ 400

            clear
            load 1m
              left{pod="1", job="x"} 1
              left{pod="2", job="x"} 2
              left{pod="1", job="y"} 3
              right{job="x", zone="u"} 10
              right{job="z", zone="v"} 20

            eval instant at 0 left + on(job) group_left(zone) fill_right(7) right
              {pod="1", job="x", zone="u"} 11
              {pod="2", job="x", zone="u"} 12
              {pod="1", job="y"} 10

            eval instant at 0 left + on(job) group_left(zone) fill_left(7) right
              {pod="1", job="x", zone="u"} 11
              {pod="2", job="x", zone="u"} 12
              {job="z", zone="v"} 27

            eval instant at 0 right + on(job) group_right fill_left(1) left
              {pod="1", job="x"} 11
              {pod="2", job="x"} 12
              {pod="1", job="y"} 4

            eval instant at 0 right + on(job) fill_left(1) nothing
              # nothing

            eval instant at 0 right + on(job) fill_right(1) nothing
              {job="x"} 11
              {job="z"} 21

            # One that is there and fails the comparison is not missing.
            eval instant at 0 right == on(job) fill(30) (right + 20)
              # nothing
            """, cases: 7)
    }

    @Test func setOperatorsLookAtEachTimeByItself() throws {
        try expectAgreement(
            """
            load 6m
              a{pod="1"} 1 1 _
              a{pod="2"} 2 _ 2
              b{pod="1"} _ 5 5
              b{pod="3"} 6 6 6

            eval range from 0 to 12m step 6m a and b
              a{pod="1"} _ 1 _

            eval range from 0 to 12m step 6m a unless b
              a{pod="1"} 1 _ _
              a{pod="2"} 2 _ 2

            eval range from 0 to 12m step 6m a or b
              a{pod="1"} 1 1 _
              a{pod="2"} 2 _ 2
              b{pod="1"} _ _ 5
              b{pod="3"} 6 6 6

            eval range from 0 to 12m step 6m a and on() b{pod="1"}
              a{pod="1"} _ 1 _
              a{pod="2"} _ _ 2

            eval range from 0 to 12m step 6m a or vector(0)
              a{pod="1"} 1 1 _
              a{pod="2"} 2 _ 2
              {} 0 0 0

            eval range from 0 to 12m step 6m a * 1 or b * 1
              {pod="1"} 1 1 5
              {pod="2"} 2 _ 2
              {pod="3"} 6 6 6
            """, cases: 6)
    }

    // MARK: Native histograms

    @Test func operandsThatDoNotGoTogetherGiveNothingAndSaySo() throws {
        let histogram = [[series(["a": "1"], count: 1, histogramsAt: [0])]]
        let float = [[series(["a": "1"], 2)]]
        for (left, right, text) in [
            (histogram, float, "\"+\": histogram + float"),
            (float, histogram, "\"+\": float + histogram"),
        ] {
            let outcome = try evaluated(
                binary(.fragment(0), .add, .fragment(1), matching: VectorMatching()),
                over: [left, right])
            #expect(try vector(outcome).isEmpty)
            #expect(
                outcome.annotations.infos == [
                    "PromQL info: incompatible sample types encountered for binary operator "
                        + text
                ])
        }
        let scaled = try evaluated(
            binary(.fragment(0), .greater, .number(1)), over: [histogram])
        #expect(
            scaled.annotations.infos == [
                "PromQL info: incompatible sample types encountered for binary operator "
                    + "\">\": histogram > float"
            ])
    }

    @Test func histogramsAreAddedScaledAndCompared() throws {
        let left = try series(["a": "1"], ["{{count:4 sum:10 buckets:[1 3]}}"])
        let right = try series(["a": "1"], ["{{schema:1 count:2 sum:1 buckets:[1 1]}}"])
        func texts(
            _ operation: BinaryOperator, _ other: PlanNode = .fragment(1), bool: Bool = false
        ) throws -> [String] {
            let matching = other == .fragment(1) ? VectorMatching() : nil
            let node = binary(.fragment(0), operation, other, bool: bool, matching: matching)
            return try vector(evaluated(node, over: [[[left]], [[right]]])).map(\.text)
        }
        #expect(try texts(.add) == ["{{count:6 sum:11 buckets:[2 4]}}"])
        #expect(
            try texts(.subtract) == [
                "{{count:2 sum:9 counter_reset_hint:gauge offset:1 buckets:[2]}}"
            ])
        #expect(try texts(.multiply, .number(2)) == ["{{count:8 sum:20 buckets:[2 6]}}"])
        #expect(try texts(.divide, .number(2)) == ["{{count:2 sum:5 buckets:[0.5 1.5]}}"])
        #expect(
            try texts(.trimUpper, .number(1)) == ["{{count:1 sum:0.7071067811865476 buckets:[1]}}"])
        #expect(try texts(.equal) == [])
        #expect(try texts(.equal, bool: true) == ["0"])
        #expect(try texts(.notEqual) == ["{{count:4 sum:10 buckets:[1 3]}}"])
        let scaled = binary(.number(0.5), .multiply, .fragment(0))
        #expect(
            try vector(scaled, over: [left]).map(\.text) == ["{{count:2 sum:5 buckets:[0.5 1.5]}}"])
        #expect(
            try vector(.negated(.fragment(0)), over: [left]).map(\.text)
                == ["{{count:-4 sum:-10 counter_reset_hint:gauge buckets:[-1 -3]}}"])
    }

    @Test func whatDoesNotGoTogetherInHistogramsIsSaid() throws {
        func annotations(_ left: String, _ right: String) throws -> Annotations {
            try evaluated(
                binary(.fragment(0), .add, .fragment(1), matching: VectorMatching()),
                over: [[[series(["a": "1"], [left])]], [[series(["a": "1"], [right])]]]
            ).annotations
        }
        #expect(
            try annotations("{{buckets:[1]}}", "{{schema:-53 buckets:[1]}}").warnings == [
                "PromQL warning: incompatible bucket layout encountered for binary operator +"
            ])
        #expect(
            try annotations("{{schema:-53 custom_values:[1]}}", "{{schema:-53 custom_values:[2]}}")
                .infos == ["PromQL info: mismatched custom buckets were reconciled during addition"]
        )
        #expect(
            try annotations("{{counter_reset_hint:reset}}", "{{counter_reset_hint:not_reset}}")
                .warnings == [
                    "PromQL warning: conflicting counter resets during histogram addition"
                ])
    }

    @Test func setOperatorsAndLabelsPassHistogramsOn() throws {
        let histogram = series(["a": "1"], count: 2, histogramsAt: [0])
        let float = series(["a": "1"], 2, 2)
        let both = VectorMatching(cardinality: .manyToMany)
        #expect(
            try vector(
                evaluated(
                    binary(.fragment(0), .or, .fragment(1), matching: both),
                    over: [[[histogram]], [[float]]], on: minutes(2)))
                == [
                    GridSeries(
                        labels: ["a": "1"], values: [Absent.value, 2],
                        histograms: histogram.histograms)
                ])
        let renamed = try vector(
            call(
                "label_replace", .fragment(0), .string("b"), .string("$1"), .string("a"),
                .string("(.*)")), over: [histogram], on: minutes(2))
        #expect(renamed.first?.histograms == histogram.histograms)
        #expect(renamed.first?.labels == ["a": "1", "b": "1"])
    }
}
