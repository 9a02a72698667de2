import Planning
import PromQL
import TimeSeries

extension Annotations {
    /// Notes a warning about a part of the query.
    mutating func warn(_ text: String, at source: SourceRange) { warn(text, at: source.bytes) }

    /// Notes an info about a part of the query.
    mutating func inform(_ text: String, at source: SourceRange) {
        inform(text, at: source.bytes)
    }
}
