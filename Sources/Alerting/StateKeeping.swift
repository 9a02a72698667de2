import Rules

/// What keeps the state of alerts beyond the process, and shares it with other gateways.
package protocol StateKeeping: Sendable {
    /// Whether `restoreWaiting` gives anything, for which the series of alerts wait.
    var restoresLate: Bool { get }

    /// Gives a group the state from before the process, before its first evaluation.
    func restore(_ state: inout RuleGroupState, at time: Int64) async

    /// Gives alerts that wait their old times, after the second evaluation.
    func restoreWaiting(_ state: inout RuleGroupState, at time: Int64) async

    /// Takes over what other gateways know for certain and this one does not.
    func adopt(_ state: inout RuleGroupState, at time: Int64) async

    /// Keeps the state after an evaluation, before its alerts are told, and takes over what other
    /// gateways found for certain in the same one.
    func save(_ state: inout RuleGroupState, at time: Int64) async
}

/// Keeps nothing: all begins with the process.
package struct NothingKept: StateKeeping {
    package init() {}

    package var restoresLate: Bool { false }

    package func restore(_ state: inout RuleGroupState, at time: Int64) async {}
    package func restoreWaiting(_ state: inout RuleGroupState, at time: Int64) async {}
    package func adopt(_ state: inout RuleGroupState, at time: Int64) async {}
    package func save(_ state: inout RuleGroupState, at time: Int64) async {}
}
