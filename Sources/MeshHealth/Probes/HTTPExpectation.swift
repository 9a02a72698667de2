import Clusters
import PrometheusAPI

/// What an endpoint of the kind `http` answers where all is well.
public struct HTTPExpectation: Hashable, Sendable {
    /// Any of these; empty for 200 to 299.
    public var statuses: Set<Int>
    public var assertion: Assertion?

    /// What stands in the body's JSON.
    public struct Assertion: Hashable, Sendable {
        public var pointer: JSONPointer
        /// Nil where it is enough that something stands there.
        public var value: JSONValue?

        public init(_ pointer: JSONPointer, equals value: JSONValue? = nil) {
            self.pointer = pointer
            self.value = value
        }

        /// The value as a file of settings has it: JSON where it is some, or else the text itself.
        public init(_ pointer: JSONPointer, equalsText text: String) {
            self.pointer = pointer
            value = (try? JSONValue(parsing: Array(text.utf8))) ?? .string(text)
        }
    }

    public init(statuses: Set<Int> = [], assertion: Assertion? = nil) {
        self.statuses = statuses
        self.assertion = assertion
    }

    func allows(_ status: Int) -> Bool {
        statuses.isEmpty ? (200..<300).contains(status) : statuses.contains(status)
    }
}

/// Compares an answer with what was expected.
enum HTTPExpectationReader {
    static func read(
        _ answer: ProbeAnswer, _ context: ProbeContext
    ) throws(Unreadable) -> ProbeFinding {
        let expectation = context.target.expectation
        guard expectation.allows(answer.status) else {
            let finding = ProbeFinding(statusOf: answer, context.probe)
            // A status that means nothing by itself is none of those that were asked for.
            guard finding.problem == .unexpectedStatus else { return finding }
            return ProbeFinding(
                .unhealthy, .unexpectedStatus,
                "it answers with \(answer.status), which is not what is expected")
        }
        guard let assertion = expectation.assertion else {
            return ProbeFinding(.healthy, "it answers with \(answer.status)")
        }
        let json = try answer.json()
        let place = assertion.pointer.description.isEmpty ? "the body" : "\(assertion.pointer)"
        guard let found = assertion.pointer.value(in: json) else {
            return ProbeFinding(.unhealthy, .assertionFailed, "\(place) is not in its answer")
        }
        guard let wanted = assertion.value, !found.isSame(as: wanted) else {
            return ProbeFinding(.healthy, "\(place) is \(found.short)")
        }
        return ProbeFinding(
            .unhealthy, .assertionFailed, "\(place) is \(found.short), not \(wanted.short)")
    }
}

extension JSONValue {
    /// Whether they are equal as JSON: 1 is 1.0, and the order of members counts for nothing.
    fileprivate func isSame(as other: JSONValue) -> Bool {
        switch (self, other) {
        case (.array(let one), .array(let two)):
            return one.count == two.count && zip(one, two).allSatisfy { $0.isSame(as: $1) }
        case (.object(let one), .object(let two)):
            let names = Set(one.map(\.name))
            return names == Set(two.map(\.name))
                && names.allSatisfy { name in
                    guard let mine = self[name], let theirs = other[name] else { return false }
                    return mine.isSame(as: theirs)
                }
        case (.integer(let one), .integer(let two)): return one == two
        case (.integer, .number), (.number, .integer), (.number, .number):
            return double == other.double
        default: return self == other
        }
    }

    /// The beginning of its text.
    fileprivate var short: String {
        // Of large values it is enough to know what they are.
        switch self {
        case .array(let elements) where elements.count > 8: return "a list of \(elements.count)"
        case .object(let members) where members.count > 8:
            return "an object of \(members.count) members"
        default:
            let text = description
            return text.utf8.count <= 80 ? text : String(text.prefix(80)) + "…"
        }
    }
}
