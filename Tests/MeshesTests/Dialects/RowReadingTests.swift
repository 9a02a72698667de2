import Meshes
import TestSupport
import Testing
import TimeSeries

@Suite("Reading many rows") struct RowReadingTests {
    /// Rows whose labels have one of few values, or none, as a dialect's answers may be at worst.
    private static func rows(of dialect: Dialect, count: Int) -> [(Labels, Double)] {
        var random = SeededGenerator(seed: 7)
        let row = dialect.row
        var values: [String: [String]] = [:]
        for witness in row.witnesses {
            for name in witness.source.names + witness.destination.names {
                values[name, default: []] += [
                    "cart", "unknown", "back.shop.svc.cluster.local", "outbound|80||a.b.svc.c",
                    "spiffe://mesh/ns/a/sa/b",
                ]
            }
            for mark in witness.marks {
                for name in mark.labels { values[name, default: []] += mark.values }
            }
        }
        for name in row.outcome.names {
            values[name, default: []] +=
                ["200", "5", "http", "grpc", "tcp", "UF,URX", "none"] + row.outcome.failures
                + row.outcome.secure
        }
        values["cluster"] = ["eu-1", "us-1"]
        values["le"] = ["+Inf", "5", "much"]
        values["instance"] = ["10.0.0.1:15090"]
        let names = values.keys.sorted()
        return (0..<count).map { number in
            let pairs = names.compactMap { name -> (String, String)? in
                let all = values[name] ?? []
                let place = Int(random.next() % UInt64(all.count + 2))
                return place < all.count ? (name, all[place]) : nil
            }
            return (Labels(pairs), Double(number % 7))
        }
    }

    @Test("Each row is read as it is read alone", arguments: Dialect.allCases)
    func aRowIsWhatItIsAlone(_ dialect: Dialect) {
        var reading = RowReading(dialect)
        var found = 0
        let rows = Self.rows(of: dialect, count: 1500)
        // What was read before is told again.
        for (labels, _) in rows + rows {
            // One that has read nothing before.
            var single = RowReading(dialect)
            let call = single.call(labels)
            guard let row = reading.row(labels) else {
                #expect(call == nil, "\(labels)")
                continue
            }
            found += 1
            let source = reading.sources[Int(row.source)]
            let destination = reading.destinations[Int(row.destination)]
            let outcome = reading.outcomes[Int(row.outcome)]
            #expect(source.end == call?.source, "\(labels)")
            #expect(destination.end == call?.destination, "\(labels)")
            #expect(source.reporter == call?.reporter)
            #expect(source.reportedBy == call?.reportedBy)
            #expect(destination.reporter == call?.reporter)
            #expect(source.principal == call?.sourcePrincipal)
            #expect(destination.principal == call?.destinationPrincipal)
            #expect(outcome.measure == call?.measure, "\(labels)")
            #expect(outcome.security == call?.security, "\(labels)")
            #expect(reading.call(row) == call, "\(labels)")
            let bound = labels["le"].map { NumberText.read($0) }
            #expect((row.bound < 0 ? nil : reading.bounds[Int(row.bound)]) == (bound ?? nil))
        }
        #expect(found > 100)
        #expect(reading.sources.count < found)
    }

    @Test(
        "A graph of batches is the graph of their reports",
        arguments: Dialect.allCases, [Fact.requests, .tcpConnections, .tcpRequestBytes])
    func batchesAreTheirReports(_ dialect: Dialect, _ fact: Fact) {
        let rows = Self.rows(of: dialect, count: 3000) + [(["cluster": "eu-1"], -1)]
        let clusters = ["eu-1", "us-1"]
        var one = CallLedger(clusters: clusters, missing: ["us-1": "away"], maximumReports: 1000)
        var reading = RowReading(dialect)
        for (labels, rate) in rows {
            guard let call = reading.call(labels), call.reportedBy != "us-1" else { continue }
            one.add(call.report(rate: rate, of: fact))
        }
        var other = CallLedger(
            clusters: clusters, missing: ["us-1": "away"], maximumReports: 1000)
        for start in stride(from: 0, to: rows.count, by: 700) {
            var batch = CallBatch(dialect, fact)
            for (labels, rate) in rows[start..<min(start + 700, rows.count)] {
                batch.add(labels, rate: rate)
            }
            other.add(batch, omitting: ["us-1"])
        }
        #expect(one.rejected == other.rejected)
        for view in [GraphView.service, .workload] {
            let shape = GraphShape(view: view, includesIdle: true)
            #expect(one.map(shape).map == other.map(shape).map)
            #expect(!one.map(shape).map.edges.isEmpty)
        }
    }

    @Test("What the proxies of a cluster call it is learnt from their own ends alone")
    func namesOfClustersAreLearnt() {
        var batch = CallBatch(.istio, .requests)
        for reporter in ["source", "destination"] {
            batch.add(
                [
                    "cluster": reporter == "source" ? "east" : "west", "reporter": reporter,
                    "source_cluster": "mesh-1", "destination_cluster": "mesh-2",
                    "source_canonical_service": "a", "destination_service_name": "b",
                ], rate: 1)
        }
        #expect(batch.clusterNames.map(\.name) == ["mesh-1", "mesh-2"])
        #expect(batch.clusterNames.map(\.cluster) == ["east", "west"])
        #expect(batch.reportCount == 2)
    }
}
