import Foundation
import TestSupport
import Testing

/// `isthmus serve` before a cluster whose control plane it watches.
@Suite struct ControlPlaneServingTests {
    /// An istiod, and a Prometheus that has no series.
    private static func answer(to path: String) -> String {
        switch path {
        case "/ready": ""
        case "/version": "1.29.1"
        case "/debug/syncz", "/debug/clusterz": "[]"
        case "/debug/push_status": "{}"
        case "/api/v1/status/buildinfo": #"{"status":"success","data":{"version":"3.1.0"}}"#
        default: #"{"status":"success","data":{"resultType":"vector","result":[]}}"#
        }
    }

    @Test func whatIsWatchedIsInTheRoutesTheMetricsAndTheQueries() async throws {
        let cluster = try ScriptedServer { request in
            .answer(
                status: 200, type: "application/json", body: Self.answer(to: request.path))
        }
        defer { cluster.end() }
        let directory = try TemporaryDirectory("control-plane")
        defer { directory.remove() }
        let gone = try Loopback.freePort()
        try directory.write(
            """
            cluster: eu-1
            prometheus: {urls: ["\(cluster.address)"]}
            control_plane:
              - {kind: istiod, timeout: 5s, urls: ["\(cluster.address)", "http://127.0.0.1:\(gone)"]}

            """, to: "eu-1.yaml")
        let config = try directory.write(
            "control_plane: {interval: 1s, timeout: 1s}\n", to: "isthmus.conf")
        let port = try Loopback.freePort()
        let process = try ChildProcess(
            "isthmus", executable: try IsthmusServer.binary(),
            arguments: [
                "serve", "--clusters", directory.path + "/", "--config", config, "--listen",
                "127.0.0.1:\(port)",
            ], outputPath: directory.file("output"), errorsPath: directory.file("log"))
        @Sendable func get(_ path: String) async -> String {
            (try? await HTTPCall(port: port, path: path).answer().text) ?? ""
        }
        try await awaitProcess(process, "the look") {
            await get("/mesh/v1/control-plane").contains(#""state":"degraded","observedAt":1"#)
        }
        let report = await get("/mesh/v1/control-plane")
        #expect(report.contains(#""mesh":"istio","component":"istiod","state":"degraded""#))
        #expect(report.contains(#""state":"unreachable""#))
        #expect(await get("/mesh/v1/clusters").contains(#""controlPlane":{"state":"degraded","#))
        let series =
            #"mesh_control_plane_state{cluster="eu-1",component="istiod",mesh="istio","#
        let metrics = await get("/metrics")
        #expect(metrics.contains("\n" + series + #"state="degraded"} 1"# + "\n"))
        #expect(metrics.contains("\n# TYPE mesh_control_plane_state gauge\n"))
        #expect(
            await get("/api/v1/query?query=mesh_control_plane_state%7Bstate=%22degraded%22%7D")
                .contains(#""component":"istiod""#))
        #expect(await get("/mesh/v1/certificates").contains(#""certificates":[]"#))
        let shown = try await IsthmusCommand.run([
            "control-plane", "--server", "http://127.0.0.1:\(port)", "--instances",
        ])
        #expect(shown.status == 0)
        #expect(shown.output.contains("127.0.0.1:\(gone)"))
        await process.end()
    }
}
