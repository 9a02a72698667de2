import Clusters
import JaegerAPI
import Spans

/// Reads the answers of both generations; what is none of them does not fit.
enum JaegerReading {
    static func services(
        _ body: [UInt8], _ generation: JaegerGeneration
    ) throws(UnfittingAnswer) -> [String] {
        try fitting { () throws(ReadingFailure) in
            switch generation {
            case .v1: try V1Answer.services(body)
            case .v3: try V3Answer.services(body)
            }
        }
    }

    static func operations(
        _ body: [UInt8], _ generation: JaegerGeneration
    ) throws(UnfittingAnswer) -> [Operation] {
        try fitting { () throws(ReadingFailure) in
            switch generation {
            case .v1: try V1Answer.operations(body)
            case .v3: try V3Answer.operations(body)
            }
        }
    }

    static func dependencies(_ body: [UInt8]) throws(UnfittingAnswer) -> [ServiceDependency] {
        try fitting { () throws(ReadingFailure) in try V1Answer.dependencies(body) }
    }

    /// The traces of an answer, and whether it broke off within them.
    static func traces(
        _ body: JaegerAnswer.Body, _ generation: JaegerGeneration
    ) throws(UnfittingAnswer) -> V3Answer.Traces {
        try fitting { () throws(ReadingFailure) in
            switch generation {
            case .v1 where body.isCut:
                try V1Answer.trace(beginning: body.bytes, end: body.end)
            case .v1: V3Answer.Traces(traces: try V1Answer.traces(body.bytes), isCut: false)
            case .v3: try V3Answer.traces(body.bytes, mayBeCut: body.isCut)
            }
        }
    }

    private static func fitting<Value>(
        _ read: () throws(ReadingFailure) -> Value
    ) throws(UnfittingAnswer) -> Value {
        do {
            return try read()
        } catch {
            throw .form(error.description)
        }
    }
}
