import Clusters
import Federation
import MeshHealth
import TimeSeries

/// A question to the metrics of all clusters.
struct MetricQuestion: Hashable, Sendable {
    enum About: Hashable, Sendable {
        case presence(MetricSource)
        case earlier(MetricSource)
        case rule(HealthRule)
        case certificates(CertificateQuery)
        case connected
        case versions
    }

    var about: About
    /// PromQL.
    var text: String

    /// What is asked first: which parts of meshes there are at all.
    static let first: [MetricQuestion] =
        MetricSource.allCases.flatMap { source in
            [MetricQuestion(about: .presence(source), text: source.presenceText)]
                + (source.earlierText.map { [MetricQuestion(about: .earlier(source), text: $0)] }
                    ?? [])
        } + [
            MetricQuestion(about: .connected, text: HealthPicture.connectedText),
            MetricQuestion(about: .versions, text: VersionSkew.query),
        ]

    static let certificates: [MetricQuestion] = CertificateQuery.all.map {
        MetricQuestion(about: .certificates($0), text: $0.text)
    }

    /// The rules that may have something to say: not those of parts that no cluster has, nor has had
    /// within the hour.
    static func about(_ rules: [HealthRule], after replies: [MetricReply]) -> [MetricQuestion] {
        var absent = Set(MetricSource.allCases)
        for source in MetricSource.allCases {
            for about in [About.presence(source), .earlier(source)] {
                guard let reply = replies.first(where: { $0.question.about == about }) else {
                    continue
                }
                // Whoever did not say may have it.
                if reply.isUnanswered || !reply.samples.isEmpty { absent.remove(source) }
            }
        }
        return rules.filter { !absent.contains($0.source) }.map {
            MetricQuestion(about: .rule($0), text: $0.text)
        }
    }
}

/// What came of a question.
struct MetricReply: Sendable {
    var question: MetricQuestion
    /// Nil where nobody answered.
    var value: QueryValue?
    var coverage: Coverage

    /// Whether nothing is known: not even by whom it was not answered.
    var isUnanswered: Bool { value == nil && coverage.missing.isEmpty }

    /// The answer, empty where all clusters are missing from it; nil where it is not known who is.
    var answer: MetricAnswer? {
        if isUnanswered { return nil }
        let empty = QueryValue.vector([], grid: TimeGrid(instant: 0))
        return MetricAnswer(
            value ?? empty, missing: Set(coverage.missing.map(\.cluster.name)))
    }

    var samples: [MetricSample] { value.map(MetricSample.all) ?? [] }
}
