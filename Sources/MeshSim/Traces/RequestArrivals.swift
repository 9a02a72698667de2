/// Which of the traced requests it is: the count of those at one cluster's front door.
struct TraceNumber: Hashable, Sendable {
    /// The index of the cluster.
    var door: Int
    /// From one, since the origin.
    var count: Int64
}

/// When users' traced requests come: as often as the metrics say, times the sampling.
struct RequestArrivals: Sendable {
    /// By door.
    private let flows: [Flow]
    /// Milliseconds since 1970.
    private let origin: Int64

    init(topology: Topology, sampling: Double) {
        origin = topology.plan.origin
        flows = topology.plan.profiles.map { profile in
            let edge = topology.edges.first {
                $0.source == profile.gateway(gatewayNames[0])
                    && $0.service.name == topology.services[0].name
            }
            guard let edge else {
                preconditionFailure("Every cluster's gateway leads to the first service.")
            }
            return Flow(perSecond: edge.requestsPerSecond * sampling, shape: edge.shape)
        }
    }

    var doors: Range<Int> { flows.indices }

    /// Seconds since the origin of a time in microseconds since 1970.
    func seconds(at time: Int64) -> Double { max(0, Double(time - origin * 1000) / 1_000_000) }

    /// How many have come by then, microseconds since 1970.
    func count(door: Int, by time: Int64) -> Int64 {
        Int64(flows[door].count(at: seconds(at: time)))
    }

    /// When it came, microseconds since 1970.
    func time(of number: TraceNumber) -> Int64 {
        origin * 1000 + Int64(seconds(until: Double(number.count), flows[number.door]) * 1_000_000)
    }

    /// When so many had come, in seconds since the origin: Newton's method, kept between bounds.
    /// They hold because the daily swing moves the count by no more than half a day's worth.
    private func seconds(until count: Double, _ flow: Flow) -> Double {
        var guess = count / flow.perSecond
        var low = max(0, guess - 43_200)
        var high = guess + 43_200
        for _ in 0..<80 {
            let excess = flow.amount(at: guess) - count
            if excess > 0 { high = guess } else { low = guess }
            var next = guess - excess / flow.rate(at: guess)
            if !(low...high).contains(next) { next = (low + high) / 2 }
            if abs(next - guess) < 1e-7 { return next }
            guess = next
        }
        return guess
    }
}

/// The identities of traces. They look random, and yet tell their number again: so a store finds a
/// trace without having seen it.
struct TraceIdentities: Sendable {
    private static let factors: (UInt64, UInt64) = (0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb)
    private let secret: UInt64
    /// How many doors there are, and the bits that tell them apart.
    private let doors: Int
    private let doorBits: UInt64
    private let inverses: (UInt64, UInt64)

    init(seed: UInt64, doors: Int) {
        self.doors = doors
        doorBits = doors > 4 ? 3 : 2
        var dice = Dice(seed: seed, name: "traces")
        secret = dice.bits()
        inverses = (Self.inverse(Self.factors.0), Self.inverse(Self.factors.1))
    }

    /// Whether the request came through an old proxy, which knows identities of 64 bits only.
    static func isShort(_ number: TraceNumber) -> Bool {
        number.door < clusterProfiles.count && clusterProfiles[number.door].name == "ap-1"
            && number.count.isMultiple(of: 5)
    }

    func identity(of number: TraceNumber) -> TraceIdentity {
        let plain = UInt64(bitPattern: number.count) << doorBits | UInt64(number.door)
        let low = Self.mixed(plain ^ secret)
        return TraceIdentity(high: Self.isShort(number) ? 0 : Self.mixed(low &+ secret), low: low)
    }

    /// The number of a trace with this identity, if there can be one.
    func number(of id: TraceIdentity) -> TraceNumber? {
        let plain = unmixed(id.low) ^ secret
        let number = TraceNumber(
            door: Int(plain & (1 << doorBits - 1)), count: Int64(plain >> doorBits))
        guard number.door < doors, identity(of: number) == id else { return nil }
        return number
    }

    /// SplitMix64's last step: every number has one image, and every image one number.
    private static func mixed(_ number: UInt64) -> UInt64 {
        var mixed = number
        mixed = (mixed ^ (mixed >> 30)) &* factors.0
        mixed = (mixed ^ (mixed >> 27)) &* factors.1
        return mixed ^ (mixed >> 31)
    }

    private func unmixed(_ number: UInt64) -> UInt64 {
        var plain = number ^ (number >> 31) ^ (number >> 62)
        plain = plain &* inverses.1
        plain = (plain ^ (plain >> 27) ^ (plain >> 54)) &* inverses.0
        return plain ^ (plain >> 30) ^ (plain >> 60)
    }

    /// The number that an odd factor is undone with; each step doubles the bits that are right.
    private static func inverse(_ factor: UInt64) -> UInt64 {
        var inverse = factor
        for _ in 0..<6 { inverse = inverse &* (2 &- factor &* inverse) }
        return inverse
    }
}
