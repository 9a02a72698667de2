import Clusters
import PromQL
import TimeSeries

/// A plan for people and programs to look at: what the gateway computes as a tree, what each
/// cluster is asked, and what is asked first.
public struct PlanOutline: Hashable, Sendable {
    public var root: Node
    public var fragments: [Fragment]
    /// Scalars that are asked before the query is planned for good, as text.
    public var questions: [String]

    /// One step of the gateway.
    public struct Node: Hashable, Sendable {
        /// What it does, in a few words.
        public var title: String
        public var kind: Kind
        /// The fragment whose answers it reads, by its index.
        public var fragment: Int?
        public var children: [Node]

        public init(title: String, kind: Kind, fragment: Int? = nil, children: [Node] = []) {
            self.title = title
            self.kind = kind
            self.fragment = fragment
            self.children = children
        }
    }

    /// The planner's classes, `distribution.md` C1.
    public enum Kind: String, Hashable, Sendable {
        /// The same whatever the data.
        case constant = "K"
        /// The clusters' answers side by side.
        case local = "L"
        /// Put together from the clusters' partial answers.
        case partial = "PC"
        /// Computed here.
        case gateway = "G"
    }
}

extension Plan {
    public var outline: PlanOutline {
        let root: PlanOutline.Node
        switch remainder {
        case .value(let node):
            root = node.outline
        case .samples(let fragment):
            root = PlanOutline.Node(
                title: "samples of fragment \(fragment)", kind: .local, fragment: fragment)
        case .points(let input, let grid):
            root = PlanOutline.Node(
                title: "points \(grid.words)", kind: .gateway, children: [input.outline])
        }
        return PlanOutline(
            root: root, fragments: fragments, questions: questions.map { $0.expression.text() })
    }
}

extension PlanNode {
    var outline: PlanOutline.Node {
        PlanOutline.Node(
            title: title, kind: kind, fragment: fragment, children: children.map(\.outline))
    }

    private var kind: PlanOutline.Kind {
        switch self {
        case .number, .string, .time: .constant
        case .fragment: .local
        case .candidates, .merged, .composed, .quantile: .partial
        case .repeated(let inner, _): inner.kind
        default:
            isConstant ? .constant : children.contains(where: \.isChosen) ? .partial : .gateway
        }
    }

    /// Whether no cluster has a part in it.
    private var isConstant: Bool { fragment == nil && children.allSatisfy(\.isConstant) }

    private var isChosen: Bool { if case .candidates = self { true } else { false } }

    private var title: String {
        switch self {
        case .number(let value): NumberText.literal(value)
        case .string(let text): GoText.quoted(text)
        case .time: "time()"
        case .fragment(let index): "fragment \(index), side by side"
        case .candidates(let index, _): "fragment \(index), candidates side by side"
        case .merged(let fragment, let operation, _, _):
            "\(operation.rawValue) of fragment \(fragment)"
        case .composed(let fragment, let composition, _, _):
            "\(composition.rawValue) from "
                + composition.pieces.map(\.rawValue).joined(separator: ", ")
                + " of fragment \(fragment)"
        case .quantile(let quantile):
            "quantile of the values counted by fragment \(quantile.fragment)"
        case .call(let call): "\(call.function.name)()"
        case .aggregation(let aggregation):
            aggregation.operator.rawValue + aggregation.grouping.words
        case .binary(let operation):
            operation.operator.rawValue + (operation.returnsBool ? " bool" : "")
                + (operation.matching?.words ?? "")
        case .negated: "-"
        case .absent(_, let labels): "absent \(labels)"
        case .window(let node):
            "\(node.function.name)() over windows of \(node.window.range) ms, \(node.input.words)"
        case .repeated(_, let time): "once at \(NumberText.timestamp(time)), for all times"
        case .info(let info):
            "info() by \(InfoNode.identifyingLabels.joined(separator: ", ")), labels of "
                + Selector(matchers: info.matchers).text + (info.reach?.words ?? "")
        }
    }
}

extension TimeGrid {
    var words: String {
        let first = NumberText.timestamp(start)
        if count == 1 { return "at \(first)" }
        return "from \(first) to \(NumberText.timestamp(end)) every "
            + "\(NumberText.timestamp(step)) s: \(count) points"
    }
}

extension InfoReach {
    fileprivate var words: String {
        let after = NumberText.timestamp(first - lookback)
        return " from samples after \(after) through \(NumberText.timestamp(last))"
    }
}

extension WindowNode.WindowInput {
    fileprivate var words: String {
        switch self {
        case .points(_, let grid): grid.words
        case .samples(let fragment): "samples of fragment \(fragment)"
        }
    }
}

extension Grouping {
    fileprivate var words: String {
        switch self {
        case .by(let labels): labels.isEmpty ? "" : " by (\(labels.joined(separator: ", ")))"
        case .without(let labels): " without (\(labels.joined(separator: ", ")))"
        }
    }
}

extension VectorMatching {
    fileprivate var words: String {
        var result =
            switch labels {
            case .on(let names): " on (\(names.joined(separator: ", ")))"
            case .ignoring(let names):
                names.isEmpty ? "" : " ignoring (\(names.joined(separator: ", ")))"
            }
        switch cardinality {
        case .manyToOne: result += " group_left (\(include.joined(separator: ", ")))"
        case .oneToMany: result += " group_right (\(include.joined(separator: ", ")))"
        case .oneToOne, .manyToMany: break
        }
        if let value = fillLeft { result += " fill_left (\(NumberText.literal(value)))" }
        if let value = fillRight { result += " fill_right (\(NumberText.literal(value)))" }
        return result
    }
}
