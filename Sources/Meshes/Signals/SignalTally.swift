import TimeSeries

/// Adds up what counts of all reports, for all subjects, one time after the other.
struct SignalTally {
    private let assembly: SignalAssembly
    private let resolution: SignalResolution
    private let count: Int
    private var subjects: [SignalSubject] = []
    private var places: [SignalSubject: Int32] = [:]
    private var subjectsOfLeaf: [Pair] = []
    private var slots: [Slot: Int32] = [:]
    /// Of each slot the sums at all times.
    private var columns: [Double] = []
    private var slotsOfEntry: [Pair] = []
    /// Of reports of callers' proxies, those of their flags.
    private var flagSlotsOfEntry: [Pair] = []
    private var uses: [Use] = []
    private var isCaller: [Bool] = []
    private var durations: [Durations] = []
    /// Where services are joined, the same of all calls from one cluster to another; `durations` are
    /// those of services then, of which there may be no histograms.
    private var joinedDurations: [Durations] = []
    private var rowRates: [Double]

    /// None, one or two places: a service's calls are part of those in its cluster, and of all.
    private struct Pair: Hashable, Sequence {
        var first: Int32 = -1
        var second: Int32 = -1

        func makeIterator() -> Iterator { Iterator(left: self) }

        struct Iterator: IteratorProtocol {
            fileprivate var left: Pair

            mutating func next() -> Int? {
                let next = left.first
                left = Pair(first: left.second)
                return next < 0 ? nil : Int(next)
            }
        }

        func map(_ place: (Int32) -> Int32) -> Pair {
            Pair(
                first: first < 0 ? -1 : place(first), second: second < 0 ? -1 : place(second))
        }
    }

    /// What is summed.
    private struct Slot: Hashable {
        var subject: Int32
        var fact: Fact
        var ending: CallEnding
        /// The reporting cluster, of what its callers' proxies say of their flags; -1 of all others.
        var caller: Int32 = -1
    }

    /// What became of a report.
    private enum Use {
        case none
        /// Nothing happened.
        case idle
        case counts
    }

    /// A histogram's part for some subjects.
    private struct Durations {
        var histogram: SignalHistogram.Key
        /// That of all services together which it is part of; nil where services are not joined.
        var joined: SignalHistogram.Key?
        var subjects: Pair
        /// Of the ledger: those whose requests it timed, for these subjects and for all.
        var rows: [Int]
        var allRows: [Int]
        /// How much of it counts, at each time.
        var shares: [Double] = []

        /// Whether some of it counts and some does not.
        var isMixed: Bool { shares.contains { $0 != 0 && $0 != 1 } }
        var counts: Bool { shares.contains { $0 > 0 } }
    }

    init(_ assembly: SignalAssembly) {
        self.assembly = assembly
        // Who asks for a caller's calls wants those that it claims.
        let joinsCallers =
            assembly.question.grouping != .edge && assembly.question.source == nil
        resolution = SignalResolution(assembly.ledger, joinsCallers: joinsCallers)
        count = assembly.grid.count
        rowRates = Array(repeating: 0, count: assembly.ledger.rows.count)
        let leaves = resolution.resolved.leaves.indices
        subjectsOfLeaf = leaves.map { subjectPlaces(ofLeaf: $0) }
        for place in assembly.rows.indices { note(entry: place) }
        uses = Array(repeating: .none, count: assembly.rows.count)
        isCaller = Array(repeating: false, count: assembly.rows.count)
        if assembly.question.joinsServices {
            durations = timed(by: assembly.question.asking(about: []).callGrouping(.latency))
            joinedDurations = timed(by: assembly.question.callGrouping(.latency))
        } else {
            durations = timed(by: assembly.question.callGrouping(.latency))
        }
        addUp()
    }

    // MARK: Subjects

    private mutating func subjectPlaces(ofLeaf leaf: Int) -> Pair {
        let all = assembly.question.subjects(ofLeaf: leaf, resolution).map { subject -> Int32 in
            let next = Int32(subjects.count)
            if let place = places[subject] { return place }
            places[subject] = next
            subjects.append(subject)
            return next
        }
        return Pair(first: all.first ?? -1, second: all.dropFirst().first ?? -1)
    }

    private mutating func note(entry place: Int) {
        let entry = assembly.ledger.entries[place]
        let row = assembly.ledger.rows[Int(entry.row)]
        let signal = assembly.rows[place]
        let subjects = subjectsOfLeaf[Int(resolution.resolved.leafOfRow[Int(entry.row)])]
        let ending = CallEnding(kind: entry.kind, saysProtocol: signal.saysProtocol)
        slotsOfEntry.append(
            subjects.map {
                self.place(of: Slot(subject: $0, fact: signal.fact, ending: ending))
            })
        guard row.reporter != .destination, signal.fact == .requests else {
            flagSlotsOfEntry.append(Pair())
            return
        }
        let flags = CallEnding(
            kind: entry.kind.intersection([.timeout, .breakerTripped]), saysProtocol: false)
        flagSlotsOfEntry.append(
            subjects.map {
                self.place(
                    of: Slot(
                        subject: $0, fact: .requests, ending: flags, caller: row.reportedBy))
            })
    }

    private mutating func place(of slot: Slot) -> Int32 {
        let next = Int32(slots.count)
        if let place = slots[slot] { return place }
        slots[slot] = next
        columns += repeatElement(Absent.value, count: count)
        return next
    }

    /// The histograms, and which requests they have timed.
    ///
    /// - Parameter grouping: what the histograms tell apart.
    private func timed(by grouping: CallGrouping) -> [Durations] {
        guard !assembly.histograms.isEmpty else { return [] }
        let ledger = assembly.ledger
        let whole = assembly.question.callGrouping(.latency)
        var isTimed = Array(repeating: false, count: ledger.rows.count)
        for entry in ledger.entries where entry.kind.isRequest { isTimed[Int(entry.row)] = true }
        var rows: [SignalHistogram.Key: [Int]] = [:]
        var order: [SignalHistogram.Key] = []
        for place in ledger.rows.indices where isTimed[place] {
            let key = SignalHistogram.Key(ledger.rows[place], ledger, grouping)
            guard whole != grouping || assembly.histograms[key] != nil else { continue }
            if rows[key] == nil { order.append(key) }
            rows[key, default: []].append(place)
        }
        return order.flatMap { key -> [Durations] in
            let all = rows[key] ?? []
            let joined =
                whole == grouping
                ? nil : all.first.map { SignalHistogram.Key(ledger.rows[$0], ledger, whole) }
            var parts: [Durations] = []
            for row in all {
                let subjects = subjectsOfLeaf[Int(resolution.resolved.leafOfRow[row])]
                guard subjects != Pair() else { continue }
                if let place = parts.firstIndex(where: { $0.subjects == subjects }) {
                    parts[place].rows.append(row)
                } else {
                    parts.append(
                        Durations(
                            histogram: key, joined: joined, subjects: subjects, rows: [row],
                            allRows: all))
                }
            }
            return parts
        }
    }

    // MARK: Adding up

    private mutating func addUp() {
        var entries = assembly.ledger.entries
        var last: SignalResolution.Moment?
        for time in 0..<count {
            for place in entries.indices {
                entries[place].rate = assembly.rows[place].rate(at: time) ?? 0
            }
            let moment = resolution.moment(entries, after: last)
            add(entries, moment, at: time)
            last = moment
        }
    }

    /// The sums of all subjects.
    ///
    /// - Parameter histograms: the assembly's; those of services where `mixedDurations` wants them.
    func sums(
        _ histograms: [SignalHistogram.Key: SignalHistogram]
    ) -> [SignalSubject: SignalSums] {
        var sums = subjects.map { _ in SignalSums() }
        tell(&sums)
        tell(durationsThatCount, histograms, &sums)
        return Dictionary(uniqueKeysWithValues: zip(subjects, sums))
    }

    /// Of durations of all calls from one cluster to another those of which some count for a subject
    /// and others do not.
    private var mixedKeys: Set<SignalHistogram.Key> {
        Set(joinedDurations.filter(\.isMixed).map(\.histogram))
    }

    /// The services whose durations have to be known by themselves, and whose reports these are.
    var mixedDurations: (services: Set<String>, reporters: Set<String>) {
        let mixed = mixedKeys
        let wanted = durations.filter { part in
            part.counts && part.joined.map(mixed.contains) ?? false
        }
        return (
            Set(wanted.map(\.histogram.destination.service)),
            Set(wanted.map(\.histogram.reportedBy))
        )
    }

    private var durationsThatCount: [Durations] {
        guard assembly.question.joinsServices else { return durations }
        let mixed = mixedKeys
        return joinedDurations.filter { !mixed.contains($0.histogram) }
            + durations.filter { $0.joined.map(mixed.contains) ?? false }
    }

    private mutating func add(
        _ entries: [CallLedger.Entry], _ moment: SignalResolution.Moment, at time: Int
    ) {
        for place in rowRates.indices { rowRates[place] = 0 }
        for (place, entry) in entries.enumerated() {
            guard let rate = assembly.rows[place].rate(at: time) else { continue }
            let share = moment.shares[place]
            if rate == 0 || share > 0 {
                for slot in slotsOfEntry[place] { add(rate * share, to: slot, at: time) }
                if rate > 0 { uses[place] = .counts }
                if rate == 0, uses[place] == .none { uses[place] = .idle }
            }
            if rate == 0 || moment.shapes[place] {
                for slot in flagSlotsOfEntry[place] { add(rate, to: slot, at: time) }
                if rate > 0 { isCaller[place] = true }
            }
            if entry.kind.isRequest { rowRates[Int(entry.row)] += rate }
        }
        for place in durations.indices {
            durations[place].shares.append(share(of: durations[place], moment))
        }
        for place in joinedDurations.indices {
            joinedDurations[place].shares.append(share(of: joinedDurations[place], moment))
        }
    }

    /// How much of a histogram counts for its subjects.
    private func share(of part: Durations, _ moment: SignalResolution.Moment) -> Double {
        let all = part.allRows.reduce(0) { $0 + rowRates[$1] }
        let some = part.rows.reduce(0) { $0 + rowRates[$1] * moment.durations[$1] }
        return all > 0 ? some / all : 0
    }

    private mutating func add(_ rate: Double, to slot: Int, at time: Int) {
        let place = slot * count + time
        columns[place] = Absent.isAbsent(columns[place]) ? rate : columns[place] + rate
    }

    // MARK: What came of it

    private func tell(_ sums: inout [SignalSums]) {
        var evidence = sums.map { _ in (counts: Set<Evidence>(), idle: Set<Evidence>()) }
        for place in assembly.rows.indices {
            let row = assembly.ledger.rows[Int(assembly.ledger.entries[place].row)]
            let found = Evidence(assembly.rows[place], row)
            let subjects = subjectsOfLeaf[Int(resolution.resolved.leafOfRow[rowPlace(place)])]
            for subject in subjects {
                switch uses[place] {
                case .none: break
                case .idle: evidence[subject].idle.insert(found)
                case .counts: evidence[subject].counts.insert(found)
                }
                guard assembly.ledger.entries[place].rate > 0 else { continue }
                note(place, row, in: &sums[subject])
            }
        }
        for (subject, found) in evidence.enumerated() {
            for fact in Fact.allCases {
                let counts = found.counts.filter { $0.fact == fact }
                sums[subject].dialects.formUnion(counts.map(\.dialect))
                for one in counts.isEmpty ? found.idle.filter({ $0.fact == fact }) : counts {
                    sums[subject].metrics[fact, default: []].insert(assembly.metrics[one.metric])
                    sums[subject].sides[fact, default: []].insert(one.reporter)
                }
            }
        }
        for (slot, place) in slots.sorted(by: { $0.value < $1.value }) {
            let values = Array(columns[Int(place) * count..<(Int(place) + 1) * count])
            sums[Int(slot.subject)].add(
                values, slot.fact, slot.ending,
                caller: slot.caller < 0 ? nil : assembly.ledger.reporters[Int(slot.caller)])
        }
    }

    private func rowPlace(_ entry: Int) -> Int { Int(assembly.ledger.entries[entry].row) }

    /// Where a report's numbers are from.
    private struct Evidence: Hashable {
        var fact: Fact
        var metric: Int
        var reporter: CallReport.Reporter
        var dialect: Dialect

        init(_ signal: SignalRow, _ row: CallLedger.Row) {
            fact = signal.fact
            metric = signal.metric
            reporter = row.reporter
            dialect = row.dialect
        }
    }

    /// Notes who the ends of a report are, whether its numbers count or not.
    private func note(_ place: Int, _ row: CallLedger.Row, in sums: inout SignalSums) {
        let signal = assembly.rows[place]
        if !signal.sourcePrincipal.isEmpty { sums.sourcePrincipals.insert(signal.sourcePrincipal) }
        if !signal.destinationPrincipal.isEmpty {
            sums.destinationPrincipals.insert(signal.destinationPrincipal)
        }
        let end = assembly.ledger.ends[Int(row.destination)]
        if row.reporter == .destination, !end.workload.isEmpty {
            sums.workloads.insert(
                .init(cluster: end.cluster, namespace: end.namespace, service: end.workload))
        }
        guard isCaller[place] else { return }
        let cluster = assembly.ledger.reporters[Int(row.reportedBy)]
        if row.dialect.hasResponseFlags {
            sums.callers[cluster, default: SignalSums.Caller()].hasFlags = true
        } else if sums.callers[cluster] == nil {
            sums.callers[cluster] = SignalSums.Caller()
        }
    }

    private func tell(
        _ durations: [Durations], _ histograms: [SignalHistogram.Key: SignalHistogram],
        _ sums: inout [SignalSums]
    ) {
        for part in durations where part.counts {
            guard let histogram = histograms[part.histogram] else { continue }
            var columns = RateColumns<Double>()
            for bucket in histogram.buckets {
                let values = zip(bucket.values, part.shares).map { value, share in
                    share > 0 && !Absent.isAbsent(value) ? value * share : Absent.value
                }
                columns.add(values, to: bucket.bound)
            }
            for subject in part.subjects {
                sums[subject].buckets.append(columns)
                sums[subject].metrics[.latency, default: []].insert(
                    assembly.metrics[histogram.metric])
                sums[subject].sides[.latency, default: []].insert(part.histogram.reporter)
            }
        }
    }
}

extension SignalSums {
    /// Adds calls that ended in one way; or what the callers of a cluster say of their flags.
    fileprivate mutating func add(
        _ values: [Double], _ fact: Fact, _ ending: CallEnding, caller: String?
    ) {
        for part in ending.parts {
            if let caller {
                // Callers whose flags count at no time are none.
                if callers[caller] != nil { callers[caller]?.columns.add(values, to: part) }
            } else if fact == .requests {
                requests.add(values, to: part)
            } else {
                tcp[fact, default: RateColumns()].add(values, to: part)
            }
        }
    }
}
