import Spans

/// Where calls are found in traces.
enum TracePairing {
    static func slimmed(_ trace: Trace) -> Trace { trace }
    static func crossings(_ fragments: [TraceFragment], id: TraceID) -> [ServiceDependency] { [] }
}
