import Clusters
import PromQL
import TimeSeries

/// What a rule file holds, or what is wrong with it.
public struct RuleFileReading: Sendable {
    public var groups: [RuleGroup]
    /// In the order of the file; the groups are worth something only where there are none.
    public var mistakes: [RuleMistake]
    /// Where the expression of each rule of each group stands.
    public var places: [[ConfigurationNode.Place]]

    public init(
        groups: [RuleGroup], mistakes: [RuleMistake],
        places: [[ConfigurationNode.Place]] = []
    ) {
        self.groups = groups
        self.mistakes = mistakes
        self.places = places
    }
}

/// Reads rule files as Prometheus 3 does, with names of any UTF-8, and says everything that is wrong
/// at once.
public struct RuleFileReader: Sendable {
    private let options: ParseOptions
    private var document: DocumentReader
    /// Of the expressions, by group and rule.
    private var places: [[ConfigurationNode.Place]] = []

    private init(file: String, options: ParseOptions) {
        self.options = options
        document = DocumentReader(file: file)
    }

    /// Reads the tree of a file. `options` say which queries are understood.
    public static func read(
        _ root: ConfigurationNode, file: String, options: ParseOptions = ParseOptions()
    ) -> RuleFileReading {
        var reader = RuleFileReader(file: file, options: options)
        let groups = reader.groups(root)
        return RuleFileReading(
            groups: groups, mistakes: reader.document.mistakes, places: reader.places)
    }

    private mutating func groups(_ root: ConfigurationNode) -> [RuleGroup] {
        let fields = document.fields(
            of: root, type: "rulefmt.RuleGroups", known: ["groups"])
        var names: Set<String> = []
        var result: [RuleGroup] = []
        for node in document.elements(of: fields["groups"], type: "rulefmt.RuleGroup") {
            let group = group(node)
            if group.name.isEmpty {
                document.refuse("Groupname must not be empty", at: node.place)
            }
            if !names.insert(group.name).inserted {
                document.refuse(
                    "groupname: \"\(group.name)\" is repeated in the same file", at: node.place)
            }
            result.append(group)
        }
        return result
    }

    private mutating func group(_ node: ConfigurationNode) -> RuleGroup {
        let fields = document.fields(
            of: node, type: "rulefmt.RuleGroup",
            known: ["name", "interval", "query_offset", "limit", "rules", "labels"])
        var group = RuleGroup(
            name: document.text(of: fields["name"]), file: document.file,
            interval: document.duration(of: fields["interval"]).flatMap { $0 == 0 ? nil : $0 },
            limit: document.integer(of: fields["limit"]),
            queryOffset: document.duration(of: fields["query_offset"]))
        let labels = document.texts(of: fields["labels"])
        for label in labels {
            if let problem = Self.problem(ofLabel: label.text.name) {
                document.refuse(problem, at: label.place)
            }
        }
        group.labels = labels.map(\.text)
        let nodes = document.elements(of: fields["rules"], type: "rulefmt.Rule")
        places.append([])
        for (place, node) in nodes.enumerated() {
            if let rule = rule(node, number: place + 1, of: group.name) {
                group.rules.append(rule)
            }
        }
        return group
    }

    private static func problem(ofLabel name: String) -> String? {
        name.isEmpty || name == Labels.metricNameLabel ? "invalid label name: \(name)" : nil
    }

    // MARK: Rules

    /// What a rule says before it is known whether it means something.
    private struct Words {
        var node: ConfigurationNode
        var fields: [String: ConfigurationNode]
        var record = ""
        var alert = ""
        var expression = ""
        var holdDuration: Int64 = 0
        var keepFiringFor: Int64 = 0
        var labels: [PlacedRuleText] = []
        var annotations: [PlacedRuleText] = []
        var subject: RuleMistake.Subject

        /// Where a key's value stands, or the rule.
        func place(_ key: String) -> ConfigurationNode.Place { fields[key]?.place ?? node.place }
    }

    private mutating func rule(
        _ node: ConfigurationNode, number: Int, of group: String
    ) -> Rule? {
        let before = document.mistakes.count
        let words = words(node, number, group)
        checkNames(words)
        let expression = expression(words)
        if !words.record.isEmpty { checkRecord(words) }
        for label in words.labels {
            if let problem = Self.problem(ofLabel: label.text.name) {
                document.refuse(problem, at: label.place, rule: words.subject)
            }
        }
        for annotation in words.annotations where annotation.text.name.isEmpty {
            document.refuse(
                "invalid annotation name: \(annotation.text.name)", at: annotation.place,
                rule: words.subject)
        }
        if !words.alert.isEmpty { checkTemplates(words) }
        guard document.mistakes.count == before, let expression else { return nil }
        let kind: Rule.Kind =
            words.alert.isEmpty
            ? .recording
            : .alerting(
                AlertTerms(
                    holdDuration: words.holdDuration, keepFiringFor: words.keepFiringFor,
                    annotations: words.annotations.map(\.text)))
        places[places.count - 1].append(words.place("expr"))
        return Rule(
            kind: kind, name: words.subject.name, expression: expression,
            labels: words.labels.map(\.text))
    }

    private mutating func words(
        _ node: ConfigurationNode, _ number: Int, _ group: String
    ) -> Words {
        let fields = document.fields(
            of: node, type: "rulefmt.Rule",
            known: [
                "record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations",
            ])
        var words = Words(
            node: node, fields: fields,
            subject: RuleMistake.Subject(group: group, number: number, name: ""))
        words.record = document.text(of: fields["record"])
        words.alert = document.text(of: fields["alert"])
        words.expression = document.text(of: fields["expr"])
        words.holdDuration = document.duration(of: fields["for"]) ?? 0
        words.keepFiringFor = document.duration(of: fields["keep_firing_for"]) ?? 0
        words.labels = document.texts(of: fields["labels"])
        words.annotations = document.texts(of: fields["annotations"])
        words.subject.name = words.alert.isEmpty ? words.record : words.alert
        return words
    }

    private mutating func checkNames(_ words: Words) {
        switch (words.record.isEmpty, words.alert.isEmpty) {
        case (false, false):
            document.refuse(
                "only one of 'record' and 'alert' must be set", at: words.place("record"),
                rule: words.subject)
        case (true, true):
            document.refuse(
                "one of 'record' or 'alert' must be set", at: words.place("record"),
                rule: words.subject)
        default: break
        }
    }

    private mutating func expression(_ words: Words) -> Expression? {
        if words.expression.isEmpty {
            document.refuse(
                "field 'expr' must be set in rule", at: words.place("expr"), rule: words.subject)
            return nil
        }
        do throws(ParseError) {
            return try parse(words.expression, options: options)
        } catch {
            document.refuse(
                "could not parse expression: \(error)", at: words.place("expr"),
                rule: words.subject)
            return nil
        }
    }

    private mutating func checkRecord(_ words: Words) {
        let place = words.place("record")
        let given = [
            ("annotations", !words.annotations.isEmpty), ("for", words.holdDuration != 0),
            ("keep_firing_for", words.keepFiringFor != 0),
        ]
        for (key, isGiven) in given where isGiven {
            document.refuse(
                "invalid field '\(key)' in recording rule", at: place, rule: words.subject)
        }
        if words.record.contains(where: { $0 == "{" || $0 == "}" }) {
            document.refuse(
                "braces present in the recording rule name; should it be in expr?: "
                    + words.record, at: place, rule: words.subject)
        }
    }

    private mutating func checkTemplates(_ words: Words) {
        let texts =
            words.labels.map { ("label", $0) } + words.annotations.map { ("annotation", $0) }
        for (kind, text) in texts {
            do throws(TemplateError) {
                _ = try Template(text.text.text, alert: words.alert)
            } catch {
                document.refuse(
                    "\(kind) \(GoText.quoted(text.text.name)): \(error.message)",
                    at: text.place, rule: words.subject)
            }
        }
    }
}
