import Clusters
import Evaluation
import Planning
import PromQL
import TimeSeries

/// Several servers in memory behind the gateway's planning and evaluation, and the union of them.
package struct MemoryFleet: Sendable {
    package struct Member: Sendable {
        package var scope: ClusterScope
        package var server: MemoryServer

        package init(scope: ClusterScope, server: MemoryServer) {
            self.scope = scope
            self.server = server
        }
    }

    /// In inventory order.
    package var members: [Member]

    package init(members: [Member]) { self.members = members }

    /// Deals series to clusters; `deal` gives each a place. Their labels stay as they are, each
    /// cluster has `cluster` and `region` besides.
    package init(dealing series: [MemoryServer.Series], over count: Int, _ deal: (Int) -> Int) {
        var servers = [MemoryServer](repeating: MemoryServer(), count: count)
        for (index, one) in series.enumerated() { servers[deal(index)].series.append(one) }
        members = servers.enumerated().map { index, server in
            Member(
                scope: ClusterScope(
                    id: ClusterID("c\(index)"),
                    externalLabels: ["cluster": "c\(index)", "region": "r\(index % 2)"],
                    capabilities: Capabilities(version: [3, 14, 0])),
                server: server)
        }
    }

    /// One server that holds everything, as if it had scraped it.
    package var union: MemoryServer {
        var result = MemoryServer()
        for member in members {
            for var series in member.server.series {
                let external = member.scope.externalLabels
                series.labels = series.labels.exporting(external).setting(external)
                result.series.append(series)
            }
        }
        return result
    }

    /// What the gateway answers: planned, asked of each member in its own words, merged.
    package func answer(_ expression: Expression, on grid: TimeGrid) throws -> EvaluationOutcome {
        var course = QueryCourse(
            expression, on: grid, fleet: FleetScope(members.map(\.scope)))
        while true {
            let plan = try course.nextPlan()
            let answers = try plan.fragments.map(answer(to:))
            let inputs = EvaluationInputs(fragments: answers)
            if let outcome = try course.outcome(of: plan, inputs: inputs) { return outcome }
        }
    }

    private func answer(to fragment: Fragment) throws -> FragmentAnswer {
        var result = FragmentAnswer(parts: [])
        for request in fragment.requests {
            guard let member = members.first(where: { $0.scope.id == request.cluster }) else {
                continue
            }
            // What is sent is text, so that is what is read.
            let options = ParseOptions(experimentalFunctions: true)
            let times = QueryTimes(
                start: fragment.grid.start, end: fragment.grid.end, step: fragment.grid.step,
                defaultSubqueryStep: 60_000)
            let expression = try parse(request.query, options: options).resolved(in: times)
            let outcome = try member.server.answer(expression, on: fragment.grid)
            result.remarks.add(outcome.annotations)
            switch outcome.value {
            case .vector(let series, _):
                result.parts.append(
                    series.map {
                        GridSeries(
                            labels: $0.labels.exporting(request.renamedLabels)
                                .setting(request.addedLabels), values: $0.values)
                    }.sorted { $0.labels < $1.labels })
            case .samples(let samples):
                result.samples += samples.map { series in
                    var columns = SampleColumns(series)
                    columns.labels = series.labels.exporting(request.renamedLabels)
                        .setting(request.addedLabels)
                    return columns
                }
            case .scalar, .string: throw NotInMemory(reason: "a fragment that is no vector")
            }
        }
        return result
    }
}
