// The first file to read in VerificationTests: where scripts and recorded answers are. The tests
// run Prometheus's own scripts and ours over samples in memory, whole and dealt among clusters, and
// a bounded number of generated queries; `isthmus test` runs as many as one likes.

import Testing

/// The suites that compute for minutes without waiting for anything. One of their tests runs at a
/// time, and each gives way after every query: on two processors the others', which measure time,
/// would starve beside them.
@Suite("Proofs", .serialized)
enum Proofs {}
