import TimeSeries

/// Rates at each time of a grid, by a part of what is counted. Where nothing is known of a time there
/// is no value, which is not zero.
struct RateColumns<Part: Hashable & Sendable>: Sendable {
    private(set) var columns: [Part: [Double]] = [:]

    subscript(_ part: Part) -> [Double]? { columns[part] }

    var isEmpty: Bool { columns.isEmpty }

    mutating func add(_ values: [Double], to part: Part) {
        guard var sums = columns.removeValue(forKey: part) else {
            columns[part] = values
            return
        }
        for index in sums.indices where index < values.count && !Absent.isAbsent(values[index]) {
            sums[index] = Absent.isAbsent(sums[index]) ? values[index] : sums[index] + values[index]
        }
        columns[part] = sums
    }

    mutating func add(_ other: RateColumns) {
        for (part, values) in other.columns { add(values, to: part) }
    }
}
