import ServiceLifecycle
import UnixSignals

/// Looks at all files every few seconds.
struct FileWatch: Service {
    let keepers: [FileKeeper]

    private static let interval = Duration.seconds(3)
    /// The time between two looks that must find the same.
    private static let settling = Duration.milliseconds(300)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let hasPendingChange = keepers.contains(where: \.hasPendingChange)
                let pause = hasPendingChange ? Self.settling : Self.interval
                try? await Task.sleep(for: pause)
                guard !Task.isCancelled else { return }
                for keeper in keepers { await keeper.reloadIfChanged() }
            }
        }
    }
}

/// Reads all files again on SIGHUP.
struct HangupWatch: Service {
    let keepers: [FileKeeper]

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() {
            for keeper in keepers { _ = await keeper.reload(.signal) }
        }
    }
}
