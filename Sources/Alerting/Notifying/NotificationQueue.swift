/// Alerts that wait to be sent, the oldest first. Of two messages about one alert only the later is
/// kept, at the earlier one's place: an Alertmanager that is away for long gets the newest state of
/// each alert, not a history.
struct NotificationQueue: Sendable {
    private let capacity: Int
    private var order: [PostedAlert.Identity] = []
    private var alerts: [PostedAlert.Identity: PostedAlert] = [:]

    init(capacity: Int) { self.capacity = max(1, capacity) }

    var count: Int { order.count }

    /// Returns how many of the oldest were dropped to make room.
    mutating func append(_ new: [PostedAlert]) -> Int {
        for alert in new {
            if alerts.updateValue(alert, forKey: alert.identity) == nil {
                order.append(alert.identity)
            }
        }
        return dropOverflow()
    }

    /// Takes the oldest out.
    mutating func takeBatch(atMost size: Int) -> [PostedAlert] {
        let batch = order.prefix(max(1, size)).compactMap { alerts.removeValue(forKey: $0) }
        order.removeFirst(batch.count)
        return batch
    }

    /// Puts a batch back to where it was taken from, but for what newer messages are about.
    /// Returns how many were dropped to make room.
    mutating func putBack(_ batch: [PostedAlert]) -> Int {
        let needed = batch.filter { alerts[$0.identity] == nil }
        for alert in needed { alerts[alert.identity] = alert }
        order.insert(contentsOf: needed.map(\.identity), at: 0)
        return dropOverflow()
    }

    /// Takes everything out.
    mutating func removeAll() -> [PostedAlert] { takeBatch(atMost: max(1, count)) }

    private mutating func dropOverflow() -> Int {
        let overflow = max(0, order.count - capacity)
        for identity in order.prefix(overflow) { alerts[identity] = nil }
        order.removeFirst(overflow)
        return overflow
    }
}
