import JaegerAPI
import Spans

/// What must hold for any bytes that are read as an answer of a Jaeger, right or wrong.
public enum TraceFuzz {
    /// What does not hold; nil where all does. It traps where a reader or writer does.
    public static func fault(of bytes: [UInt8]) -> String? {
        _ = try? V1Answer.services(bytes)
        _ = try? V1Answer.operations(bytes)
        _ = try? V1Answer.dependencies(bytes)
        _ = try? V3Answer.services(bytes)
        _ = try? V3Answer.operations(bytes)
        _ = ErrorAnswer.message(bytes)
        return faultOfV1(bytes) ?? faultOfV3(bytes)
    }

    public static func faultOfV1(_ bytes: [UInt8]) -> String? {
        let middle = bytes.count / 2
        _ = try? V1Answer.trace(
            beginning: Array(bytes[..<middle]), end: Array(bytes[(middle / 2)...]))
        do throws(ReadingFailure) {
            return fault(ofWriting: try V1Answer.traces(bytes))
        } catch {
            return fault(of: error, in: bytes)
        }
    }

    public static func faultOfV3(_ bytes: [UInt8]) -> String? {
        do throws(ReadingFailure) {
            let read = try V3Answer.traces(bytes)
            let asFarAsItGoes = try V3Answer.traces(bytes, mayBeCut: true)
            if read.isCut || asFarAsItGoes.isCut || read.traces != asFarAsItGoes.traces {
                return "an answer that is whole is read as one that is cut"
            }
            return fault(ofWriting: read.traces)
        } catch {
            _ = try? V3Answer.traces(bytes, mayBeCut: true)
            return fault(of: error, in: bytes)
        }
    }

    /// A mistake is told inside the bytes, in words.
    private static func fault(of failure: ReadingFailure, in bytes: [UInt8]) -> String? {
        if case .said = failure.problem { return nil }
        if failure.description.isEmpty { return "a mistake without words" }
        return (0...bytes.count).contains(failure.offset)
            ? nil : "\(failure) is told outside of \(bytes.count) bytes"
    }

    /// What is written in the newer form is read as the same spans. The older form says less; what
    /// was read of it is written as it was.
    private static func fault(ofWriting traces: [Trace]) -> String? {
        do throws(ReadingFailure) {
            let third = third(traces)
            let again = try V3Answer.traces(third).traces
            if Set(again.flatMap(\.spans)) != Set(traces.flatMap(\.spans))
                || again.map(\.spans.count) != traces.map(\.spans.count)
                || self.third(again) != third
            {
                return "other spans are read of \(String(decoding: third, as: UTF8.self))"
            }
            let known = first(try V1Answer.traces(first(traces)))
            let same = first(try V1Answer.traces(known))
            if known != same {
                return "\(String(decoding: known, as: UTF8.self)) is written as "
                    + String(decoding: same, as: UTF8.self)
            }
            return nil
        } catch {
            // A document of OTLP stands two levels higher than an answer.
            return error.problem == .depth ? nil : "what was written cannot be read: \(error)"
        }
    }

    private static func first(_ traces: [Trace]) -> [UInt8] {
        let texts = traces.map { V1TraceText.bytes(of: $0) }
        return Array(#"{"data":["#.utf8) + Array(texts.joined(separator: Array(",".utf8)))
            + Array("]}".utf8)
    }

    private static func third(_ traces: [Trace]) -> [UInt8] {
        let texts = traces.map { OTLPTraceText.bytes(of: $0) }
        return Array(#"{"result":{"resourceSpans":["#.utf8)
            + Array(texts.joined(separator: Array(",".utf8))) + Array("]}}".utf8)
    }
}
