/// Envoy's response flags that matter here, of a text in which several stand with commas between
/// (`UF,URX`), which matching the whole text would miss.
///
/// A flag is about the end of a request, not about each try: `UF,URX` is one whose last try got no
/// connection, `URX` alone one whose last try was answered (Envoy's router sets it as it hands on the
/// answer that it would have liked to retry).
struct ResponseFlags: OptionSet, Sendable {
    let rawValue: UInt16

    /// UH, DF: no healthy host to send it to, or no address of one.
    static let noHealthyHost = ResponseFlags(rawValue: 1)
    /// UF: no connection to the host; of TLS too, so nothing of the request was sent.
    static let connectFailure = ResponseFlags(rawValue: 1 << 1)
    /// NR, NC: no route, or one to a cluster that there is not.
    static let noRoute = ResponseFlags(rawValue: 1 << 2)
    /// UO: the circuit breaker let it not through.
    static let overflow = ResponseFlags(rawValue: 1 << 3)
    /// URX: tried as often as is allowed.
    static let retriesExhausted = ResponseFlags(rawValue: 1 << 4)
    /// UT, DT, SI, UMSDR: time ran out.
    static let timedOut = ResponseFlags(rawValue: 1 << 5)
    /// DC, DR, DPE: the caller gave up.
    static let callerLeft = ResponseFlags(rawValue: 1 << 6)
    /// RL, RLSE, UAEX, FI, IH, NFCF, OM, DO: the proxy refused it, by a limit, a check, a fault that
    /// it is told to make, or for want of configuration or room.
    static let refused = ResponseFlags(rawValue: 1 << 7)
    /// RFCF: the proxy's cache had the answer.
    static let cached = ResponseFlags(rawValue: 1 << 8)
    /// UC, UR, LR, UPE: the connection, or its stream, broke before there was an answer.
    static let brokenOff = ResponseFlags(rawValue: 1 << 9)

    /// What a source counts and its destination does not.
    static let neverArrived: ResponseFlags = [
        .noHealthyHost, .connectFailure, .noRoute, .overflow, .retriesExhausted, .refused,
    ]
    /// What did not leave the source's proxy; an earlier try may have.
    static let neverLeft: ResponseFlags = [
        .noHealthyHost, .connectFailure, .noRoute, .overflow, .refused, .cached,
    ]
    /// What nobody answered: it left, and whether it arrived the destination must say.
    static let unanswered: ResponseFlags = [.brokenOff, .timedOut]
    static let timeouts: ResponseFlags = .timedOut
    static let hungUp: ResponseFlags = .callerLeft

    init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    init(_ text: String) {
        self = []
        guard text != "-", !text.isEmpty else { return }
        var token: UInt64 = 0
        var length = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: ",") {
                if length <= 8 { formUnion(Self.flags[token] ?? []) }
                token = 0
                length = 0
            } else {
                token = token << 8 | UInt64(byte)
                length += 1
            }
        }
        if length <= 8 { formUnion(Self.flags[token] ?? []) }
    }

    /// The flags that matter, by the bytes of their names in one number.
    private static let flags: [UInt64: ResponseFlags] = {
        let names: [(ResponseFlags, [String])] = [
            (.noHealthyHost, ["UH", "DF"]), (.connectFailure, ["UF"]), (.noRoute, ["NR", "NC"]),
            (.overflow, ["UO"]), (.retriesExhausted, ["URX"]),
            (.timedOut, ["UT", "DT", "SI", "UMSDR"]), (.callerLeft, ["DC", "DR", "DPE"]),
            (.refused, ["RL", "RLSE", "UAEX", "FI", "IH", "NFCF", "OM", "DO"]),
            (.cached, ["RFCF"]), (.brokenOff, ["UC", "UR", "LR", "UPE"]),
        ]
        return Dictionary(
            uniqueKeysWithValues: names.flatMap { flag, names in
                names.map { name in (name.utf8.reduce(0) { $0 << 8 | UInt64($1) }, flag) }
            })
    }()
}
