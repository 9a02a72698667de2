// The gateway's own metrics: a back end for swift-metrics that keeps numbers in memory and shows
// them as families, which `MetricsText` prints. It sends nothing anywhere.

import Metrics
import Synchronization
import TimeSeries

/// All metrics of the process.
final class MetricsRegistry: MetricsFactory {
    private let descriptions: [String: MetricDescription]
    private let families = Mutex<[String: Family]>([:])

    /// The metrics of one name.
    private struct Family {
        var kind: MetricFamily.Kind
        var cells: [Labels: any MetricCell] = [:]
    }

    /// Metrics without a description are shown all the same.
    init(_ descriptions: [MetricDescription]) {
        self.descriptions = Dictionary(descriptions.map { ($0.name, $0) }) { first, _ in first }
    }

    /// All families with at least one metric, ordered by name.
    func snapshot() -> [MetricFamily] {
        let current = families.withLock { $0 }
        return current.sorted { $0.key < $1.key }.filter { !$0.value.cells.isEmpty }
            .map { name, family in
                MetricFamily(
                    name: name, kind: family.kind, help: help(name),
                    samples: family.cells.sorted { $0.key < $1.key }
                        .map { MetricFamily.Sample(labels: $0.key, value: $0.value.reading) })
            }
    }

    private func help(_ name: String) -> String {
        // Every family needs a help text; one that nobody wrote is the name in words.
        descriptions[name]?.help ?? name.split(separator: "_").joined(separator: " ")
    }

    /// The cell of this name and these labels, made where there is none.
    private func cell<Cell: MetricCell>(
        _ name: String, _ kind: MetricFamily.Kind, _ dimensions: [(String, String)],
        make: () -> Cell
    ) -> Cell {
        let labels = Labels(dimensions.map { (MetricName.label($0.0), $0.1) })
        return families.withLock { families in
            if let cell = families[name]?.cells[labels] as? Cell { return cell }
            let cell = make()
            // A name belongs to one kind. A second kind is a mistake in the code, and it must not
            // make the whole page unreadable: its numbers are not shown.
            if families[name, default: Family(kind: kind)].kind == kind {
                families[name, default: Family(kind: kind)].cells[labels] = cell
            }
            return cell
        }
    }

    private func forget(_ handler: AnyObject) {
        families.withLock { families in
            for (name, family) in families {
                for (labels, cell) in family.cells where cell === handler {
                    families[name]?.cells[labels] = nil
                }
            }
        }
    }
}

// MARK: The factory of swift-metrics

extension MetricsRegistry {
    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        cell(MetricName.counter(label), .counter, dimensions) { NumberCell() }
    }

    func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        cell(MetricName.counter(label), .counter, dimensions) { NumberCell() }
    }

    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        cell(MetricName.plain(label), .gauge, dimensions) { NumberCell() }
    }

    /// A recorder that does not aggregate is a gauge.
    func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        let name = MetricName.plain(label)
        if !aggregate { return cell(name, .gauge, dimensions) { NumberCell() } }
        let usual =
            name.hasSuffix("_seconds")
            ? MetricDescription.latencyBounds : MetricDescription.countBounds
        let bounds = descriptions[name]?.bounds ?? usual
        return cell(name, .histogram, dimensions) { HistogramCell(bounds: bounds) }
    }

    /// A timer is a histogram of seconds.
    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let name = MetricName.timer(label)
        let bounds = descriptions[name]?.bounds ?? MetricDescription.latencyBounds
        return cell(name, .histogram, dimensions) { HistogramCell(bounds: bounds) }
    }

    func destroyCounter(_ handler: any CounterHandler) { forget(handler) }
    func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {
        forget(handler)
    }
    func destroyMeter(_ handler: any MeterHandler) { forget(handler) }
    func destroyRecorder(_ handler: any RecorderHandler) { forget(handler) }
    func destroyTimer(_ handler: any TimerHandler) { forget(handler) }
}

/// Names as Prometheus wants them.
enum MetricName {
    static func plain(_ label: String) -> String { cleaned(label, allowsColon: true) }

    static func counter(_ label: String) -> String { ending(plain(label), in: "_total") }

    static func timer(_ label: String) -> String { ending(plain(label), in: "_seconds") }

    static func label(_ name: String) -> String { cleaned(name, allowsColon: false) }

    private static func ending(_ name: String, in suffix: String) -> String {
        name.hasSuffix(suffix) ? name : name + suffix
    }

    /// Other letters become underscores.
    private static func cleaned(_ text: String, allowsColon: Bool) -> String {
        var name = String(
            text.unicodeScalars.map { scalar -> Character in
                let isAllowed =
                    scalar.properties.isASCIIHexDigit || ("a"..."z").contains(scalar)
                    || ("A"..."Z").contains(scalar) || (allowsColon && scalar == ":")
                return isAllowed ? Character(scalar) : "_"
            })
        if name.isEmpty || name.first?.isNumber == true { name = "_" + name }
        return name
    }
}
