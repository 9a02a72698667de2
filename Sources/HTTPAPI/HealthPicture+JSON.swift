import Clusters
import ControlPlane
import Federation
import MeshHealth
import PrometheusAPI
import TimeSeries

// Control planes as `/mesh/v1/control-plane` tells them. What is not known is null, which is not zero;
// times are seconds since the Unix epoch.

extension ControlPlaneReport {
    /// The members of the answer's data. `clusters` are all that there are.
    func parts(
        _ selection: ControlPlaneSelection, clusters: [String], missing: [Coverage.Missing]
    ) -> [DocumentChunks.Part] {
        let fleet = selection.fleet(of: picture, all: clusters)
        let shown = selection.shown(fleet)
        let issues = picture.issues.filter { selection.includes($0.component) }
        let slices = Set(picture.slices)
        let proxies = picture.proxies.filter { selection.includes($0.key) }
            .sorted { $0.key < $1.key }
        return [
            .member("state", .string(fleet.state.rawValue)),
            .member("observedAt", observedAt.map { .seconds($0) } ?? .null),
            .member("totals", Self.totals(fleet, issues)),
            .written("clusters", count: shown.count) { shown[$0].write(to: &$1) },
            .written("issues", count: issues.count) { issues[$0].write(to: &$1) },
            .written("proxies", count: proxies.count) { place, bytes in
                let (component, sync) = proxies[place]
                sync.write(component, isSlice: slices.contains(component), to: &bytes)
            },
            .member("missing", .array(missing.map(\.json))),
        ]
    }

    private static func totals(_ fleet: FleetHealth, _ issues: [ConfigurationIssue]) -> JSONValue {
        func counts(_ states: [ComponentState]) -> JSONValue {
            .object(
                ComponentState.allCases.map { state in
                    .init(state.rawValue, .integer(Int64(states.count { $0 == state })))
                })
        }
        let severities = IssueSeverity.allCases.reversed().map { severity in
            JSONValue.Member(
                severity.name, .integer(Int64(issues.count { $0.severity == severity })))
        }
        return [
            "clusters": counts(fleet.clusters.map(\.state)),
            "components": counts(fleet.clusters.flatMap(\.components).map(\.state)),
            "issues": .object(severities),
        ]
    }
}

extension HealthPicture {
    /// One sentence for each list that is not whole, because it has a limit.
    var omissions: [String] {
        var sentences: [String] = []
        if omittedCertificates > 0 {
            sentences.append(
                "\(omittedCertificates) further certificates are left out, none of them worse than "
                    + "those that are told (control_plane.max_certificates)")
        }
        if omittedProxies > 0 {
            sentences.append(
                "\(omittedProxies) further proxies are counted and not looked at, none of them worse "
                    + "than those that are (control_plane.max_proxies)")
        }
        if omittedIssues > 0 {
            sentences.append(
                "\(omittedIssues) further issues that metrics tell are left out: a rule found more "
                    + "than are kept")
        }
        return sentences
    }
}

extension ClusterHealth {
    fileprivate func write(to bytes: inout [UInt8]) {
        var object = ObjectWriter(&bytes)
        object.member("cluster", cluster, to: &bytes)
        object.member("state", state.rawValue, to: &bytes)
        object.list("components", components, to: &bytes) { $0.write(to: &$1) }
        object.end(&bytes)
    }
}

extension ComponentHealth {
    fileprivate func write(to bytes: inout [UInt8]) {
        var object = ObjectWriter(&bytes)
        object.member("mesh", id.mesh.rawValue, to: &bytes)
        object.member("component", id.name, to: &bytes)
        object.member("state", state.rawValue, to: &bytes)
        object.list("details", [detail] + findings.map(\.detail), to: &bytes)
        object.list("evidence", evidence, to: &bytes) { $0.json.append(to: &$1) }
        object.list("unanswered", metrics?.unanswered ?? [], to: &bytes)
        object.list("instances", instances, to: &bytes) { $0.write(to: &$1) }
        object.end(&bytes)
    }

    private var findings: [MetricFinding] { metrics?.findings ?? [] }

    /// Of what is amiss: what probes tell, then what metrics do.
    private var evidence: [Evidence] {
        let readings = instances.flatMap(\.readings).filter { $0.state != .healthy }
        return readings.map(\.evidence) + findings.map(\.evidence)
    }
}

extension InstanceHealth {
    fileprivate func write(to bytes: inout [UInt8]) {
        var object = ObjectWriter(&bytes)
        object.member("instance", target.instance, to: &bytes)
        object.member("state", believed.rawValue, to: &bytes)
        object.member("latestState", state.rawValue, to: &bytes)
        object.member("version", version, to: &bytes)
        object.list("details", details, to: &bytes)
        let facts = readings.map(\.finding.facts)
        if let leader = facts.lazy.compactMap(\.leader).first {
            object.member("leader", .text(leader), to: &bytes)
        }
        if let servers = facts.lazy.compactMap(\.servers).first {
            object.list("servers", servers, to: &bytes) { $0.json.append(to: &$1) }
        }
        if let remotes = facts.lazy.compactMap(\.remoteClusters).first {
            object.list("remoteClusters", remotes, to: &bytes) { $0.json.append(to: &$1) }
        }
        object.list("probes", readings, to: &bytes) { $0.write(to: &$1) }
        object.end(&bytes)
    }
}

extension ProbeReading {
    fileprivate func write(to bytes: inout [UInt8]) {
        var object = ObjectWriter(&bytes)
        object.member("probe", probe.rawValue, to: &bytes)
        object.member("path", probe.path, to: &bytes)
        object.member("state", state.rawValue, to: &bytes)
        object.member("problem", finding.problem?.rawValue, to: &bytes)
        object.member("detail", finding.detail, to: &bytes)
        object.member("status", status.map { .integer(Int64($0)) }, to: &bytes)
        let (seconds, attoseconds) = latency.components
        // Whole microseconds: nobody wants more digits.
        let micros = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        object.member("latencyMilliseconds", Double(micros) / 1000, to: &bytes)
        object.member("at", .seconds(observedAt), to: &bytes)
        object.end(&bytes)
    }
}

extension ConsulServer {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "address": .text(address), "version": .text(version),
            "leader": .bool(isLeader), "voter": .bool(isVoter), "healthy": .bool(isHealthy),
            "serf": .text(serfStatus),
        ]
    }
}

extension RemoteClusterSync {
    fileprivate var json: JSONValue {
        ["cluster": .string(cluster), "status": .text(status), "state": .string(state.rawValue)]
    }
}

extension ConfigurationIssue {
    fileprivate func write(to bytes: inout [UInt8]) {
        var object = ObjectWriter(&bytes)
        object.member("kind", kind.rawValue, to: &bytes)
        object.member("severity", severity.name, to: &bytes)
        object.member("cluster", component.cluster, to: &bytes)
        object.member("mesh", component.mesh.rawValue, to: &bytes)
        object.member("component", component.name, to: &bytes)
        object.member("subject", .text(subject), to: &bytes)
        object.member("count", count, to: &bytes)
        object.member("detail", .text(detail), to: &bytes)
        object.member("meaning", kind.meaning, to: &bytes)
        object.member("action", kind.remedy, to: &bytes)
        object.list("evidence", evidence, to: &bytes) { $0.json.append(to: &$1) }
        object.end(&bytes)
    }
}

extension SyncReport {
    /// How many proxies are connected to an istiod's replicas, and what these have of what was sent.
    fileprivate func write(
        _ component: ComponentID, isSlice: Bool, to bytes: inout [UInt8]
    ) {
        var object = ObjectWriter(&bytes)
        object.member("cluster", component.cluster, to: &bytes)
        object.member("mesh", component.mesh.rawValue, to: &bytes)
        object.member("component", component.name, to: &bytes)
        object.member("connected", connected, to: &bytes)
        object.member(
            "stale", proxies.count { $0.resources.contains { $0.status == .stale } }, to: &bytes)
        object.member("rejecting", rejecting.count, to: &bytes)
        object.member("omitted", omitted, to: &bytes)
        object.member("slice", isSlice, to: &bytes)
        object.list("missingReplicas", missingReplicas, to: &bytes)
        var versions: [String: Int] = [:]
        for proxy in proxies { versions[proxy.version ?? "", default: 0] += 1 }
        let counts = versions.sorted { $0.key < $1.key }.map { version, count -> JSONValue in
            ["version": .text(version), "proxies": .integer(Int64(count))]
        }
        object.member("versions", .array(counts), to: &bytes)
        object.end(&bytes)
    }
}

extension Evidence {
    var json: JSONValue {
        switch origin {
        case .probe(let path, let instance):
            [
                "source": "probe", "instance": .string(instance), "path": .string(path),
                "text": .text(text),
            ]
        case .metric(let query):
            ["source": "metric", "query": .string(query), "text": .text(text)]
        case .handshake(let address):
            ["source": "handshake", "address": .string(address), "text": .text(text)]
        }
    }
}

extension Coverage.Missing {
    var json: JSONValue {
        ["cluster": .string(cluster.name), "cause": .string(cause), "message": .string(message)]
    }
}
