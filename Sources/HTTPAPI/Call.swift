import Federation
import PrometheusAPI
import TimeSeries

/// A request as a route's handler sees it.
struct Call: Sendable {
    var parameters: FormValues
    /// The route's path, as the table of routes has it.
    var route = ""
    /// Whether an answer may lack clusters where the request does not say, as is set for its client;
    /// nil where nothing is.
    var partialResponse: Bool?
    /// What stands in the place of the route's `<name>`.
    var name = ""
    /// The body, where the route takes one that is no form.
    var document: [UInt8] = []
    /// Milliseconds since the Unix epoch.
    var now: Int64
    /// Whether the client takes remembered answers.
    var cacheUse = CacheUse.allowed
    /// What the client says in `Accept`.
    var accept: [String] = []
    /// What the client says in `If-None-Match`.
    var heldTags: [String] = []
    /// The name of the client that asks, where it has to say so: whoever shares out what there is
    /// counts by it.
    var client: String?

    /// The first value of a parameter.
    subscript(_ name: String) -> String? { parameters[name] }

    /// A parameter that is true or false, the way Go reads one; `standard` where it is absent.
    func flag(_ name: String, standard: Bool) throws(ErrorResponse) -> Bool {
        guard let text = parameters[name], !text.isEmpty else { return standard }
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": return true
        case "0", "f", "F", "false", "FALSE", "False": return false
        default:
            throw .badData(
                "invalid parameter \"\(name)\": strconv.ParseBool: parsing "
                    + "\(GoText.quoted(text)): invalid syntax")
        }
    }
}
