import Metrics
import Synchronization

/// What the server measures of itself. The rows:
///
/// | metric | labels | meaning |
/// |---|---|---|
/// | `isthmus_http_requests_total` | `route`, `code` | requests that were answered |
/// | `isthmus_http_request_duration_seconds` | `route` | from a request's head to its answer's end |
/// | `isthmus_http_requests_in_flight` | | requests that are being answered |
///
/// `route` is a route's template, never a path, and `other` where there is no route.
final class HTTPMetrics: Sendable {
    private struct CounterKey: Hashable {
        var route: String
        var code: Int
    }

    private struct Instruments {
        var counters: [CounterKey: Counter] = [:]
        var timers: [String: Timer] = [:]
    }

    private let factory: any MetricsFactory
    private let inFlight: Meter
    private let instruments = Mutex(Instruments())

    init(factory: any MetricsFactory) {
        self.factory = factory
        inFlight = Meter(label: "isthmus_http_requests_in_flight", factory: factory)
    }

    func requestBegan() { inFlight.increment() }

    func requestEnded(route: String, code: Int, duration: Duration) {
        inFlight.decrement()
        let key = CounterKey(route: route, code: code)
        let counter = instruments.withLock { self.counter(key, &$0.counters) }
        let timer = instruments.withLock { self.timer(route, &$0.timers) }
        counter.increment()
        timer.recordNanoseconds(duration.nanoseconds)
    }

    private func counter(_ key: CounterKey, _ counters: inout [CounterKey: Counter]) -> Counter {
        if let counter = counters[key] { return counter }
        let counter = Counter(
            label: "isthmus_http_requests_total",
            dimensions: [("route", key.route), ("code", String(key.code))], factory: factory)
        counters[key] = counter
        return counter
    }

    private func timer(_ route: String, _ timers: inout [String: Timer]) -> Timer {
        if let timer = timers[route] { return timer }
        let timer = Timer(
            label: "isthmus_http_request_duration_seconds", dimensions: [("route", route)],
            factory: factory)
        timers[route] = timer
        return timer
    }
}

extension Duration {
    /// Whole nanoseconds.
    var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }

    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
