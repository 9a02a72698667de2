/// What the user should know about an answer beside the answer.
public struct Annotations: Hashable, Sendable {
    private enum Severity: Hashable, Sendable {
        case warning, info
    }

    private struct Note: Hashable, Sendable {
        var severity: Severity
        var text: String
    }

    private struct Details: Hashable, Sendable {
        /// The bytes of the query that a note is about; nil where it is about the whole answer. Of
        /// one note in several places the last place is kept, as Prometheus does, but the first of
        /// what is told together.
        var place: Range<Int>?
        var repairs: BucketRepairs?

        mutating func add(_ other: Details) {
            if let repairs = other.repairs {
                if self.repairs?.add(repairs) == nil { self.repairs = repairs }
                place = place ?? other.place
            } else {
                place = other.place ?? place
            }
        }
    }

    private var details: [Note: Details] = [:]

    public init() {}

    /// Notes something that may make the answer wrong or incomplete.
    public mutating func warn(_ text: String, at place: Range<Int>? = nil) {
        add(Note(severity: .warning, text: text), Details(place: place))
    }

    /// Notes something that is probably not what the query was meant to do. Of several with the same
    /// text, repairs are told together.
    public mutating func inform(
        _ text: String, about repairs: BucketRepairs? = nil, at place: Range<Int>? = nil
    ) {
        add(Note(severity: .info, text: text), Details(place: place, repairs: repairs))
    }

    private mutating func add(_ note: Note, _ details: Details) {
        if self.details[note]?.add(details) == nil { self.details[note] = details }
    }

    public mutating func add(_ other: Annotations) {
        for (note, details) in other.details { add(note, details) }
    }

    /// Takes the notes that are not there yet.
    public mutating func fill(from other: Annotations) {
        details.merge(other.details) { mine, _ in mine }
    }

    /// Things that may make the answer wrong or incomplete, without their places.
    public var warnings: Set<String> { texts(.warning) }

    /// Things that are probably not what the query was meant to do, without their places.
    public var infos: Set<String> { texts(.info) }

    private func texts(_ severity: Severity) -> Set<String> {
        Set(
            details.lazy.filter { $0.key.severity == severity }.map { note, details in
                note.text + (details.repairs?.text ?? "")
            })
    }

    public var isEmpty: Bool { details.isEmpty }

    /// The same notes, each with its place in `query` in its text: `… (1:7)`, line and column from
    /// 1, columns counted in bytes.
    public func located(in query: String) -> Annotations {
        let bytes = Array(query.utf8)
        var result = Annotations()
        for (note, details) in details {
            var note = note
            if let repairs = details.repairs { note.text += repairs.text }
            if let place = details.place, place.lowerBound <= bytes.count {
                let before = bytes[..<place.lowerBound]
                let line = before.count { $0 == UInt8(ascii: "\n") } + 1
                let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
                note.text += " (\(line):\(place.lowerBound - lineStart + 1))"
            }
            result.details[note] = Details()
        }
        return result
    }
}
