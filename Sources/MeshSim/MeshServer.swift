import Hummingbird
import Logging

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Serves what each cluster's Prometheus scrapes and what its Jaeger answers, one port a cluster.
struct MeshServer {
    /// A cluster and the port it answers at.
    struct Door {
        var profile: ClusterProfile
        var port: Int
    }

    var topology: Topology
    var tracePlan: TracePlan
    var host: String
    var doors: [Door]
    var logger: Logger

    /// Serves until SIGINT or SIGTERM.
    func run() async throws {
        let busy = doors.map(\.port).filter { !isFree(port: $0) }
        guard busy.isEmpty else { throw PortsInUse(host: host, ports: busy) }
        let mesh = TracedMesh(topology: topology, sampling: tracePlan.sampling)
        var applications = doors.map { application($0, mesh) }
        guard var first = applications.popLast() else { return }
        first.addServices(applications)
        try await first.runService()
    }

    private func application(
        _ door: Door, _ mesh: TracedMesh
    ) -> Application<RouterResponder<BasicRequestContext>> {
        let writer = ExpositionWriter(
            metricFamilies(of: door.profile, in: topology), format: .prometheus)
        let plan = topology.plan
        let router = Router()
        router.get("metrics") { _, _ in
            let text = writer.scrape(at: plan.seconds(at: currentTime()))
            return Response(
                status: .ok,
                headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: text)))
        }
        FaultRoutes(topology: topology).add(to: router)
        ControlPlaneRoutes(profile: door.profile, topology: topology).add(to: router)
        MeshTruthRoutes(truth: MeshTruth(topology: topology)).add(to: router)
        let name = door.profile.name
        let store = TraceStore(cluster: name, plan: tracePlan, mesh: mesh)
        TraceRoutes(
            answers: JaegerAnswers(store: store, generation: tracePlan.generation(of: name))
        ).add(to: router)
        router.get("") { _, _ in
            "meshsim: the simulated cluster \(name). Its metrics are at /metrics, its Jaeger at"
                + " /jaeger, its control plane at /control-plane, what can go wrong is at /faults,"
                + " what really happens at /mesh/truth.\n"
        }
        let logger = logger
        let address = "http://\(host):\(door.port)/metrics"
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return Application(
            router: router,
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: door.port), serverName: "meshsim"),
            onServerRunning: { _ in logger.info("\(name) answers at \(address)") },
            logger: quiet)
    }

    /// Whether nobody listens at this port. Asked beforehand because the error of a server that
    /// fails to start does not say which port it wanted.
    private func isFree(port: Int) -> Bool {
        #if canImport(Glibc)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        // Names and IPv6 are left to the server itself.
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { return true }
        var reuse: Int32 = 1
        setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size)
            }
        }
        return result == 0 || errno != EADDRINUSE
    }
}

/// Ports that somebody else listens at.
struct PortsInUse: Error, CustomStringConvertible {
    var host: String
    var ports: [Int]

    var description: String {
        let list = ports.map(String.init).joined(separator: ", ")
        return ports.count == 1
            ? "Port \(list) of \(host) is in use. Choose another with --base-port."
            : "Ports \(list) of \(host) are in use. Choose others with --base-port."
    }
}

/// Now, in milliseconds since the Unix epoch.
func currentTime() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}
