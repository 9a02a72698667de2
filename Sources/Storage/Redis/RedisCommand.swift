/// A command for the server: its arguments one after another, and what its answer must look like.
struct RedisCommand: Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var lengths: [Int] = []
    /// An answer of another shape is no answer to this command.
    let shape: RedisReply.Shape

    init(_ words: [String], shape: RedisReply.Shape) {
        self.shape = shape
        for word in words { append(Array(word.utf8)) }
    }

    mutating func append(_ argument: [UInt8]) {
        bytes += argument
        lengths.append(argument.count)
    }
}
