import ServiceLifecycle
import UnixSignals

/// Looks at the inventory's files every few seconds.
struct FileWatch: Service {
    let keeper: InventoryKeeper

    private static let interval = Duration.seconds(3)
    /// The time between two looks that must find the same.
    private static let settling = Duration.milliseconds(300)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let pause = keeper.hasPendingChange ? Self.settling : Self.interval
                try? await Task.sleep(for: pause)
                guard !Task.isCancelled else { return }
                await keeper.reloadIfChanged()
            }
        }
    }
}

/// Reads the inventory again on SIGHUP.
struct HangupWatch: Service {
    let keeper: InventoryKeeper

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() {
            _ = await keeper.reload(.signal)
        }
    }
}
