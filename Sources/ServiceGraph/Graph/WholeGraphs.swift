import Meshes
import Synchronization

/// The whole graph of a pass in the view that was asked for last: the next question about the same
/// calls is mostly of the same view.
final class WholeGraphs: Sendable {
    private let last = Mutex<WholeGraph?>(nil)

    func graph(_ view: GraphView) -> WholeGraph? {
        last.withLock { last in last?.view == view ? last : nil }
    }

    func keep(_ graph: WholeGraph) {
        let gone = last.withLock { last in
            defer { last = graph }
            return last
        }
        // A large value is let go of here, not under the lock.
        _ = gone
    }
}
