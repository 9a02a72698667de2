import Rules
import TimeSeries

/// Prometheus's alerts written a second time, as plainly as can be, to hold the state machine
/// against: no labels but one name, no series, no clusters. Times in seconds.
struct PlainAlerts {
    struct Alert: Hashable {
        var state: AlertInstance.State
        var activeAt: Int64
        var firedAt: Int64?
        var resolvedAt: Int64?
        var keepFiringSince: Int64?
    }

    var hold: Int64
    var keep: Int64
    var alerts: [String: Alert] = [:]

    mutating func evaluate(_ time: Int64, _ names: Set<String>) {
        for name in names where alerts[name].map({ $0.state == .inactive }) ?? true {
            alerts[name] = Alert(state: .pending, activeAt: time)
        }
        for (name, var alert) in alerts {
            if names.contains(name) {
                alert.keepFiringSince = nil
                if alert.state == .pending, time - alert.activeAt >= hold {
                    alert.state = .firing
                    alert.firedAt = time
                }
                alerts[name] = alert
                continue
            }
            switch alert.state {
            case .pending: alerts[name] = nil
            case .inactive:
                if time - (alert.resolvedAt ?? time) > 900 { alerts[name] = nil }
            case .firing:
                let since = alert.keepFiringSince ?? time
                if keep > 0 { alert.keepFiringSince = since }
                if keep == 0 || time - since >= keep {
                    alert.state = .inactive
                    alert.resolvedAt = time
                }
                alerts[name] = alert
            }
        }
    }
}
