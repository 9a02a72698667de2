// The first file to read in Caching: what clusters answered, kept so that they are asked only for
// what is not known. `RangeLookup` is the life of a range query's fragment at one cluster, from the
// keys to read over the pieces still to ask to the blocks to write; `StoredAnswer` keeps small
// answers whole. This module never asks a cluster and never touches a store: it says which keys to
// read, and makes bytes of what is to be written.
//
// What is kept is what a server said, before external labels are set: raw labels, raw remarks.

import TimeSeries

/// Who answers, as far as it matters for what is answered.
public struct AnswerSource: Hashable, Sendable {
    /// Differs where answers may: cluster, fingerprint of its configuration and capabilities,
    /// freshness.
    public var text: String

    public init(_ text: String) { self.text = text }
}

/// A question to one cluster, its times apart.
public struct AnswerKey: Hashable, Sendable {
    public var source: AnswerSource
    /// In the cluster's own words.
    public var query: String
    /// The lookback that is sent along, milliseconds; nil for the server's own.
    public var lookback: Int64?

    public init(source: AnswerSource, query: String, lookback: Int64? = nil) {
        self.source = source
        self.query = query
        self.lookback = lookback
    }
}
