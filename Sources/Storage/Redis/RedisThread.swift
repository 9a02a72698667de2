import CHiredis
import Glibc

/// What the connections' thread owns. Nothing of it is ever touched by another thread.
///
/// One thread serves all connections, as none of its calls blocks: thus a deadline is kept whatever
/// the server does.
final class RedisThread {
    private let loop: RedisLoop
    private let settings: RedisSettings
    private let lanes: [RedisLane]
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
    private var connectionCount = 0

    /// The longest sleep: a backstop, as commands and sockets wake the thread.
    private static let longestSleep = Duration.seconds(10)
    private static let pauseAfterFailure = Duration.milliseconds(100)
    /// How many writes are under way at a time.
    private static let writeDepth = 64

    init(_ loop: RedisLoop, breakers: [RedisRequest.Lane: Breaker]) {
        self.loop = loop
        let settings = loop.settings
        self.settings = settings
        lanes = RedisRequest.Lane.allCases.map { lane in
            let breaker = breakers[lane] ?? Breaker()
            return switch lane {
            case .reads:
                RedisLane(
                    size: settings.poolSize, depth: 1,
                    maximumWaiting: settings.maximumWaitingReads, breaker: breaker)
            case .writes:
                // Who posts them keeps their number within bounds.
                RedisLane(
                    size: 1, depth: Self.writeDepth, maximumWaiting: .max, breaker: breaker)
            }
        }
    }

    deinit { buffer.deallocate() }

    /// One turn: does what is asked, waits for something to happen, sees to it.
    func turn(_ commands: [RedisLoop.Command]) {
        for command in commands { obey(command) }
        for lane in lanes { advance(lane) }
        awaitEvents()
        let now = ContinuousClock.now
        for lane in lanes { expire(lane, now) }
    }

    /// Fails what is under way and frees everything.
    func end() {
        let failure = StorageFailure(.stopped)
        for lane in lanes {
            for connection in lane.connections { connection.end(failure) }
            lane.connections = []
            failWaiting(lane, failure)
        }
    }

    private func obey(_ command: RedisLoop.Command) {
        switch command {
        case .ask(let requests):
            for request in requests {
                let lane = lanes[request.lane.rawValue]
                if lane.waiting.count < lane.maximumWaiting {
                    lane.waiting.append(request)
                } else {
                    request.complete(RedisOutcome(failure: StorageFailure(.busy)))
                }
            }
        case .resolved(let number, let result):
            for lane in lanes {
                guard let connection = lane.connections.first(where: { $0.number == number })
                else { continue }
                open(connection, lane, at: result)
            }
        }
    }

    // MARK: Getting on

    /// Gives those who wait to connections, and makes more where they are not enough.
    private func advance(_ lane: RedisLane) {
        while let connection = lane.free, let request = lane.waiting.popFirst() {
            do throws(StorageFailure) {
                try connection.send(request)
            } catch {
                close(connection, lane, error)
            }
        }
        for _ in 0..<lane.wantedConnections(.now) { makeConnection(lane) }
    }

    private func makeConnection(_ lane: RedisLane) {
        connectionCount += 1
        let connection = RedisConnection(
            number: connectionCount, settings: settings, breaker: lane.breaker)
        lane.connections.append(connection)
        switch settings.address.place {
        case .socket: open(connection, lane, [settings.address.place])
        case .host(let host, _) where NameResolution.isAddress(host):
            open(connection, lane, [settings.address.place])
        case .host(let host, _): loop.resolve(host, for: connection.number)
        }
    }

    private func open(
        _ connection: RedisConnection, _ lane: RedisLane,
        at result: Result<[String], StorageFailure>
    ) {
        switch (result, settings.address.place) {
        case (.success(let addresses), .host(_, let port)):
            open(connection, lane, addresses.map { .host($0, port: port) })
        case (.failure(let failure), _): close(connection, lane, failure)
        case (.success, .socket): break
        }
    }

    private func open(
        _ connection: RedisConnection, _ lane: RedisLane, _ places: [RedisAddress.Place]
    ) {
        do throws(StorageFailure) {
            try connection.open(places)
        } catch {
            close(connection, lane, error)
        }
    }

    /// Waits for the bell, a socket or a deadline, and sees to the sockets.
    private func awaitEvents() {
        var sockets = [pollfd(fd: loop.bell, events: Int16(POLLIN), revents: 0)]
        var owners: [(connection: RedisConnection, lane: RedisLane)] = []
        for lane in lanes {
            for connection in lane.connections {
                guard let waiting = connection.waiting else { continue }
                sockets.append(waiting)
                owners.append((connection, lane))
            }
        }
        guard poll(&sockets, nfds_t(sockets.count), sleep.pollMilliseconds) > 0 else { return }
        if sockets[0].revents != 0 {
            var count: UInt64 = 0
            _ = read(loop.bell, &count, MemoryLayout<UInt64>.size)
        }
        for (socket, owner) in zip(sockets.dropFirst(), owners) where socket.revents != 0 {
            do throws(StorageFailure) {
                try owner.connection.handle(socket.revents, buffer)
            } catch {
                close(owner.connection, owner.lane, error)
            }
        }
    }

    private var sleep: Duration {
        let first = lanes.compactMap(\.deadline).min()
        guard let first else { return Self.longestSleep }
        return min(Self.longestSleep, max(.zero, ContinuousClock.now.duration(to: first)))
    }

    // MARK: Ends

    private func expire(_ lane: RedisLane, _ now: ContinuousClock.Instant) {
        for connection in lane.connections {
            guard let deadline = connection.deadline, deadline <= now else { continue }
            let isReady = connection.phase == .ready
            close(connection, lane, StorageFailure(isReady ? .timeout : .unreachable))
        }
        let expired = lane.waiting.removeExpired(now)
        guard !expired.isEmpty else { return }
        // With connections at work it is we who ask too much; without, the server does not answer.
        let failure = StorageFailure(lane.hasReadyConnection ? .busy : .timeout)
        if failure.kind == .timeout { lane.breaker.failed(failure) }
        for request in expired { request.complete(RedisOutcome(failure: failure)) }
    }

    private func close(
        _ connection: RedisConnection, _ lane: RedisLane, _ failure: StorageFailure
    ) {
        let wasReady = connection.phase == .ready
        // A server may end a connection that nobody uses.
        if !connection.isIdle { lane.breaker.failed(failure) }
        lane.connections.removeAll { $0 === connection }
        connection.end(failure)
        guard !wasReady else { return }
        lane.nextOpening = .now + Self.pauseAfterFailure
        if lane.connections.isEmpty { failWaiting(lane, failure) }
    }

    private func failWaiting(_ lane: RedisLane, _ failure: StorageFailure) {
        for request in lane.waiting.removeAll() {
            request.complete(RedisOutcome(failure: failure))
        }
    }
}
