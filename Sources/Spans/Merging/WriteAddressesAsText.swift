/// Writes the attributes `ip` and `peer.ipv4` as four numbers where old recorders packed an address
/// into one, as Jaeger does (`adjuster/ipattribute.go`).
@Sendable func writeAddressesAsText(_ trace: inout MergingTrace) {
    for index in trace.resources.indices {
        trace.resources[index].attributes.writeAddressesAsText()
    }
    for index in trace.spans.indices where trace.spans[index].attributes.containsAddress {
        trace.spans[index].attributes.writeAddressesAsText()
    }
}

extension Attribute {
    fileprivate var isAddress: Bool { key == "ip" || key == "peer.ipv4" }
}

extension [Attribute] {
    fileprivate var containsAddress: Bool { contains { $0.isAddress } }

    fileprivate mutating func writeAddressesAsText() {
        for index in indices where self[index].isAddress {
            let packed: UInt32
            switch self[index].value {
            case .int(let number): packed = UInt32(truncatingIfNeeded: number)
            case .double(let number):
                // What Go makes of others differs between processors.
                guard let number = UInt32(exactly: number.rounded(.towardZero)) else { continue }
                packed = number
            default: continue
            }
            let bytes = [24, 16, 8, 0].map { String(packed >> $0 & 255) }
            self[index].value = .string(bytes.joined(separator: "."))
        }
    }
}
