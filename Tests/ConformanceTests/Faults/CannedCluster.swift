import Foundation
import Synchronization
import TestSupport

/// A cluster of one series, which can go wrong in any way and be well again at the same address.
/// What it answers to a question is known beforehand: its number, at each time.
final class CannedCluster: Sendable {
    let name: String
    let number: Int
    let port: Int
    private let state = Mutex(State())

    private struct State {
        var fault: ClusterFault?
        var server: FaultServer?
        var hole: BlackHole?
    }

    init(_ number: Int) throws {
        name = "c\(number)"
        self.number = number
        // Below the range of outgoing connections, so that it can be had again.
        port = try Loopback.freePort()
        try heal()
    }

    var url: String { "http://127.0.0.1:\(port)" }

    /// Everything goes wrong from now on; connections are lost.
    func fail(_ fault: ClusterFault) throws {
        release()
        switch fault {
        case .refused: break
        case .blackHole:
            let hole = try BlackHole(port: port)
            state.withLock { $0.hole = hole }
        default: try serve(fault)
        }
    }

    /// All is well again.
    func heal() throws {
        release()
        try serve(nil)
    }

    func end() { release() }

    private func serve(_ fault: ClusterFault?) throws {
        let server = try FaultServer(port: port) { [number] request in
            fault?.steps(instead: request) ?? Self.steps(request, number)
        }
        state.withLock { $0.server = server }
    }

    private func release() {
        let (server, hole) = state.withLock { state in
            defer {
                state.server = nil
                state.hole = nil
            }
            return (state.server, state.hole)
        }
        server?.stop()
        hole?.close()
    }

    // MARK: Answers

    private static func steps(
        _ request: FaultServer.Request, _ number: Int
    ) -> [FaultServer.Step] {
        let parts = request.target.split(separator: "?", maxSplits: 1).map(String.init)
        let form = (parts.count > 1 ? parts[1] : "") + "&" + request.bodyText
        switch parts.first {
        case "/api/v1/query":
            return data(
                #"{"resultType":"vector","result":[{"metric":{"__name__":"up","job":"a"},"#
                    + #""value":[\#(value("time", form) ?? 0),"\#(number)"]}]}"#)
        case "/api/v1/query_range":
            let start = value("start", form) ?? 0
            let step = value("step", form) ?? 1
            let count = Int(((value("end", form) ?? start) - start) / step)
            let values = (0...count).map { #"[\#(start + Double($0) * step),"\#(number)"]"# }
            return data(
                #"{"resultType":"matrix","result":[{"metric":{"__name__":"up","job":"a"},"#
                    + #""values":[\#(values.joined(separator: ","))]}]}"#)
        case "/api/v1/labels": return data(#"["__name__","job","only_\#(number)"]"#)
        case "/api/v1/series":
            return data(#"[{"__name__":"up","job":"a","only_\#(number)":"yes"}]"#)
        case "/api/v1/status/buildinfo": return data(#"{"version":"3.5.0"}"#)
        default: return .answer(status: 404, text: "not here")
        }
    }

    private static func data(_ text: String) -> [FaultServer.Step] {
        .answer(text: #"{"status":"success","data":\#(text)}"#)
    }

    private static func value(_ name: String, _ form: String) -> Double? {
        form.split(separator: "&").first { $0.hasPrefix(name + "=") }
            .flatMap { Double($0.dropFirst(name.count + 1)) }
    }
}
