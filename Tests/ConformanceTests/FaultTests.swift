import Foundation
import Glibc
import TestSupport
import Testing

extension Conformance {
    /// Each costs the answer the cluster's own share and no more.
    @Suite("A cluster that goes wrong")
    struct FaultTests {
        /// What a server does to queries, and what the warning says of it.
        struct Fault: Sendable, CustomTestStringConvertible {
            var name: String
            var behaviour: ScriptedServer.Behaviour
            var cause: String
            /// Whether only the cluster's timeout ends it.
            var isEndless: Bool

            var testDescription: String { name }

            init(
                _ name: String, _ behaviour: ScriptedServer.Behaviour, _ cause: String,
                isEndless: Bool = false
            ) {
                self.name = name
                self.behaviour = behaviour
                self.cause = cause
                self.isEndless = isEndless
            }

            static func json(_ status: Int, _ text: String) -> ScriptedServer.Behaviour {
                .answer(status: status, type: "application/json", body: text)
            }

            static func page(_ status: Int, _ text: String = "no") -> ScriptedServer.Behaviour {
                .answer(status: status, type: "text/html", body: "<html>\(text)</html>")
            }

            static func error(_ status: Int, _ type: String, _ text: String)
                -> ScriptedServer.Behaviour
            {
                json(status, #"{"status":"error","errorType":"\#(type)","error":"\#(text)"}"#)
            }
        }

        static let faults = [
            Fault("accepts and never answers", .silence(), "longer than", isEndless: true),
            Fault("drips", .drip(interval: .milliseconds(50)), "longer than", isEndless: true),
            Fault("resets before the body", .reset(afterBytes: 0), "broke off|reached"),
            Fault("resets half-way", .reset(afterBytes: 600), "broke off"),
            Fault(
                "closes half-way",
                .half(body: #"{"status":"success","data":{"resultType":"vector","result":["#),
                "broke off"),
            Fault("ends too early", Fault.json(200, #"{"status":"success","data":{"#), "ends at"),
            Fault("no JSON", Fault.json(200, "it works!"), "JSON"),
            Fault("invalid JSON", Fault.json(200, #"{"status":"success",,}"#), "JSON"),
            Fault("nothing", Fault.json(200, ""), "JSON|ends at"),
            Fault("another's JSON", Fault.json(200, #"{"hello":"world"}"#), "form"),
            Fault(
                "a wrong shape",
                Fault.json(200, #"{"status":"success","data":{"resultType":"vector","result":7}}"#),
                "form"),
            Fault("a login page", Fault.page(200, "Please sign in"), "HTML|login"),
            Fault("500", Fault.page(500), "500"), Fault("502", Fault.page(502), "502"),
            Fault("503", Fault.page(503), "503"), Fault("429", Fault.page(429), "429"),
            Fault("401", Fault.page(401), "401"), Fault("403", Fault.page(403), "403"),
            Fault("404", Fault.page(404), "404"),
            Fault(
                "its own timeout", Fault.error(503, "timeout", "query timed out"), "503|timed out"),
            Fault("its own trouble", Fault.error(500, "internal", "disk on fire"), "500|disk"),
            Fault(
                "too many samples",
                Fault.error(
                    422, "execution",
                    "query processing would load too many samples into memory in query execution"),
                "limit"),
            Fault("an answer without end", .flood(bytes: 200 << 20), "larger than"),
        ]

        /// What others answer silently short (F-8 of the known failures): counts, averages and
        /// absence without a cluster.
        @Test func whatIsAnsweredWithoutAClusterNamesIt() async throws {
            var members = try await UnionServers.shared.running().memberFiles()
            members.append(IsthmusServer.Member("gone", urls: ["http://127.0.0.1:1"]))
            let gateway = try await IsthmusServer(members)
            for query in [
                "count(up)", "avg(node_load1)", "absent(nonexistent)", "scalar(count(up)) + 1",
                "quantile(0.9, node_load1)", "topk(1, node_load1)",
            ] {
                for time in [QueryTime.instants[0], QueryTime.ranges[0]] {
                    let answer = try await ask(port: gateway.port, query, time)
                    #expect(answer.status == 200 && !answer.isEmpty, "\(query): \(answer.text)")
                    #expect(answer.missingClusters == ["gone"], "\(query)")
                    #expect(answer.warnings.contains { $0.contains("gone") }, "\(query)")
                }
            }
            // Where nobody else can have an answer, absence is no answer.
            let absence = try await ask(
                port: gateway.port, #"absent(up{cluster="gone"})"#, QueryTime.instants[0])
            #expect(absence.status == 503 && absence.missingClusters == ["gone"])
            await gateway.end()
        }

        @Test(arguments: faults)
        func costsItsOwnShare(_ fault: Fault) async throws {
            let port = try await FaultyCluster.realPort()
            let server = try ScriptedServer(FaultyCluster.script(fault.behaviour, realPort: port))
            defer { server.end() }
            let faulty = try await FaultyCluster(
                urls: [server.address], lines: ["timeout: \(fault.isEndless ? 5 : 60)s"],
                configuration: "query:\n  limits:\n    max_response_bytes: 1MB\n")
            let begin = ContinuousClock.now
            try await faulty.expectMissing(fault.cause, .whoIsThere, fault.name)
            // Two queries, each within the cluster's timeout and what a busy machine adds: a drip
            // would take an hour, and what is no timeout is not waited for until there is one.
            #expect(ContinuousClock.now - begin < .seconds(40))
            // As soon as it is well, it is asked again.
            server.setScript { _ in .forward(port: port) }
            try await faulty.gateway.awaitWhole(
                query: "count(up)", at: "\(UnionData.start + 1800)")
            try await faulty.expectWhole(.whoIsThere, fault.name)
            await faulty.gateway.end()
        }

        @Test func aPrometheusThatIsKilledIsMissing() async throws {
            let data = try await UnionServers.shared.running().data
            var options = PrometheusServer.Options()
            options.copiedData = data.memberBlocks[FaultyCluster.name]
            let server = try await PrometheusServer("killed", options)
            let faulty = try await FaultyCluster(urls: [server.address])
            try await faulty.expectWhole()
            server.process.signal(SIGKILL)
            _ = await server.process.ended()
            try await faulty.expectMissing("cannot be reached|broke off")
            await faulty.gateway.end()
            await server.end()
        }

        @Test func aClusterThatNeverWasThereIsMissing() async throws {
            let port = try Loopback.freePort()
            let faulty = try await FaultyCluster(urls: ["http://127.0.0.1:\(port)"])
            try await faulty.expectMissing("cannot be reached")
            await faulty.gateway.end()
        }

        @Test func aRatioIsOfTheSameClustersAboveAndBelow() async throws {
            let port = try await FaultyCluster.realPort()
            let server = try ScriptedServer(
                FaultyCluster.script(
                    Fault.page(500), realPort: port,
                    for: "istio_request_duration_milliseconds_count"))
            defer { server.end() }
            let faulty = try await FaultyCluster(urls: [server.address])
            let name = "istio_request_duration_milliseconds"
            try await faulty.expectMissing(
                "500", .init("sum(rate(\(name)_sum{#}[5m])) / sum(rate(\(name)_count{#}[5m]))"))
            try await faulty.expectMissing(
                "500", .init("sum(rate(\(name)_count{#}[5m])) / sum(rate(\(name)_sum{#}[5m]))"))
            // What does not need that fragment has nothing to say about it.
            try await faulty.expectWhole(.init("sum(rate(\(name)_sum{#}[5m]))"))
            await faulty.gateway.end()
        }

        @Test func aClusterThatNoSelectorCanMatchIsNotMissed() async throws {
            let server = try ScriptedServer { _ in .silence() }
            defer { server.end() }
            let faulty = try await FaultyCluster(urls: [server.address])
            let answer = try await ask(
                port: faulty.gateway.port, "count(up{region=\"eu\"})", FaultyCluster.time)
            #expect(answer.missingClusters.isEmpty)
            #expect(answer.warnings.isEmpty)
            #expect(answer.series.count == 1)
            await faulty.gateway.end()
        }

        @Test(arguments: [(400, "bad_data"), (422, "execution")])
        func aQueryThatAClusterRefusesIsAtFault(_ status: Int, _ type: String) async throws {
            let server = try ScriptedServer(
                FaultyCluster.script(
                    Fault.error(status, type, "I do not like it"),
                    realPort: try await FaultyCluster.realPort()))
            defer { server.end() }
            let faulty = try await FaultyCluster(urls: [server.address])
            let answer = try await ask(
                port: faulty.gateway.port, FaultyCluster.Question.whoIsThere.ofAll,
                FaultyCluster.time)
            #expect(answer.status == status)
            #expect(answer.errorType == type)
            #expect(answer.error?.contains("us-1") == true, "\(answer.text)")
            #expect(answer.error?.contains("I do not like it") == true, "\(answer.text)")
            await faulty.gateway.end()
        }

        @Test func withoutAnyClusterThereIsNoAnswer() async throws {
            var files = try await UnionServers.shared.running().memberFiles()
            for index in files.indices {
                files[index].urls = ["http://127.0.0.1:\(try Loopback.freePort())"]
            }
            let gateway = try await IsthmusServer(files)
            let (endpoint, parameters) = FaultyCluster.time.call("sum(up)")
            for (endpoint, parameters) in [(endpoint, parameters), ("labels", [])] {
                let response = try await gateway.ask(endpoint, parameters)
                #expect(response.status == 503, "\(response.text)")
                #expect(response.text.contains("\"unavailable\""), "\(response.text)")
                #expect(response.missingClusters == ["eu-1", "eu-2", "us-1"])
                #expect(response.presentClusters.isEmpty)
            }
            // The gateway itself is well.
            let ready = try await HTTPCall(port: gateway.port, path: "/-/ready").answer()
            #expect(ready.status == 200)
            await gateway.end()
        }

        @Test func whetherAPartIsWantedIsTheConfigurationsUnlessTheRequestSays() async throws {
            let faulty = try await FaultyCluster(
                urls: ["http://127.0.0.1:\(try Loopback.freePort())"],
                configuration: "query:\n  partial_response: false\n")
            let (endpoint, parameters) = FaultyCluster.time.call("count(up)")
            for (more, status) in [
                ([], 503), ([HTTPCall.Parameter("partial_response", "true")], 200),
            ] {
                let response = try await faulty.gateway.ask(endpoint, parameters + more)
                #expect(response.status == status, "\(response.text)")
                #expect(response.missingClusters == ["us-1"])
            }
            await faulty.gateway.end()
        }

        @Test func theRequestsOwnTimeoutCountsToo() async throws {
            let server = try ScriptedServer(
                FaultyCluster.script(.silence(), realPort: try await FaultyCluster.realPort()))
            defer { server.end() }
            let faulty = try await FaultyCluster(urls: [server.address], lines: ["timeout: 60s"])
            let (endpoint, parameters) = FaultyCluster.time.call("count(up)")
            let begin = ContinuousClock.now
            let response = try await faulty.gateway.ask(
                endpoint, parameters + [.init("timeout", "4s")])
            // The cluster's own would be a minute.
            #expect(ContinuousClock.now - begin < .seconds(30))
            #expect(response.status == 200)
            #expect(response.missingClusters == ["us-1"])
            await faulty.gateway.end()
        }

        @Test(.timeLimit(.minutes(10)))
        func aClientThatLeavesIsNotWorkedForAnyMore() async throws {
            let (asked, wasAsked) = AsyncStream<Void>.makeStream()
            let (closed, wasClosed) = AsyncStream<Void>.makeStream()
            let port = try await FaultyCluster.realPort()
            let server = try ScriptedServer { request in
                guard request.form.contains("left_alone") else { return .forward(port: port) }
                wasAsked.yield()
                return .silence { wasClosed.yield() }
            }
            defer { server.end() }
            let faulty = try await FaultyCluster(urls: [server.address], lines: ["timeout: 50s"])
            let client = try Loopback.connectedSocket(port: faulty.gateway.port)
            let head = "GET /api/v1/query?query=left_alone HTTP/1.1\r\nHost: localhost\r\n\r\n"
            #expect(Loopback.send(Data(head.utf8), to: client))
            for await _ in asked { break }
            close(client)
            let left = ContinuousClock.now
            for await _ in closed { break }
            // It would go on for the cluster's timeout.
            #expect(ContinuousClock.now - left < .seconds(30))
            await faulty.gateway.end()
        }
    }
}
