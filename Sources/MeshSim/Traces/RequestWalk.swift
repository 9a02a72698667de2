/// One request on its way through the mesh, making spans as it goes.
struct RequestWalk {
    private(set) var spans: [RecordedSpan] = []
    let mesh: TracedMesh
    private let number: TraceNumber
    let id: TraceIdentity
    var dice: Dice
    /// Which pod of each workload is asked.
    private let turn: Int

    init(mesh: TracedMesh, number: TraceNumber, id: TraceIdentity) {
        self.mesh = mesh
        self.number = number
        self.id = id
        dice = mesh.dice(for: number)
        turn = Int(number.count % 1000)
    }

    /// The user's request itself.
    mutating func enter(_ service: Service, cluster: String) {
        let spanID = dice.bits() | 1
        let start = mesh.arrivals.time(of: number)
        let gateway = gatewayNames[0]
        let edge = mesh.edge(from: gateway, in: cluster, to: service.name, &dice)
        let outcome = mesh.outcome(of: edge, at: mesh.arrivals.seconds(at: start), &dice)
        guard outcome.atDestination != nil else {
            // The gateway's own answer; nothing behind it knows of the request.
            let place = mesh.place(gateway, edge.source.namespace, in: cluster, turn: turn)
            let index = open(
                spanID, under: nil, "GET /", .client, place, from: start)
            let latency = edge.latency(of: outcome, edge.work)
            close(index, at: start + latency.sample(&dice))
            describe(index, edge: edge, outcome: outcome)
            return
        }
        let isOld = TraceIdentities.isShort(number)
        let name = isOld ? "GET /legacy" : operation(of: service)
        let index = open(
            spanID, under: nil, name, .server,
            mesh.place(service.name, service.namespace, in: cluster, turn: turn), from: start)
        serve(service, index, edge: edge, outcome: outcome)
        tag(index, "session.id", .whole(Int64(bitPattern: dice.bits() >> 2)))
        tag(index, "user.known", .truth(dice.chance(0.7)))
        tag(index, "sampler.param", .number(mesh.sampling))
        if number.count > 1, dice.chance(0.05) {
            // What the same user did before.
            let earlier = TraceNumber(door: number.door, count: number.count - 1)
            spans[index].links.append(
                SpanLink(
                    trace: mesh.identities.identity(of: earlier),
                    spanID: mesh.firstSpanID(of: earlier)))
        }
    }

    // MARK: What a service does

    /// Works on the request that arrived with span `index`, and closes it.
    mutating func serve(
        _ service: Service, _ index: Int, edge: Edge, outcome: Outcome, limit: Int64? = nil
    ) {
        let start = spans[index].start
        let own = ownTime(edge, outcome)
        var clock = start + max(1, own / 10)
        clock = rememberCart(service, index, at: clock)
        for call in service.calls {
            let whole = Int(call.perRequest)
            let count = whole + (dice.chance(call.perRequest - Double(whole)) ? 1 : 0)
            for _ in 0..<count {
                clock = self.call(mesh.service(call.service), from: index, at: clock)
                clock += 50
            }
        }
        var end = max(start + own, clock + own / 20 + 1)
        if let limit { end = max(clock + 1, limit) }
        close(index, at: end)
        describe(index, edge: edge, outcome: outcome)
        if outcome.code >= 500, outcome.atDestination != nil {
            spans[index].events.append(
                SpanEvent(
                    time: end - 1, name: "exception",
                    tags: [
                        SpanTag("exception.message", .text("\(service.name) could not answer")),
                        SpanTag("exception.type", .text("InternalError")),
                    ]))
        }
    }

    private mutating func ownTime(_ edge: Edge, _ outcome: Outcome) -> Int64 {
        var work = edge.work
        if edge.faults[.latency].isOn(at: mesh.arrivals.seconds(at: spans.last?.start ?? 0)),
            outcome.latency == .work, dice.chance(0.35)
        {
            work = Latency(floorMilliseconds: 0, medianMilliseconds: 2600, sigma: 0.4)
        } else if dice.chance(0.04) {
            work.medianMilliseconds *= 5
        }
        return outcome.latency == .timeout
            ? work.sample(&dice)
            : edge.latency(of: outcome, work).sample(&dice)
    }

    /// The cart keeps carts in a cache, and looks there first.
    private mutating func rememberCart(
        _ service: Service, _ parent: Int, at start: Int64
    ) -> Int64 {
        guard service.name == "cart", dice.chance(0.6) else { return start }
        let index = open(
            dice.bits() | 1, under: parent, "cache get", .client, spans[parent].place, from: start)
        let isHit = dice.chance(0.8)
        let end = start + 100 + Int64(dice.index(below: 900))
        tag(index, "cache.hit", .truth(isHit))
        tag(index, "cache.key", .text("cart:\(dice.index(below: 5000))"))
        tag(index, "db.system", .text("redis"))
        tag(index, "db.type", .text("redis"))
        if !isHit {
            spans[index].events.append(SpanEvent(time: end - 1, name: "cache miss", tags: []))
        }
        close(index, at: end)
        return end
    }

    // MARK: Calls

    /// Calls a service, and says when the caller goes on.
    private mutating func call(_ service: Service, from caller: Int, at start: Int64) -> Int64 {
        let place = spans[caller].place
        let edge = mesh.edge(
            from: place.service, in: place.cluster, to: service.name, &dice)
        switch service.callStyle {
        case .database: return query(edge, from: caller, at: start)
        case .messages: return publish(edge, from: caller, at: start)
        case .unrecorded:
            let outcome = mesh.outcome(of: edge, at: mesh.arrivals.seconds(at: start), &dice)
            let work = edge.work.further(byMilliseconds: edge.distanceMilliseconds)
            return start + edge.latency(of: outcome, work).sample(&dice)
        case .unwatched, .sharedSpan, .ownSpans:
            let outcome = mesh.outcome(of: edge, at: mesh.arrivals.seconds(at: start), &dice)
            return call(edge, outcome, from: caller, at: start)
        }
    }

    private mutating func call(
        _ edge: Edge, _ outcome: Outcome, from caller: Int, at start: Int64
    ) -> Int64 {
        let service = edge.service
        let style = service.callStyle
        // There and back takes the same time, as the correction of clocks supposes.
        let way = Int64(edge.distanceMilliseconds * 500)
        let patience =
            outcome.latency == .timeout
            ? edge.latency(of: outcome, edge.work).sample(&dice) : nil
        let name = operation(of: service)
        var parent = caller
        if style != .unwatched {
            parent = open(
                dice.bits() | 1, under: caller, name, .client, spans[caller].place, from: start)
        }
        guard outcome.atDestination != nil else {
            let end = start + edge.latency(of: outcome, edge.work).sample(&dice)
            if style != .unwatched {
                close(parent, at: end)
                describe(parent, edge: edge, outcome: outcome)
            }
            return end
        }
        let isShared = style == .sharedSpan
        let server = open(
            isShared ? spans[parent].spanID : dice.bits() | 1, under: parent, name, .server,
            mesh.place(service.name, service.namespace, in: edge.destination.cluster, turn: turn),
            from: start + way)
        if isShared { spans[server].parentSpanID = spans[parent].parentSpanID }
        serve(
            service, server, edge: edge, outcome: outcome,
            limit: patience.map { start + max(way + 1, $0 - way) })
        let end = spans[server].end + way
        guard style != .unwatched else { return end }
        close(parent, at: end)
        describe(parent, edge: edge, outcome: outcome)
        // One in fifty of these is lost on its way to the store.
        if style == .ownSpans, dice.chance(0.02) { spans[parent].stores = [] }
        return end
    }

    /// Asks a database, which records nothing itself.
    private mutating func query(_ edge: Edge, from caller: Int, at start: Int64) -> Int64 {
        let isWrite = dice.chance(0.3)
        let index = open(
            dice.bits() | 1, under: caller, isWrite ? "INSERT ledger" : "SELECT ledger", .client,
            spans[caller].place, from: start)
        let work = edge.work.further(byMilliseconds: edge.distanceMilliseconds)
        let end = start + work.sample(&dice)
        tag(index, "db.name", .text("ledger"))
        tag(index, "db.system", .text("postgresql"))
        tag(index, "db.type", .text("sql"))
        tag(
            index, "db.statement",
            .text(
                isWrite
                    ? "INSERT INTO entries (account, amount) VALUES ($1, $2)"
                    : "SELECT amount FROM entries WHERE account = $1 AND day > $2"))
        tag(index, "peer.service", .text(edge.service.name))
        close(index, at: end)
        return end
    }

    /// Puts a message into a queue. What comes of it happens later, and the caller does not wait.
    private mutating func publish(_ edge: Edge, from caller: Int, at start: Int64) -> Int64 {
        let service = edge.service
        let producer = open(
            dice.bits() | 1, under: caller, "\(service.name) publish", .producer,
            spans[caller].place, from: start)
        let sent = start + 300 + Int64(dice.index(below: 2000))
        close(producer, at: sent)
        let outcome = mesh.outcome(of: edge, at: mesh.arrivals.seconds(at: start), &dice)
        tag(producer, "messaging.system", .text("kafka"))
        tag(producer, "messaging.destination.name", .text(service.name))
        guard outcome.atDestination != nil else { return sent }
        let way = Int64(edge.distanceMilliseconds * 500)
        let consumer = open(
            dice.bits() | 1, under: producer, "\(service.name) process", .consumer,
            mesh.place(service.name, service.namespace, in: edge.destination.cluster, turn: turn),
            from: sent + way + Int64(dice.index(below: 20_000)))
        serve(service, consumer, edge: edge, outcome: outcome)
        tag(consumer, "messaging.system", .text("kafka"))
        tag(consumer, "messaging.destination.name", .text(service.name))
        spans[consumer].links.append(SpanLink(trace: id, spanID: spans[caller].spanID))
        return sent
    }
}

// MARK: - Spans

extension RequestWalk {
    /// Begins a span, and says where it is.
    fileprivate mutating func open(
        _ spanID: UInt64, under parent: Int?, _ name: String, _ kind: SpanPart,
        _ place: SpanPlace, from start: Int64
    ) -> Int {
        var stores = [place.cluster]
        // The money's spans of America are kept in Europe too.
        if place.service == "payments", place.cluster == "us-1" { stores.append("eu-1") }
        spans.append(
            RecordedSpan(
                number: spans.count, parentNumber: parent, spanID: spanID,
                parentSpanID: parent.map { spans[$0].spanID } ?? 0, name: name, kind: kind,
                place: place, start: start, end: start,
                tags: [SpanTag(RecordedSpan.numberKey, .whole(Int64(spans.count)))],
                stores: stores))
        return spans.count - 1
    }

    fileprivate mutating func close(_ index: Int, at end: Int64) { spans[index].end = end }

    fileprivate mutating func tag(_ index: Int, _ key: String, _ value: SpanTag.Value) {
        spans[index].tags.append(SpanTag(key, value))
    }

    /// One of the things that can be asked of a service.
    fileprivate mutating func operation(of service: Service) -> String {
        let names = service.operations
        return names[min(dice.index(below: 4), names.count - 1)]
    }

    /// Says how a call ended.
    fileprivate mutating func describe(_ index: Int, edge: Edge, outcome: Outcome) {
        if edge.service.speaks == .grpc {
            tag(index, "rpc.system", .text("grpc"))
            tag(index, "rpc.grpc.status_code", .whole(Int64(outcome.grpcStatus ?? 0)))
        } else {
            let words = spans[index].name.split(separator: " ")
            tag(index, "http.method", .text(words.first.map(String.init) ?? "GET"))
            tag(index, "http.status_code", .whole(Int64(outcome.code)))
        }
        if outcome.flags != "-" { tag(index, "response_flags", .text(outcome.flags)) }
        if spans[index].kind == .client {
            tag(index, "peer.service", .text(edge.service.name))
        }
        let isBad = outcome.code >= 500 || (outcome.grpcStatus ?? 0) > 0
        if isBad { spans[index].failure = "\(edge.service.name): \(outcome.code)" }
    }
}

extension Service {
    /// What of its calls is recorded, and by whom.
    enum CallStyle {
        /// Caller and service have a span each.
        case ownSpans
        /// Both record the same span, as Zipkin's tracers do.
        case sharedSpan
        /// The caller records nothing.
        case unwatched
        /// Nobody records anything: it only takes time.
        case unrecorded
        /// The service records nothing.
        case database
        /// Through a queue.
        case messages
    }

    var callStyle: CallStyle {
        switch name {
        case "notifications": .messages
        case "inventory": .unwatched
        case "ads", "users": .unrecorded
        case "search", "recommendations": .sharedSpan
        default: speaks == .tcp ? .database : .ownSpans
        }
    }

    /// What can be asked of it; the first most often not, the last most often.
    var operations: [String] {
        speaks == .grpc
            ? ["\(name)/List", "\(name)/Get"]
            : ["POST /\(name)", "GET /\(name)/{id}", "GET /\(name)"]
    }
}
