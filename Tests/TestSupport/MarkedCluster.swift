/// A cluster's Prometheus that answers every question with series that hold a secret, whatever was
/// asked. It has a label of the external label's name, so that it is to be renamed.
package enum MarkedCluster {
    package static func answer(
        to request: ScriptedServer.Request, secret: String
    ) -> ScriptedServer.Behaviour {
        func data(_ text: String) -> ScriptedServer.Behaviour {
            .answer(
                status: 200, type: "application/json",
                body: #"{"status":"success","data":\#(text)}"#)
        }
        func first(_ name: String) -> Substring {
            request.form.split(separator: "&").first { $0.hasPrefix("\(name)=") }?
                .dropFirst(name.utf8.count + 1) ?? "0"
        }
        let one = #"{"__name__":"up","job":"a","secret":"\#(secret)"}"#
        let other = #"{"__name__":"secrets","job":"b","secret":"\#(secret)"}"#
        switch request.path {
        case "/api/v1/query":
            let time = first("time")
            return data(
                #"{"resultType":"vector","result":["#
                    + #"{"metric":\#(one),"value":[\#(time),"1"]},"#
                    + #"{"metric":\#(other),"value":[\#(time),"2"]}]}"#)
        case "/api/v1/query_range":
            return data(
                #"{"resultType":"matrix","result":["#
                    + #"{"metric":\#(one),"values":[[\#(first("start")),"1"]]}]}"#)
        case "/api/v1/status/buildinfo": return data(#"{"version":"3.14.0"}"#)
        case "/api/v1/labels": return data(#"["__name__","job","secret","cluster"]"#)
        case "/api/v1/series": return data("[\(one),\(other)]")
        case "/api/v1/metadata":
            return data(#"{"up":[{"type":"gauge","help":"\#(secret)","unit":""}]}"#)
        case "/api/v1/rules":
            return data(
                #"{"groups":[{"name":"\#(secret)","file":"f","interval":1,"rules":[]}]}"#)
        case "/api/v1/alerts":
            return data(
                #"{"alerts":[{"labels":{"alertname":"\#(secret)"},"annotations":{},"#
                    + #""state":"firing","activeAt":"2026-01-01T00:00:00Z","value":"1"}]}"#)
        case let path where path.hasPrefix("/api/v1/label/"): return data(#"["\#(secret)"]"#)
        case "/api/services", "/api/services/x/operations":
            return .answer(
                status: 200, type: "application/json",
                body: #"{"data":["\#(secret)"],"total":1,"limit":0,"offset":0,"errors":null}"#)
        default: return .answer(status: 404, type: "text/plain", body: secret)
        }
    }
}
