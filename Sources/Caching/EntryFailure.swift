/// Why bytes are not the entry that they are read as. Whatever it is, it counts as nothing found.
enum EntryFailure: Error, Hashable {
    /// Another entry's, or none at all.
    case foreign
    case malformed
    /// Larger than the limit, once decompressed.
    case tooLarge
}
