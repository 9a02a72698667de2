import Planning
import PromQL
import TimeSeries

/// What the gateway's own series answer to a fragment: one more part beside the clusters'.
public struct ObservedPart: Sendable {
    /// Ordered by labels.
    public private(set) var series: [GridSeries] = []
    /// For fragments that want samples.
    public private(set) var samples: [SampleColumns] = []
    public private(set) var remarks = Annotations()
    /// Whether series with equal labels are put together anyway where all parts meet.
    private let isMerged: Bool

    /// `store` holds the gateway's own series; the fragment is asked in the union's words.
    public init(
        of fragment: Fragment, over store: SampleStore, options: SampleOptions = SampleOptions(),
        limits: EvaluationLimits = EvaluationLimits()
    ) throws(EvaluationFailure) {
        isMerged = fragment.questions.contains {
            if case .aggregation = $0 { true } else { false }
        }
        for question in fragment.questions {
            let outcome = try evaluate(
                question, over: store, on: fragment.grid, options: options, limits: limits)
            remarks.add(outcome.annotations)
            switch outcome.value {
            case .vector(let series, _): self.series += series
            case .samples(let samples): self.samples += samples.map(SampleColumns.init)
            case .scalar, .string: preconditionFailure("clusters are asked for vectors")
            }
        }
    }

    public var isEmpty: Bool { series.isEmpty && samples.isEmpty }

    /// Adds the part to what the clusters answered. Of a series that a cluster has too, the
    /// cluster's points count, and these fill the gaps. Returns the labels of such series where the
    /// two met.
    func add(to answer: inout FragmentAnswer) -> [Labels] {
        answer.remarks.add(remarks)
        if isMerged {
            if !series.isEmpty { answer.parts.append(series) }
            return []
        }
        return addSeries(to: &answer) + addSamples(to: &answer)
    }

    private func addSeries(to answer: inout FragmentAnswer) -> [Labels] {
        if series.isEmpty { return [] }
        var rest: [Labels: GridSeries] = [:]
        for one in series { rest[one.labels] = one }
        var met: [Labels] = []
        for part in answer.parts.indices {
            for place in answer.parts[part].indices {
                let labels = answer.parts[part][place].labels
                guard let own = rest.removeValue(forKey: labels) else { continue }
                if answer.parts[part][place].fill(from: own) { met.append(labels) }
            }
        }
        let left = series.filter { rest[$0.labels] != nil }
        if !left.isEmpty { answer.parts.append(left) }
        return met
    }

    private func addSamples(to answer: inout FragmentAnswer) -> [Labels] {
        var met: [Labels] = []
        for var own in samples {
            let place = answer.samples.firstIndex { $0.labels == own.labels }
            guard let place else {
                answer.samples.append(own)
                continue
            }
            met.append(own.labels)
            // What is set later counts.
            own.add(answer.samples[place])
            answer.samples[place] = own
        }
        return met
    }
}

extension FragmentAnswer {
    /// Adds what the gateway's own series answer, after all clusters' answers. Returns the labels of
    /// series that a cluster has points of as well; the cluster's count.
    public mutating func add(_ part: ObservedPart) -> [Labels] { part.add(to: &self) }
}

extension GridSeries {
    /// Takes the points of another series at times without one. Returns whether both had one
    /// somewhere.
    fileprivate mutating func fill(from other: GridSeries) -> Bool {
        var met = false
        let taken = Set(histograms.map(\.index))
        let filling = Dictionary(
            other.histograms.map { ($0.index, $0) }, uniquingKeysWith: { first, _ in first })
        var added: [HistogramPoint] = []
        for index in values.indices {
            let isTaken = !Absent.isAbsent(values[index]) || taken.contains(index)
            if let point = filling[index] {
                if isTaken { met = true } else { added.append(point) }
            } else if !Absent.isAbsent(other.values[index]) {
                if isTaken { met = true } else { values[index] = other.values[index] }
            }
        }
        if !added.isEmpty {
            histograms = (histograms + added).sorted { $0.index < $1.index }
        }
        return met
    }
}
