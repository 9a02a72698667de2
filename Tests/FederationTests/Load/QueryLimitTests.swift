import Federation
import Testing
import TimeSeries

@Suite("What a query may ask for", .timeLimit(.minutes(1)))
struct QueryLimitTests {
    private static let up = #"{"metric":{"__name__":"up","job":"a"},"value":[1000,"1"]}"#

    private func gateway(
        vector: String = up, _ change: (inout QueryLimits) -> Void = { _ in }
    ) throws -> ObservingGateway {
        var limits = QueryLimits()
        change(&limits)
        return try ObservingGateway(
            ["eu-1": .vector(vector), "us-1": .vector(vector)], limits: limits)
    }

    private func failure(
        _ gateway: ObservingGateway, _ query: String, _ times: QueryRequest.Times? = nil
    ) async -> QueryFailure? {
        do throws(QueryFailure) {
            _ = try await gateway.queries.query(
                QueryRequest(
                    expression: query, times: times ?? .instant(ObservingGateway.now),
                    timeout: .seconds(10)))
            return nil
        } catch {
            return error
        }
    }

    @Test func tooManyFragmentsAreSaid() async throws {
        let gateway = try gateway { $0.fragments = 1 }
        #expect(
            await failure(gateway, "sum(up) + count(down)")
                == .execution(
                    "the query asks for 2 fragments, and query.limits.max_fragments is 1"))
        #expect(await failure(gateway, "sum(up)") == nil)
        await gateway.end()
    }

    @Test func tooManyClustersAreSaid() async throws {
        let gateway = try gateway { $0.clusters = 1 }
        #expect(
            await failure(gateway, "up")
                == .execution("the query asks for 2 clusters, and query.limits.max_clusters is 1"))
        #expect(await failure(gateway, #"up{cluster="eu-1"}"#) == nil)
        await gateway.end()
    }

    @Test func aRangeThatIsTooLongIsSaid() async throws {
        let gateway = try gateway { $0.rangeMilliseconds = 3_600_000 }
        #expect(
            await failure(gateway, "up", .range(start: 0, end: 3_601_000, step: 1000))
                == .execution(
                    "the query asks for a range of 1h1s, and query.limits.max_range is 1h"))
        #expect(
            await failure(gateway, "up", .range(start: 0, end: 3_600_000, step: 1000)) == nil)
        await gateway.end()
    }

    @Test func tooManyPointsAreSaid() async throws {
        let gateway = try gateway { $0.points = 10 }
        #expect(
            await failure(gateway, "up", .range(start: 0, end: 10_000, step: 1000))
                == .execution(
                    "the query asks for 11 points for each series, and query.limits.max_points is 10"
                ))
        #expect(await failure(gateway, "up", .range(start: 0, end: 9000, step: 1000)) == nil)
        await gateway.end()
    }

    @Test(arguments: ["up{job=~\"aaaaaa\"}", "sum(rate(up{a!=\"b\", job!~\"aaaaaa\"}[5m])) > 1"])
    func aLongRegularExpressionIsSaid(_ query: String) async throws {
        let gateway = try gateway { $0.patternBytes = 5 }
        #expect(
            await failure(gateway, query)
                == .execution(
                    "the query asks for a regular expression of 6 bytes, and "
                        + "query.limits.max_regex_bytes is 5"))
        #expect(await failure(gateway, "up{job=\"aaaaaa\"}") == nil)
        await gateway.end()
    }

    @Test func deepNestingNamesItsLimit() async throws {
        let gateway = try gateway { $0.nesting = 20 }
        let deep = String(repeating: "(", count: 30) + "up" + String(repeating: ")", count: 30)
        guard case .badData(let message) = await failure(gateway, deep) else {
            Issue.record("it is answered")
            return
        }
        #expect(message.hasSuffix("levels (query.limits.max_nesting)"), "\(message)")
        await gateway.end()
    }

    @Test func whatClustersAnswerIsCountedAsItIsDecoded() async throws {
        let elements = (0..<2000).map {
            #"{"metric":{"__name__":"up","job":"\#($0)"},"value":[1000,"1"]}"#
        }
        let gateway = try gateway(vector: elements.joined(separator: ",")) {
            $0.queryMemoryBytes = 100_000
        }
        guard case .execution(let message) = await failure(gateway, "up") else {
            Issue.record("it is answered")
            return
        }
        #expect(message.hasPrefix("the query asks for "), "\(message)")
        #expect(
            message.hasSuffix(" of memory, and query.limits.max_query_memory is 97.6 KiB"),
            "\(message)")
        // All is given back, and smaller queries are answered.
        #expect(gateway.queries.memory.usedBytes == 0)
        await gateway.end()
    }

    @Test func memoryIsHeldAsLongAsTheAnswer() async throws {
        let gateway = try gateway()
        var answer: QueryAnswer? = try await gateway.ask("up").answer
        #expect(answer?.coverage.present.count == 2)
        #expect(gateway.queries.memory.usedBytes > 0)
        answer = nil
        #expect(gateway.queries.memory.usedBytes == 0)
        await gateway.end()
    }

    @Test func bytesOfAllAnswersAreLimited() async throws {
        let gateway = try gateway { $0.decodedBytes = 150 }
        guard case .execution(let message) = await failure(gateway, "up") else {
            Issue.record("it is answered")
            return
        }
        #expect(message.hasSuffix("query.limits.max_decoded_bytes is 150 bytes"), "\(message)")
        await gateway.end()
    }

    @Test func allQueriesTogetherHaveALimitThatIsTheGatewaysAndNotTheQuerys() async throws {
        var limits = QueryLimits()
        limits.memoryBytes = 1000
        limits.queryMemoryBytes = 900
        let budget = MemoryBudget(limits)
        let first = QueryMemory(budget)
        try first.hold(600)
        var second: QueryMemory? = QueryMemory(budget)
        try second?.hold(400)
        #expect(throws: MemoryRefusal.self) { try second?.hold(1) }
        guard case .overloaded(let message, _)? = second?.failure else {
            Issue.record("it is not refused")
            return
        }
        #expect(message.contains("query.limits.max_memory"), "\(message)")
        // Whoever was refused once holds no more, and the others go on.
        #expect(throws: MemoryRefusal.self) { try second?.hold(1) }
        second = nil
        try first.hold(300)
        #expect(first.failure == nil)
        #expect(throws: MemoryRefusal.self) { try first.hold(1) }
        #expect(budget.usedBytes == 900)
        #expect(budget.takeMost() == 1000)
        first.keep(only: 10)
        #expect(budget.usedBytes == 10)
    }

    @Test func metadataIsCountedToo() async throws {
        let gateway = try gateway { $0.queryMemoryBytes = 10 }
        await #expect(throws: QueryFailure.self) {
            _ = try await gateway.metadata.series(MetadataRequest(selectors: ["up"]))
        }
        #expect(gateway.queries.memory.usedBytes == 0)
        await gateway.end()
    }
}
