/// Requests in the order of their coming.
struct RequestQueue {
    private var requests: [RedisRequest?] = []
    private var head = 0
    /// Not later than the first deadline of all.
    private(set) var nextDeadline: ContinuousClock.Instant?

    var count: Int { requests.count - head }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ request: RedisRequest) {
        requests.append(request)
        note(request)
    }

    mutating func popFirst() -> RedisRequest? {
        guard head < requests.count else { return nil }
        let first = requests[head]
        requests[head] = nil
        head += 1
        if head > 64, head * 2 > requests.count {
            requests.removeFirst(head)
            head = 0
        }
        return first
    }

    /// Takes all out whose deadline has come.
    mutating func removeExpired(_ now: ContinuousClock.Instant) -> [RedisRequest] {
        guard let nextDeadline, nextDeadline <= now else { return [] }
        var expired: [RedisRequest] = []
        for request in removeAll() {
            if let deadline = request.deadline, deadline <= now {
                expired.append(request)
            } else {
                append(request)
            }
        }
        return expired
    }

    /// Takes all out.
    mutating func removeAll() -> [RedisRequest] {
        defer { self = RequestQueue() }
        return requests[head...].compactMap(\.self)
    }

    private mutating func note(_ request: RedisRequest) {
        guard let deadline = request.deadline else { return }
        nextDeadline = nextDeadline.map { min($0, deadline) } ?? deadline
    }
}
