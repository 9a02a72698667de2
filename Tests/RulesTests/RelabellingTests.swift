import Clusters
import Rules
import Testing
import TimeSeries

@Suite struct RelabellingTests {
    private let labels: Labels = [
        "alertname": "Slow", "cluster": "eu-1", "severity": "Critical", "team": "a",
    ]

    /// A step as text would have it, read.
    private func relabelling(_ entries: [Entry]...) throws -> Relabelling {
        var document = DocumentReader(file: "isthmus.yaml")
        let node = Entry.list(entries.map { .mapping($0) }).node
        let result = RelabellingReader.read(node, &document)
        try #require(document.mistakes == [], "\(document.mistakes)")
        return result
    }

    private func relabelled(_ entries: [Entry]...) throws -> Labels? {
        try relabelling(entries[0]).relabelled(labels)
    }

    @Test func replaceExpandsTargetAndTextByTheMatch() throws {
        let result = try relabelled([
            .names("source_labels", "cluster", "team"), .text("regex", "([a-z]+)-(?P<n>\\d);(.*)"),
            .text("target_label", "from_$1"), .text("replacement", "${3}$$x${n}"),
        ])
        #expect(result == labels.setting("from_eu", to: "a$x1"))
    }

    @Test func aStepThatSaysNothingMoreCopiesTheJoinedValues() throws {
        let result = try relabelled([
            .names("source_labels", "cluster", "absent", "team"), .text("target_label", "joined"),
        ])
        #expect(result == labels.setting("joined", to: "eu-1;;a"))
    }

    @Test func replaceLeavesWhatDoesNotMatchAsAWhole() throws {
        let result = try relabelled([
            .names("source_labels", "cluster"), .text("regex", "eu"), .text("target_label", "team"),
        ])
        #expect(result == labels)
    }

    @Test func anEmptyTextRemovesTheLabel() throws {
        let result = try relabelled([.text("target_label", "team"), .text("replacement", "")])
        #expect(result == labels.setting("team", to: ""))
    }

    @Test func aTargetThatExpandsToNothingSetsNothing() throws {
        let result = try relabelled([
            .names("source_labels", "absent"), .text("target_label", "$1"),
            .text("replacement", "x"),
        ])
        #expect(result == labels)
    }

    @Test(arguments: [("keep", "Slow", true), ("keep", "low", false), ("drop", "Slow", false)])
    func keepAndDropLookAtTheWholeValue(action: String, regex: String, isKept: Bool) throws {
        let result = try relabelled([
            .names("source_labels", "alertname"), .text("regex", regex), .text("action", action),
        ])
        #expect((result != nil) == isKept)
    }

    @Test(arguments: [
        ("keepequal", "team", "team", true), ("keepequal", "team", "cluster", false),
        ("dropequal", "team", "team", false), ("dropequal", "absent", "missing", false),
        ("DropEqual", "team", "cluster", true),
    ])
    func equalValuesKeepOrDrop(action: String, source: String, target: String, isKept: Bool) throws
    {
        let result = try relabelled([
            .names("source_labels", source), .text("target_label", target),
            .text("action", action),
        ])
        #expect((result != nil) == isKept)
    }

    // What another implementation of MD5 says.
    @Test(arguments: [("eu-1", "178"), ("", "958"), (String(repeating: "x", count: 150), "214")])
    func hashmodIsTheRestOfMD5sLastEightBytes(value: String, rest: String) throws {
        let relabelling = try relabelling([
            .names("source_labels", "value"), .text("target_label", "shard"),
            .number("modulus", "1000"), .text("action", "hashmod"),
        ])
        let result = relabelling.relabelled(["value": value])
        #expect(result?["shard"] == rest)
    }

    @Test func labelmapCopiesAndTheLabelThatWasSetLaterWins() throws {
        let relabelling = try relabelling(
            [.text("target_label", "a_x"), .text("replacement", "later")],
            [.text("regex", "._(.)"), .text("replacement", "$1"), .text("action", "labelmap")])
        #expect(
            relabelling.relabelled(["a_x": "1", "b_x": "2", "c_y": "3"])
                == ["a_x": "later", "b_x": "2", "c_y": "3", "x": "later", "y": "3"])
    }

    @Test func labeldropAndLabelkeepLookAtNames() throws {
        let dropped = try relabelled([.text("regex", "se.*|team"), .text("action", "labeldrop")])
        #expect(dropped == ["alertname": "Slow", "cluster": "eu-1"])
        let kept = try relabelled([.text("regex", "se.*|team"), .text("action", "labelkeep")])
        #expect(kept == ["severity": "Critical", "team": "a"])
    }

    @Test func lowercaseAndUppercaseSetTheTarget() throws {
        let lower = try relabelled([
            .names("source_labels", "severity"), .text("target_label", "severity"),
            .text("action", "lowercase"),
        ])
        #expect(lower?["severity"] == "critical")
        let upper = try relabelled([
            .names("source_labels", "severity", "team"), .text("separator", "/"),
            .text("target_label", "both"), .text("action", "uppercase"),
        ])
        #expect(upper?["both"] == "CRITICAL/A")
    }

    @Test func defaultsAreAddedBeforeTheStepsAndOnlyWhereAbsent() throws {
        let step = try relabelling([
            .names("source_labels", "cluster", "region"), .text("target_label", "seen"),
        ])
        let defaults: Labels = ["cluster": "gateway", "region": "r"]
        #expect(step.relabelled(labels, defaults: defaults)?["seen"] == "eu-1;r")
        #expect(
            Relabelling().relabelled(labels, defaults: defaults)
                == labels.setting("region", to: "r"))
    }

    // MARK: Mistakes

    private static let mistakes: [(Entry, String)] = [
        (
            .mapping([.text("action", "hashmod"), .text("target_label", "a")]),
            "relabel configuration for hashmod requires non-zero modulus"
        ),
        (
            .mapping([.names("source_labels", "a")]),
            "relabel configuration for replace action requires 'target_label' value"
        ),
        (.mapping([.text("action", "mangle")]), #"unknown relabel action "mangle""#),
        (
            .mapping([
                .text("action", "lowercase"), .text("target_label", "a"),
                .text("replacement", "x"),
            ]), "'replacement' can not be set for lowercase action"
        ),
        (
            .mapping([
                .text("action", "dropequal"), .text("target_label", "a"),
                .text("regex", "(.*)"),
            ]),
            "dropequal action requires only 'source_labels' and `target_label`, and no other"
                + " fields"
        ),
        (
            .mapping([.text("action", "labeldrop"), .text("target_label", "a")]),
            "labeldrop action requires only 'regex', and no other fields"
        ),
        (
            .mapping([.text("action", "labelmap"), .text("replacement", "")]),
            #""" is invalid 'replacement' for labelmap action"#
        ),
        (
            .mapping([.text("target_label", "a"), .text("regex", "(b")]),
            "error parsing regexp: missing closing ): `^(?s:(b)$`"
        ),
        (
            .mapping([.text("target_lable", "a")]),
            "field target_lable not found in type relabel.plain; did you mean target_label?"
        ),
        (
            .mapping([.names("source_labels", ""), .text("target_label", "a")]),
            #""" is not a valid label name"#
        ),
    ]

    @Test(arguments: mistakes.indices)
    func mistakesAreSaidInPrometheussWords(index: Int) {
        let (entry, problem) = Self.mistakes[index]
        var document = DocumentReader(file: "isthmus.yaml")
        let result = RelabellingReader.read(Entry.list([entry]).node, &document)
        #expect(document.mistakes.first?.problem == problem)
        #expect(document.mistakes.first?.place != nil)
        #expect(result.isEmpty)
    }

    /// A piece of a configuration file.
    indirect enum Entry: Sendable {
        case text(String, String)
        case number(String, String)
        case list([Entry])
        case mapping([Entry])
        case namesOf(String, [String])

        static func names(_ key: String, _ names: String...) -> Entry { .namesOf(key, names) }

        private static let place = ConfigurationNode.Place(line: 3, column: 5)

        private var pair: (key: String, content: ConfigurationNode.Content) {
            switch self {
            case .text(let key, let text): (key, .scalar(text, isQuoted: true))
            case .number(let key, let text): (key, .scalar(text, isQuoted: false))
            case .namesOf(let key, let names):
                (
                    key,
                    .sequence(
                        names.map {
                            ConfigurationNode(.scalar($0, isQuoted: true), place: Self.place)
                        })
                )
            case .list, .mapping: ("", node.content)
            }
        }

        var node: ConfigurationNode {
            switch self {
            case .list(let entries):
                ConfigurationNode(.sequence(entries.map(\.node)), place: Self.place)
            case .mapping(let entries):
                ConfigurationNode(
                    .mapping(
                        entries.map { entry in
                            let (key, content) = entry.pair
                            return ConfigurationNode.Entry(
                                key: key, keyPlace: Self.place,
                                value: ConfigurationNode(content, place: Self.place))
                        }), place: Self.place)
            case .text, .number, .namesOf: ConfigurationNode(pair.content, place: Self.place)
            }
        }
    }
}
