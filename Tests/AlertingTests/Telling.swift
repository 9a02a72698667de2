import Alerting
import Rules
import Synchronization
import TimeSeries

/// What an Alertmanager would know: an alert fires from its first message until one says that it is
/// over, or until none has come for as long as the last one said.
final class ToldAlerts: Sendable {
    struct Message: Sendable, Hashable {
        var time: Int64
        var notification: AlertNotification
    }

    private let told = Mutex<[Message]>([])
    private let time = Mutex<Int64>(0)

    /// Notes what is sent as of a time.
    func set(time: Int64) { self.time.withLock { $0 = time } }

    func take(_ notifications: [AlertNotification]) {
        let time = time.withLock { $0 }
        told.withLock { told in
            told += notifications.map { Message(time: time, notification: $0) }
        }
    }

    var messages: [Message] { told.withLock { $0 } }

    /// The alerts that fire at a time.
    func firing(at time: Int64) -> Set<Labels> {
        var ends: [Labels: Int64] = [:]
        for message in messages where message.time <= time {
            ends[message.notification.labels] = message.notification.endsAt
        }
        return Set(ends.filter { $0.value > time }.keys)
    }
}
