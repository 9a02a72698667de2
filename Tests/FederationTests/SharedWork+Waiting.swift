import Federation

extension SharedWork {
    /// Returns once so many wait.
    func reaches(waiters count: Int) async {
        while waiterCount < count { await Task.yield() }
    }

    /// Returns once the service runs.
    func isRunning() async {
        while !isOpen { await Task.yield() }
    }
}
