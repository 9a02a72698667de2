import PrometheusAPI
import Rules
import TimeSeries

/// An alert as Alertmanager's API takes it.
struct PostedAlert: Hashable, Sendable {
    /// What a later message takes the place of an earlier one by.
    struct Identity: Hashable, Sendable {
        var labels: Labels
        /// An alert that fires again is another one: the end of the one before is still told.
        var startsAt: Int64
    }

    var identity: Identity
    /// An object of `postableAlerts`.
    var json: [UInt8]
    var queuedAt: ContinuousClock.Instant

    /// `labels` are those that the alert is sent with.
    init(
        _ notification: AlertNotification, labels: Labels, externalURL: String,
        queuedAt: ContinuousClock.Instant
    ) {
        identity = Identity(labels: labels, startsAt: notification.startsAt)
        self.queuedAt = queuedAt
        var json = Array(#"{"labels":"#.utf8)
        Self.append(labels.pairs, to: &json)
        json += Array(#","annotations":"#.utf8)
        // An annotation without a text is none, as for Prometheus.
        Self.append(
            notification.annotations.map { ($0.name, $0.text) }.filter { !$0.1.isEmpty },
            to: &json)
        json += Array(#","startsAt":"\#(Self.text(notification.startsAt))""#.utf8)
        json += Array(#","endsAt":"\#(Self.text(notification.endsAt))","generatorURL":"#.utf8)
        JSONText.append(
            externalURL + ExpressionLink.table(notification.expression), escaping: .plain,
            to: &json)
        json.append(UInt8(ascii: "}"))
        self.json = json
    }

    /// The body of a request.
    static func body(of batch: [PostedAlert]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(batch.reduce(2) { $0 + $1.json.count + 1 })
        bytes.append(UInt8(ascii: "["))
        for alert in batch {
            if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
            bytes += alert.json
        }
        bytes.append(UInt8(ascii: "]"))
        return bytes
    }

    private static func append(_ texts: [(name: String, value: String)], to json: inout [UInt8]) {
        json.append(UInt8(ascii: "{"))
        for (place, entry) in texts.enumerated() {
            if place > 0 { json.append(UInt8(ascii: ",")) }
            JSONText.append(entry.name, escaping: .plain, to: &json)
            json.append(UInt8(ascii: ":"))
            JSONText.append(entry.value, escaping: .plain, to: &json)
        }
        json.append(UInt8(ascii: "}"))
    }

    /// RFC 3339 with all three digits of milliseconds, as Prometheus sends times.
    private static func text(_ milliseconds: Int64) -> String {
        let fraction = (milliseconds % 1000 + 1000) % 1000
        let seconds = APITime.text(milliseconds - fraction).dropLast()
        let digits = String(fraction)
        return "\(seconds).\(String(repeating: "0", count: 3 - digits.count))\(digits)Z"
    }
}
