import Federation
import Glibc
import ServiceLifecycle

/// What the system lets the process have.
enum ProcessLimits {
    /// Cores that it may run on.
    static var cores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// Lets the process open as many files as it may: each connection is one, and what is usual
    /// without is a thousand. Where that is refused, the usual stays.
    static func raiseOpenFiles() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

/// Gives memory that queries held back to the system once they are over. The allocator keeps it
/// otherwise, for queries that may never come again.
struct MemoryReturn: Service {
    let budget: MemoryBudget

    /// For less it is not worth looking through all that is free.
    private static let leastBytes = 32 << 20
    private static let interval = Duration.seconds(5)

    /// What glibc gives memory back with; it is not among the functions that Swift sees.
    private static func trim() {
        guard let symbol = dlsym(nil, "malloc_trim") else { return }
        typealias Trim = @convention(c) (Int) -> CInt
        _ = unsafeBitCast(symbol, to: Trim.self)(0)
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var most = 0
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.interval)
                most = max(most, budget.takeMost())
                // While as much is held, nothing is there to give back.
                guard most >= Self.leastBytes, budget.usedBytes <= most / 2 else { continue }
                Self.trim()
                most = budget.usedBytes
            }
        }
    }
}
