import PrometheusAPI
import TimeSeries

/// The body of an answer whose data is an object with long lists in it, in pieces: each element is
/// written when it is its turn, so that what a long list weighs as text is never held at once.
struct DocumentChunks: Sendable {
    /// A member of the data.
    enum Part: Sendable {
        case member(String, JSONValue)
        /// A list of so many elements.
        case list(String, count: Int, element: @Sendable (Int) -> JSONValue)
        /// The same, of elements that are written without being made first.
        case written(String, count: Int, element: @Sendable (Int, inout [UInt8]) -> Void)
        /// A list whose elements come a few at a time, after a while; nil ends it.
        case arriving(String, next: @Sendable () async -> Arrived?)
    }

    /// Some elements of a list, each to be written.
    struct Arrived: Sendable {
        /// Their places in the list: they follow those that arrived before.
        var places: Range<Int>
        var element: @Sendable (Int, inout [UInt8]) -> Void
    }

    /// What is still to be written, the next one last.
    private var rest: [Part]
    /// Whether the next part is begun.
    private var isOpen = false
    /// How many elements of it are written, if it is a list.
    private var written = 0
    private var isBegun = false
    private var isDone = false
    private let annotations: Annotations
    /// What is to be said beside once all parts are written.
    private let closing: (@Sendable () async -> Annotations)?
    /// The elements of an arriving list that are to be written.
    private var arrived: Arrived?

    /// About as many bytes are made at a time.
    private static let pieceBytes = 1 << 16

    init(
        _ parts: [Part], annotations: Annotations = Annotations(),
        closing: (@Sendable () async -> Annotations)? = nil
    ) {
        rest = parts.reversed()
        self.annotations = annotations
        self.closing = closing
    }

    /// The next piece; nil after the last.
    mutating func next() async -> [UInt8]? {
        if isDone { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.pieceBytes + 4096)
        if !isBegun { bytes += #"{"status":"success","data":{"#.utf8 }
        while let part = rest.last {
            if bytes.count >= Self.pieceBytes { return bytes }
            if !isOpen { open(part, &bytes) }
            guard await write(part, to: &bytes) else { return bytes }
            rest.removeLast()
            isOpen = false
        }
        isDone = true
        bytes.append(UInt8(ascii: "}"))
        var annotations = annotations
        if let closing { annotations.add(await closing()) }
        ResponseText.append(annotations, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    private mutating func open(_ part: Part, _ bytes: inout [UInt8]) {
        if isBegun { bytes.append(UInt8(ascii: ",")) }
        isBegun = true
        isOpen = true
        written = 0
        JSONText.append(part.name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        if part.isList { bytes.append(UInt8(ascii: "[")) }
    }

    /// Writes the part, or as many of its elements as there is room for; whether all is written.
    private mutating func write(_ part: Part, to bytes: inout [UInt8]) async -> Bool {
        switch part {
        case .member(_, let value):
            value.append(to: &bytes)
            return true
        case .list(_, let count, let element):
            guard write(0..<count, to: &bytes, { element($0).append(to: &$1) }) else {
                return false
            }
        case .written(_, let count, let element):
            guard write(0..<count, to: &bytes, element) else { return false }
        case .arriving(_, let next):
            if arrived == nil { arrived = await next() }
            while let current = arrived {
                guard write(current.places, to: &bytes, current.element) else { return false }
                arrived = nil
                // What is there is sent before more is waited for.
                if !bytes.isEmpty { return false }
                arrived = await next()
            }
        }
        bytes.append(UInt8(ascii: "]"))
        return true
    }

    /// Writes the elements at these places that are not written yet; whether there was room for all.
    private mutating func write(
        _ places: Range<Int>, to bytes: inout [UInt8], _ element: (Int, inout [UInt8]) -> Void
    ) -> Bool {
        while written < places.upperBound {
            if bytes.count >= Self.pieceBytes { return false }
            if written > 0 { bytes.append(UInt8(ascii: ",")) }
            element(written, &bytes)
            written += 1
        }
        return true
    }
}

extension DocumentChunks.Part {
    fileprivate var name: String {
        switch self {
        case .member(let name, _), .list(let name, count: _, element: _),
            .written(let name, count: _, element: _), .arriving(let name, next: _):
            name
        }
    }

    fileprivate var isList: Bool {
        if case .member = self { false } else { true }
    }
}
