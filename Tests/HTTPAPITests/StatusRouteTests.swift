import Clusters
import Federation
import HTTPAPI
import Synchronization
import Testing
import TimeSeries
import Upstream

/// The routes about the gateway itself.
@Suite struct StatusRouteTests {
    @Test func theVersionIsThatOfTheSpokenAPI() async throws {
        var settings = HTTPAPISettings()
        settings.version.isthmus = "1.2.3"
        settings.version.revision = "abc"
        settings.version.compiler = "swift6.3"
        try await withServer(settings: settings) { server in
            let answer = try await server.get("/api/v1/status/buildinfo")
            #expect(
                answer.text
                    == #"{"status":"success","data":{"version":"3.14.0","revision":"abc","#
                    + #""branch":"","buildUser":"","buildDate":"","goVersion":"swift6.3","#
                    + #""isthmusVersion":"1.2.3"}}"#)
        }
    }

    @Test func theProcessIsDescribedInPrometheussForm() async throws {
        let cluster = ClusterStatus(
            name: "eu-1", externalLabels: ["cluster": "eu-1"], urls: [],
            retention: .seconds(15 * 86_400))
        try await withServer(dependencies: Canned.dependencies(clusters: [cluster])) { server in
            let answer = try await server.get("/api/v1/status/runtimeinfo")
            #expect(
                answer.text
                    == #"{"status":"success","data":{"startTime":"2023-11-14T22:13:20Z","#
                    + #""CWD":"","hostname":"","serverTime":"2023-11-14T22:13:20Z","#
                    + #""reloadConfigSuccess":true,"lastConfigTime":"2023-11-14T22:13:20Z","#
                    + #""corruptionCount":0,"goroutineCount":0,"GOMAXPROCS":0,"GOMEMLIMIT":0,"#
                    + #""GOGC":"","GODEBUG":"","storageRetention":"15d"}}"#)
        }
    }

    @Test func replicasThatAreLeftAloneAreShown() async throws {
        var cluster = ClusterStatus(
            name: "eu-1", externalLabels: ["cluster": "eu-1"], urls: [],
            jaeger: .init(url: "http://jaeger:16686"))
        var open = ReplicaState(url: "http://a:9090", breaker: .open)
        open.failures = 5
        open.failingFor = .seconds(20)
        open.askedAgainIn = .seconds(4)
        open.reason = "http://a:9090 cannot be reached (connecting)"
        cluster.replicas = [open, ReplicaState(url: "http://b:9090", breaker: .closed)]
        cluster.jaeger?.replica = ReplicaState(url: "http://jaeger:16686", breaker: .halfOpen)
        try await withServer(dependencies: Canned.dependencies(clusters: [cluster])) { server in
            let text = try await server.get("/mesh/v1/clusters").text
            let replicas = #"""
                "replicas":[{"url":"http://a:9090","breaker":"open","failures":5,\#
                "failingSince":"2023-11-14T22:13:00Z","askedAgainAt":"2023-11-14T22:13:24Z",\#
                "reason":"http://a:9090 cannot be reached (connecting)"},\#
                {"url":"http://b:9090","breaker":"closed","failures":0,\#
                "failingSince":null,"askedAgainAt":null,"reason":null}]
                """#
            #expect(text.contains(replicas), "\(text)")
            let jaeger = #""replica":{"url":"http://jaeger:16686","breaker":"half-open","#
            #expect(text.contains(jaeger), "\(text)")
        }
    }

    @Test func theConfigurationIsShownAsText() async throws {
        try await withServer { server in
            let answer = try await server.get("/api/v1/status/config")
            #expect(
                answer.text
                    == #"{"status":"success","data":{"yaml":"global:\n  scrape_interval: 15s\n"}}"#)
        }
    }

    @Test func settingsAreShownByName() async throws {
        var settings = HTTPAPISettings()
        settings.flags = ["query.timeout": "2m", "query.lookback-delta": "5m"]
        try await withServer(settings: settings) { server in
            let answer = try await server.get("/api/v1/status/flags")
            #expect(
                answer.text
                    == #"{"status":"success","data":{"query.lookback-delta":"5m","#
                    + #""query.timeout":"2m"}}"#)
        }
    }

    @Test func featuresAreGroupsOfNames() async throws {
        try await withServer { server in
            let answer = try await server.get("/api/v1/features")
            #expect(answer.text.hasPrefix(#"{"status":"success","data":{"api":{"admin":false,"#))
            #expect(answer.text.contains(#""promql_functions":{"abs":true,"absent":true,"#))
            #expect(answer.text.contains(#""promql_operators":{"!=":true,"#))
            #expect(answer.text.contains(#""info":false"#))
            #expect(answer.text.contains(#""limitk":false"#))
        }
    }

    @Test func experimentalFeaturesAreOnWhereTheSettingsSaySo() async throws {
        var settings = HTTPAPISettings()
        settings.experimentalFunctions = true
        try await withServer(settings: settings) { server in
            let answer = try await server.get("/api/v1/features")
            #expect(answer.text.contains(#""info":true"#))
            #expect(answer.text.contains(#""limitk":true"#))
        }
    }

    @Test func clustersAreShownWithoutPasswords() async throws {
        var known = ClusterState()
        known.reachable = false
        known.versionText = "2.42.0"
        known.latency = .milliseconds(1500)
        known.seriesCount = 12
        known.dataStart = 1000
        known.dataEnd = 2500
        known.lastError = "connection refused"
        known.probedAt = Canned.now
        let clusters = [
            ClusterStatus(
                name: "eu-1", externalLabels: ["cluster": "eu-1", "region": "eu"],
                urls: ["http://me:secret@prom-a:9090/x@y", "http://prom-b:9090"], state: known),
            ClusterStatus(
                name: "us-1", externalLabels: ["cluster": "us-1"], urls: [],
                isInMaintenance: true,
                jaeger: .init(url: "http://me:secret@jaeger:16686", generation: .v3)),
        ]
        try await withServer(dependencies: Canned.dependencies(clusters: clusters)) { server in
            let answer = try await server.get("/mesh/v1/clusters")
            #expect(
                answer.text
                    == #"{"status":"success","data":[{"name":"eu-1","#
                    + #""externalLabels":{"cluster":"eu-1","region":"eu"},"reachable":false,"#
                    + #""maintenance":false,"#
                    + #""version":"2.42.0","latencySeconds":1.5,"series":12,"#
                    + #""dataStart":"1970-01-01T00:00:01Z","dataEnd":"1970-01-01T00:00:02.5Z","#
                    + #""probedAt":"2023-11-14T22:13:20Z","lastError":"connection refused","#
                    + #""urls":["http://prom-a:9090/x@y","http://prom-b:9090"]},"#
                    + #"{"name":"us-1","externalLabels":{"cluster":"us-1"},"reachable":null,"#
                    + #""maintenance":true,"#
                    + #""version":null,"latencySeconds":null,"series":null,"dataStart":null,"#
                    + #""dataEnd":null,"probedAt":null,"lastError":null,"urls":[],"#
                    + #""jaeger":{"url":"http://jaeger:16686","generation":"v3"}}]}"#)
        }
    }

    @Test func metricsAreText() async throws {
        try await withServer { server in
            let answer = try await server.get("/metrics")
            #expect(answer.text == "# TYPE up gauge\nup 1\n")
            #expect(answer["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(answer["x-isthmus-clusters-ok"] == nil)
        }
    }

    @Test func aRunningServerIsHealthyAndReady() async throws {
        try await withServer { server in
            let healthy = try await server.get("/-/healthy")
            #expect(healthy.status == 200)
            #expect(healthy.text == "Isthmus is Healthy.\n")
            let ready = try await server.get("/-/ready")
            #expect(ready.status == 200)
            #expect(ready.text == "Isthmus is Ready.\n")
        }
    }

    @Test func aServerWithoutItsInventoryIsHealthyButNotReady() async throws {
        try await withServer(dependencies: Canned.dependencies(isReady: false)) { server in
            let healthy = try await server.get("/-/healthy")
            #expect(healthy.status == 200)
            let ready = try await server.get("/-/ready")
            #expect(ready.status == 503)
            #expect(ready.text == "Isthmus is not ready: its inventory is not loaded yet.\n")
        }
    }

    @Test func aReloadThatWorksIsSaid() async throws {
        try await withServer { server in
            let answer = try await server.ask("POST", "/-/reload")
            #expect(answer.status == 200)
            #expect(answer.text == "The configuration is in force.\n")
            let put = try await server.ask("PUT", "/-/reload")
            #expect(put.status == 200)
        }
    }

    @Test func aReloadThatDoesNotWorkTellsEveryMistake() async throws {
        let mistakes = ["eu.yaml:3: cluster: empty", "us.yaml: not YAML"]
        try await withServer(dependencies: Canned.dependencies(mistakes: mistakes)) { server in
            let answer = try await server.ask("POST", "/-/reload")
            #expect(answer.status == 500)
            #expect(
                answer.text
                    == "The old configuration stays in force:\n"
                    + "eu.yaml:3: cluster: empty\nus.yaml: not YAML\n")
            #expect(answer["content-type"] == "text/plain; charset=utf-8")
        }
    }
}
