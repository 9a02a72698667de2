import JaegerAPI
import PrometheusAPI
import Spans

extension TraceSummary {
    /// As API v3 writes it: what is zero or empty is left out.
    var json: JSONValue {
        var members = [JSONValue.Member("traceId", .string(id.hexadecimal))]
        members.add("rootServiceName", rootService)
        members.add("rootOperationName", rootOperation)
        members.add("minStartTimeUnixNano", start == 0 ? "" : String(start))
        members.add("maxEndTimeUnixNano", end == 0 ? "" : String(end))
        members.add("spanCount", spanCount)
        members.add("errorSpanCount", errorCount)
        members.add("orphanSpanCount", orphanCount)
        if !services.isEmpty {
            members.append(.init("services", .array(services.map(\.json))))
        }
        return .object(members)
    }
}

extension TraceSummary.Service {
    fileprivate var json: JSONValue {
        var members: [JSONValue.Member] = []
        members.add("name", name)
        members.add("spanCount", spanCount)
        members.add("errorSpanCount", errorCount)
        return .object(members)
    }
}

extension [JSONValue.Member] {
    fileprivate mutating func add(_ name: String, _ text: String) {
        if !text.isEmpty { append(.init(name, .string(text))) }
    }

    fileprivate mutating func add(_ name: String, _ count: Int) {
        if count != 0 { append(.init(name, .integer(Int64(count)))) }
    }
}
