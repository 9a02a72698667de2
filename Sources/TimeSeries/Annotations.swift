/// What the user should know about an answer beside the answer.
public struct Annotations: Hashable, Sendable {
    private enum Severity: Hashable, Sendable {
        case warning, info
    }

    private struct Note: Hashable, Sendable {
        var severity: Severity
        var text: String
    }

    /// The bytes of the query that a note is about, by note; nil where it is about the whole
    /// answer. Of one note in several places the last place is kept, as Prometheus does.
    private var places: [Note: Range<Int>?] = [:]

    public init() {}

    /// Notes something that may make the answer wrong or incomplete.
    public mutating func warn(_ text: String, at place: Range<Int>? = nil) {
        add(Note(severity: .warning, text: text), at: place)
    }

    /// Notes something that is probably not what the query was meant to do.
    public mutating func inform(_ text: String, at place: Range<Int>? = nil) {
        add(Note(severity: .info, text: text), at: place)
    }

    private mutating func add(_ note: Note, at place: Range<Int>?) {
        if place != nil || places[note] == nil { places[note] = .some(place) }
    }

    public mutating func add(_ other: Annotations) {
        places.merge(other.places) { mine, other in other ?? mine }
    }

    /// Things that may make the answer wrong or incomplete, without their places.
    public var warnings: Set<String> { texts(.warning) }

    /// Things that are probably not what the query was meant to do, without their places.
    public var infos: Set<String> { texts(.info) }

    private func texts(_ severity: Severity) -> Set<String> {
        Set(places.keys.lazy.filter { $0.severity == severity }.map(\.text))
    }

    public var isEmpty: Bool { places.isEmpty }

    /// The same notes, each with its place in `query` in its text: `… (1:7)`, line and column from
    /// 1, columns counted in bytes.
    public func located(in query: String) -> Annotations {
        let bytes = Array(query.utf8)
        var result = Annotations()
        for (note, place) in places {
            var note = note
            if let place, place.lowerBound <= bytes.count {
                let before = bytes[..<place.lowerBound]
                let line = before.count { $0 == UInt8(ascii: "\n") } + 1
                let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
                note.text += " (\(line):\(place.lowerBound - lineStart + 1))"
            }
            result.places[note] = .some(nil)
        }
        return result
    }
}
