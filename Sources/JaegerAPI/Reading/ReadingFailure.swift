/// Why an answer cannot be read.
public struct ReadingFailure: Error, Hashable, Sendable {
    public enum Problem: Hashable, Sendable {
        /// It ends before its end.
        case truncated
        /// It is no JSON.
        case syntax
        /// It is JSON of another form: what was expected.
        case form(expected: String)
        /// It is nested deeper than any answer is.
        case depth
        /// The server says so within an answer that began well.
        case said(String)
    }

    public var problem: Problem
    /// Bytes before the place.
    public var offset: Int

    public init(_ problem: Problem, offset: Int) {
        self.problem = problem
        self.offset = offset
    }
}

extension ReadingFailure: CustomStringConvertible {
    public var description: String {
        switch problem {
        case .truncated: "it ends after \(offset) bytes, before its end"
        case .syntax: "it is not JSON at byte \(offset)"
        case .form(let expected): "\(expected) is expected at byte \(offset)"
        case .depth: "it is nested too deeply at byte \(offset)"
        case .said(let message): message
        }
    }
}
