import PromQL
import PrometheusAPI
import TimeSeries

/// Which rules a request for `rules` wants, read and applied as Prometheus does it. Groups and rules
/// are in the API's form here, so that those of clusters are chosen like the gateway's own.
struct RuleSelection: Sendable {
    private let ruleNames: Set<String>
    private let groupNames: Set<String>
    private let files: Set<String>
    /// Of which a rule's labels must meet any.
    private let selectors: [Selector]
    /// What a rule must be; nil for any.
    private let kind: String?
    private let excludesAlerts: Bool
    /// The most groups in an answer; nil for all of them.
    private let groupLimit: Int?
    /// The first group of the answer; empty for the first of all.
    private let nextToken: String

    /// Reads the parameters in Prometheus's order, so that of two mistakes the same is told.
    init(_ call: Call) throws(ErrorResponse) {
        let parameters = call.parameters
        if let mistake = parameters.mistake {
            throw .badData("error parsing form values: \(mistake)")
        }
        ruleNames = Set(parameters[all: "rule_name[]"])
        groupNames = Set(parameters[all: "rule_group[]"])
        files = Set(parameters[all: "file[]"])
        selectors = try Self.selectors(parameters[all: "match[]"])
        kind = try Self.kind(call["type"] ?? "")
        excludesAlerts = try Self.excludesAlerts(call["exclude_alerts"] ?? "")
        nextToken = call["group_next_token"] ?? ""
        groupLimit = try Self.groupLimit(call["group_limit"] ?? "", nextToken: nextToken)
    }

    private static func selectors(_ texts: [String]) throws(ErrorResponse) -> [Selector] {
        var result: [Selector] = []
        for text in texts {
            do {
                result.append(try parseSelector(text, meaningEverySeries: true))
            } catch {
                throw .badData("\(error)")
            }
        }
        return result
    }

    private static func kind(_ text: String) throws(ErrorResponse) -> String? {
        switch text.lowercased() {
        case "": return nil
        case "alert": return "alerting"
        case "record": return "recording"
        case let other:
            throw .badData(
                "invalid parameter \"type\": not supported value \(GoText.quoted(other))")
        }
    }

    private static func excludesAlerts(_ text: String) throws(ErrorResponse) -> Bool {
        let text = text.lowercased()
        switch text {
        case "", "0", "f", "false": return false
        case "1", "t", "true": return true
        default:
            throw .badData(
                "invalid parameter \"exclude_alerts\": error converting exclude_alerts: "
                    + "strconv.ParseBool: parsing \(GoText.quoted(text)): invalid syntax")
        }
    }

    private static func groupLimit(
        _ text: String, nextToken: String
    ) throws(ErrorResponse) -> Int? {
        if text.isEmpty {
            if nextToken.isEmpty { return nil }
            throw .badData(
                "invalid parameter \"group_next_token\": group_limit needs to be present in order "
                    + "to paginate over the groups")
        }
        guard let limit = Int32(text) else {
            let digits = text.first.map { "+-".contains($0) } == true ? text.dropFirst() : text[...]
            let isNumber = !digits.isEmpty && digits.allSatisfy { $0.isASCII && $0.isNumber }
            throw .badData(
                "invalid parameter \"group_limit\": group_limit needs to be a valid number: "
                    + "strconv.ParseInt: parsing \(GoText.quoted(text)): "
                    + (isNumber ? "value out of range" : "invalid syntax"))
        }
        if limit <= 0 {
            throw .badData(
                "invalid parameter \"group_limit\": group_limit needs to be greater than 0")
        }
        return Int(limit)
    }

    // MARK: Applying

    /// The groups of the answer, and where the next one begins.
    func page(of groups: [ListedRuleGroup]) throws(ErrorResponse) -> JSONValue {
        var rest = groups[...]
        if groupLimit != nil, !nextToken.isEmpty {
            guard let start = groups.firstIndex(where: { $0.token == nextToken }) else {
                throw .badData(
                    "invalid parameter \"group_next_token\": invalid group_next_token "
                        + "'\(nextToken)'. were rule groups changed?")
            }
            rest = groups[start...]
        }
        var chosen: [JSONValue] = []
        for group in rest {
            guard let part = part(of: group) else { continue }
            // That a further group has rules says that there is a further page.
            if chosen.count == groupLimit {
                return ["groups": .array(chosen), "groupNextToken": .string(group.token)]
            }
            chosen.append(part)
        }
        return ["groups": .array(chosen)]
    }

    /// The group with the rules that are wanted; nil where none is.
    private func part(of group: ListedRuleGroup) -> JSONValue? {
        guard Self.isWanted(group.name, of: groupNames), Self.isWanted(group.file, of: files),
            let members = group.json.members
        else { return nil }
        let rules = (group.json["rules"]?.array ?? []).filter { isWanted($0, of: group) }
        if rules.isEmpty { return nil }
        return .object(
            members.map { member in
                guard member.name == "rules" else { return member }
                return .init("rules", .array(excludesAlerts ? rules.map(withoutAlerts) : rules))
            })
    }

    private static func isWanted(_ name: String, of wanted: Set<String>) -> Bool {
        wanted.isEmpty || wanted.contains(name)
    }

    private func isWanted(_ rule: JSONValue, of group: ListedRuleGroup) -> Bool {
        if let kind, rule["type"]?.string != kind { return false }
        guard Self.isWanted(rule["name"]?.string ?? "", of: ruleNames) else { return false }
        if selectors.isEmpty { return true }
        let labels = rule["labels"]
        return selectors.contains { selector in
            selector.matchers.allSatisfy { matcher in
                let own = labels?[matcher.name]?.string
                return matcher.matches(own ?? group.externalLabels[matcher.name] ?? "")
            }
        }
    }

    private func withoutAlerts(_ rule: JSONValue) -> JSONValue {
        guard let members = rule.members else { return rule }
        return .object(
            members.map { $0.name == "alerts" ? .init("alerts", .null) : $0 })
    }
}

/// A group of rules in the API's form, of the gateway or of a cluster.
struct ListedRuleGroup: Sendable {
    var json: JSONValue
    /// Labels that count as the rules' own where these have none of the name: a cluster's external
    /// ones.
    var externalLabels = Labels()

    var name: String { json["name"]?.string ?? "" }
    var file: String { json["file"]?.string ?? "" }

    /// What a page begins with, for the client to give back.
    var token: String {
        let key = [json["cluster"]?.string ?? "", file, name].joined(separator: ";")
        return key.utf8.map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0" + digits : digits
        }.joined()
    }
}
