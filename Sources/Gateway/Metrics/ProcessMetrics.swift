import Glibc
import TimeSeries

/// What the kernel and the build say about this process, under the names that Prometheus's client
/// libraries use.
struct ProcessMetrics: Sendable {
    let version: String
    /// Seconds since the Unix epoch; nil where the kernel does not say.
    private let startTime: Double?

    init(version: String) {
        self.version = version
        startTime = Self.readStartTime()
    }

    func families() -> [MetricFamily] {
        var families: [MetricFamily] = [
            .single(
                "isthmus_build_info", .gauge, "Always 1; the labels say what was built.", 1,
                labels: ["version": version]),
            .single(
                "process_cpu_seconds_total", .counter,
                "Total user and system CPU time spent in seconds.", Self.processorSeconds()),
        ]
        func add(_ name: String, _ help: String, _ value: Double?) {
            guard let value else { return }
            families.append(.single(name, .gauge, help, value))
        }
        let pages = DiskFile.textFields(of: "/proc/self/statm")
        let pageBytes = Double(sysconf(Int32(_SC_PAGESIZE)))
        func bytes(_ field: Int) -> Double? {
            pages.count > field ? Double(pages[field]).map { $0 * pageBytes } : nil
        }
        add(
            "process_start_time_seconds",
            "Start time of the process since unix epoch in seconds.", startTime)
        add("process_virtual_memory_bytes", "Virtual memory size in bytes.", bytes(0))
        add("process_resident_memory_bytes", "Resident memory size in bytes.", bytes(1))
        add("process_open_fds", "Number of open file descriptors.", Self.openDescriptors())
        add(
            "process_max_fds", "Maximum number of open file descriptors.",
            Self.maximumDescriptors())
        return families
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// The machine's start and, in ticks after it, the process' own.
    private static func readStartTime() -> Double? {
        let lines = DiskFile.text(of: "/proc/stat")?.split(separator: "\n") ?? []
        guard let boot = lines.first(where: { $0.hasPrefix("btime ") })?.split(separator: " ").last,
            let bootSeconds = Double(boot),
            // The name, which may hold spaces, ends at the last parenthesis.
            let status = DiskFile.text(of: "/proc/self/stat"),
            let end = status.lastIndex(of: ")")
        else { return nil }
        let fields = status[status.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let ticks = Double(fields[19]) else { return nil }
        return bootSeconds + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func openDescriptors() -> Double? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Not counted: the directory itself, its parent, and the descriptor that reads it.
        return Double(max(0, count - 3))
    }

    private static func maximumDescriptors() -> Double? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return nil
        }
        return Double(limit.rlim_cur)
    }
}
