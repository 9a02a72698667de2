import TimeSeries

/// By which names the calls to a service are asked for.
///
/// Most are asked for by the service's own. But a proxy of Linkerd knows the workload that it belongs
/// to and not which service was meant: that is the one that callers of the workload name, where it is
/// one. So whoever asks about a service asks about its workloads too, and about all services of these.
/// And where the label that a query asks by says nothing, another has named the service.
struct DestinationNames: Sendable {
    /// What the labels that queries ask by say of calls to a service, where none has its name.
    private var others: [String: Set<String>] = [:]
    /// How many rows there were of each service, by its name.
    private(set) var rows: [String: Int] = [:]
    private var workloads: [String: Set<String>] = [:]
    private var services: [String: Set<String>] = [:]

    /// Notes what an answer's rows are called.
    mutating func note(_ series: [GridSeries], _ dialect: Dialect) {
        var reading = RowReading(dialect)
        for one in series {
            guard let call = reading.call(one.labels) else { continue }
            note(one.labels, call)
        }
    }

    /// Notes a row, and what it says.
    mutating func note(_ row: Labels, _ call: ReportedCall) {
        let service = call.destination.service
        rows[service, default: 0] += 1
        if let labels = Self.destinations[call.dialect]?[call.reporter], !labels.asksName.isEmpty {
            let values = labels.asksName.map { row[$0] ?? "" }
            if !values.contains(service), labels.upstream.isEmpty {
                others[service, default: []].formUnion(values)
            }
        }
        let workload = call.destination.workload
        guard call.dialect == .linkerd, call.reporter == .source, !service.isEmpty,
            !workload.isEmpty
        else { return }
        workloads[service, default: []].insert(workload)
        services[workload, default: []].insert(service)
    }

    /// The labels of destinations in the words of each side.
    private static let destinations: [Dialect: [CallReport.Reporter: EndLabels]] =
        Dictionary(
            uniqueKeysWithValues: Dialect.allCases.map { dialect in
                let sides = dialect.row.witnesses.map { ($0.reporter, $0.destination) }
                return (dialect, Dictionary(sides, uniquingKeysWith: { first, _ in first }))
            })

    func asked(for service: String) -> Set<String> {
        var names: Set<String> = [service]
        names.formUnion(others[service] ?? [])
        for workload in workloads[service] ?? [] {
            names.insert(workload)
            names.formUnion(services[workload] ?? [])
        }
        return names
    }
}
