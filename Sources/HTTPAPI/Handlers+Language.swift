import PromQL
import PrometheusAPI

extension Handlers {
    // `/api/v1/format_query`
    func formatQuery(_ call: Call) throws(ErrorResponse) -> Answer {
        let expression = try parsedQuery(call)
        return Answer(data: .string(expression.prettyPrinted))
    }

    // `/api/v1/parse_query`
    func parseQuery(_ call: Call) throws(ErrorResponse) -> Answer {
        let tree = try parsedQuery(call).treeJSON
        return Answer(
            .bytes(Array(#"{"status":"success","data":\#(tree)}"#.utf8)), type: .json)
    }

    private func parsedQuery(_ call: Call) throws(ErrorResponse) -> Expression {
        do {
            return try parse(
                call["query"] ?? "",
                options: ParseOptions(experimentalFunctions: settings.experimentalFunctions))
        } catch {
            throw .badData("invalid parameter \"query\": \(error)")
        }
    }
}
